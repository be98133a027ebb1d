import { expect, test } from 'vitest'
import { someLeaves } from '../test/naive.ts'
import { signCheckpoint } from './checkpoint.ts'
import { fsck } from './fsck.ts'
import { createLog } from './log.ts'
import { ed25519Signer } from './note.ts'
import { memoryLock, memoryTileStore } from './testing.ts'
import { encodeBundle } from './tiles.ts'
import { hashLeaf } from './tree.ts'

const origin = 'log.example/2026'
const signer = ed25519Signer(origin, Buffer.alloc(32, 5))
const verifiers = [signer.verifier]
const SIZE = 256 * 256 + 700

async function makeLog(): Promise<{ store: ReturnType<typeof memoryTileStore>; checkpoint: string }> {
  const store = memoryTileStore()
  const log = await createLog({ origin, store, lock: memoryLock(), signers: [signer] })
  await log.appendBatch(someLeaves(60_000))
  const { checkpoint } = await log.appendBatch(someLeaves(SIZE).slice(60_000))
  return { store, checkpoint }
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 4 : byte))
}

test('each damaged file of a log is named', async () => {
  const { store, checkpoint } = await makeLog()
  const fetch = store.fetch
  expect(await fsck({ fetch, checkpoint, verifiers })).toMatchObject({ ok: true, size: SIZE, bundles: 259, tiles: 262 })
  const cases: [string, number, object][] = [
    ['tile/0/000', 0, { path: 'tile/0/000', index: 0 }],
    ['tile/0/100', 8191, { path: 'tile/0/100', index: 100 * 256 + 255 }],
    ['tile/0/258.p/188', 40, { path: 'tile/0/258.p/188', index: 258 * 256 + 1 }],
    ['tile/1/000', 32 * 9, { path: 'tile/1/000', index: 9 * 256 }],
    ['tile/1/001.p/2', 0, { path: 'tile/1/001.p/2', index: 65_536 }],
    ['tile/2/000.p/1', 5, { path: 'tile/2/000.p/1', index: 0 }],
    ['tile/entries/007', 2, { path: 'tile/0/007', index: 7 * 256 }],
    ['tile/entries/007', 0, { code: 'bad_tile', path: 'tile/entries/007' }],
  ]
  for (const [path, at, expected] of cases) {
    const good = store.files.get(path)!
    store.files.set(path, flip(good, at))
    expect(await fsck({ fetch, checkpoint, verifiers }), path).toMatchObject({ ok: false, ...expected })
    store.files.delete(path)
    expect(await fsck({ fetch, checkpoint, verifiers }), path).toMatchObject({ ok: false, code: 'tile_missing', path })
    store.files.set(path, good)
  }
  const swapped = store.files.get('tile/0/001')!
  store.files.set('tile/0/001', store.files.get('tile/0/002')!)
  expect(await fsck({ fetch, checkpoint, verifiers })).toMatchObject({ ok: false, path: 'tile/0/001', index: 256 })
  store.files.set('tile/0/001', swapped.subarray(0, 100 * 32))
  expect(await fsck({ fetch, checkpoint, verifiers })).toMatchObject({ ok: false, path: 'tile/0/001' })
})

test('an entry rewritten together with its leaf tile is caught one level up; a whole rewritten log by the root', async () => {
  const { store, checkpoint } = await makeLog()
  const leaves = someLeaves(512).slice(256)
  leaves[3] = Buffer.from('rewritten')
  store.files.set('tile/entries/001', encodeBundle(leaves))
  store.files.set('tile/0/001', Buffer.concat(leaves.map(hashLeaf)))
  const result = await fsck({ fetch: store.fetch, checkpoint, verifiers })
  expect(result).toMatchObject({ ok: false, path: 'tile/1/000', index: 256 })

  const forged = await makeLog()
  const root = hashLeaf(Buffer.from('another'))
  const note = await signCheckpoint({ origin, size: SIZE, root }, [signer])
  const whole = await fsck({ fetch: forged.store.fetch, checkpoint: note, verifiers })
  expect(whole).toMatchObject({ ok: false, path: 'checkpoint' })
})

test('a checkpoint that nobody trusted signed is not even started on', async () => {
  const { store, checkpoint } = await makeLog()
  const stranger = ed25519Signer(origin, Buffer.alloc(32, 1))
  const result = await fsck({ fetch: store.fetch, checkpoint, verifiers: [stranger.verifier] })
  expect(result).toMatchObject({ ok: false, code: 'no_trusted_signature', path: 'checkpoint' })
})
