import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SealedSegment } from '@huitong/segment'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seal, startRun, useChannel, type Run } from '../../../../../tests/harness/exchange.ts'
import { refused } from '../../../../../tests/harness/guards.ts'
import { settle } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { objectKey } from '../engine/index.ts'

const canMount = process.getuid?.() === 0 && process.platform === 'linux'
if (!canMount) console.warn('SKIPPED: a full disk needs root on Linux, to mount a small one')

describe.skipIf(!canMount)('the disk of the segments is full', () => {
  const prepared = useChannel({ engine: false, jobs: true })
  const { platform } = prepared
  let run: Run
  let folder = ''
  const filler = () => join(folder, 'filler')

  beforeAll(async () => {
    run = await startRun(platform, prepared.ground, prepared.channel)
    await settle(platform.server)
    folder = join(platform.dataDir, 'objects')
    const aside = mkdtempSync(join(tmpdir(), 'huitong-objects-'))
    cpSync(folder, aside, { recursive: true })
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { encoding: 'utf8' })
    expect(mounted.stderr).toBe('')
    cpSync(aside, folder, { recursive: true })
    rmSync(aside, { recursive: true, force: true })
  })
  afterAll(() => void spawnSync('umount', ['-l', folder]))

  /** Takes what is free to the last block. */
  function fill(): void {
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(filler(), Buffer.alloc(bavail * bsize))
    expect(statfsSync(folder).bavail).toBe(0)
  }
  const provider = () => prepared.ground.provider
  const digestOf = (segment: SealedSegment) => segment.signed.manifest.sealedDigest
  /** Text that does not compress. */
  const next = (previous: SealedSegment | null) =>
    seal(run.read.input, provider().signing, [['1', randomBytes(300_000).toString('base64'), '33']], {
      previous: previous?.signed ?? null,
      final: false,
    })
  async function stored(segment: SealedSegment): Promise<string> {
    const hash = createHash('sha256')
    for await (const chunk of await platform.server.services.objects.get(objectKey(digestOf(segment))))
      hash.update(chunk as Buffer)
    return hash.digest('hex')
  }

  const isKnown = (segment: SealedSegment) =>
    platform.server.services.db.read(SYSTEM_ROWS, async (db) => {
      const sought = sql<{ n: number }>`select count(*)::int as n from segment where digest = ${digestOf(segment)}`
      return (await db.one(sought)).n === 1
    })

  test('507: refused, nothing that was acknowledged is lost, and it goes on where it stood when there is space', async () => {
    const first = await next(null)
    const receipt = await provider().upload(first)
    const second = await next(first)
    const third = await next(second)
    const half = Math.floor(second.sealed.length / 2)
    const rest = second.sealed.subarray(half)
    await provider().announce(second)
    await provider().append(digestOf(second), 0, second.sealed.subarray(0, half))

    fill()
    for (let tries = 0; tries < 3; tries++)
      await refused(provider().append(digestOf(second), half, rest), 'storage.full')
    await refused(provider().announce(third), 'storage.full')
    expect(await isKnown(third)).toBe(false)
    // What was acknowledged stands and is told again; what had come of the second is kept.
    expect(await provider().announce(first)).toEqual({ offset: first.sealed.length, receipt })
    expect(await stored(first)).toBe(digestOf(first))
    expect(await provider().announce(second)).toEqual({ offset: half, receipt: null })

    rmSync(filler())
    expect((await provider().append(digestOf(second), half, rest)).receipt).toContain(digestOf(second))
    expect(await provider().upload(third)).toContain(digestOf(third))
    for (const one of [first, second, third]) expect(await stored(one)).toBe(digestOf(one))
  })

  test('the ledger catches up with what was done meanwhile', async () => {
    await settle(platform.server)
  })
})
