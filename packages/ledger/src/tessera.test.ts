import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { someLeaves } from '../test/naive.ts'
import { localTileStore } from './local-tile-store.ts'
import { createLog } from './log.ts'
import { ed25519Signer } from './note.ts'
import { memoryLock } from './testing.ts'

/**
 * Path of the program `fsck` of github.com/transparency-dev/tessera (Go): it derives the root again from every tile and
 * bundle. Build it with `go build github.com/transparency-dev/tessera/cmd/fsck`.
 */
const program = process.env['HUITONG_TESSERA_FSCK']
if (program === undefined) {
  // oxlint-disable-next-line no-console -- a skipped referee must be seen
  console.warn('SKIPPED: HUITONG_TESSERA_FSCK does not name the fsck program of Tessera')
}

test.skipIf(program === undefined)(
  'Tessera accepts our log and refuses it with one byte changed',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'huitong-tessera-'))
    try {
      const signer = ed25519Signer('log.example/2026', Buffer.alloc(32, 5))
      const store = localTileStore(join(folder, 'log'))
      const log = await createLog({ origin: signer.name, store, lock: memoryLock(), signers: [signer] })
      const leaves = someLeaves(66_000)
      await log.appendBatch(leaves.slice(0, 300))
      await log.appendBatch(leaves.slice(300, 65_700))
      await log.appendBatch(leaves.slice(65_700))
      await writeFile(join(folder, 'key'), signer.verifierKey)
      // On a damaged log version 1.0.4 stops without ending, so not having said "Successfully" in time is its refusal.
      const accepts = async (): Promise<boolean> => {
        const args = [`-storage_url=file://${folder}/log/`, `-public_key=${folder}/key`, '-ui=false']
        const run = promisify(execFile)(program!, args, { timeout: 8000 })
        const output = await run.catch((error: unknown) => error as { stderr: string })
        return output.stderr.includes('Successfully fsck')
      }
      expect(await accepts()).toBe(true)
      const path = join(folder, 'log/tile/entries/100')
      const bundle = await readFile(path)
      bundle[20]! ^= 1
      await writeFile(path, bundle)
      expect(await accepts()).toBe(false)
      bundle[20]! ^= 1
      await writeFile(path, bundle)
      expect(await accepts()).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  },
  60_000,
)
