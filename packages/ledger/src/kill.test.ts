import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileLock, killEntry, killSigner } from '../test/kill-child.ts'
import { fsck } from './fsck.ts'
import { localTileStore } from './local-tile-store.ts'
import { createLog, openLog } from './log.ts'
import { fetchEntries } from './tiles.ts'

const CHILD = join(import.meta.dirname, '../test/kill-child.ts')
const KILLS = Number(process.env['LEDGER_KILLS'] ?? 12)

/** Lets the child append for some milliseconds after its first acknowledgement, kills it, returns the last acknowledged size. */
async function runAndKill(folder: string, ms: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  await once(child.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, ms))
  child.kill('SIGKILL')
  await once(child, 'close')
  return Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1))
}

test(`kill -9 at ${KILLS} random moments: no acknowledged entry is lost, and the log is whole`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'huitong-kill-'))
  try {
    const store = localTileStore(join(folder, 'log'))
    const options = { origin: killSigner.name, store, lock: fileLock(join(folder, 'lock')), signers: [killSigner] }
    await createLog(options)
    let size = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await runAndKill(folder, Math.random() * 60)
      expect(acknowledged).toBeGreaterThan(size)
      ;({ size } = await openLog(options).recover())
      expect(size).toBeGreaterThanOrEqual(acknowledged)
      const checkpoint = await readFile(join(folder, 'lock'))
      const fetch = store.fetch.bind(store)
      expect(await fsck({ fetch, checkpoint, verifiers: [killSigner.verifier] })).toMatchObject({ ok: true, size })
    }
    for (let bundle = 0; bundle * 256 < size; bundle++) {
      const entries = await fetchEntries((path) => store.fetch(path), size, bundle)
      for (const [i, entry] of entries.entries()) {
        expect(Buffer.compare(entry, killEntry(bundle * 256 + i)), `entry ${bundle * 256 + i}`).toBe(0)
      }
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}, 600_000)
