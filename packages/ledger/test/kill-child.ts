/** Appends batches for ever and prints each acknowledged size; the kill test ends it at a random moment. */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ed25519Signer, localTileStore, openLog } from '../src/index.ts'
import type { CheckpointLock } from '../src/index.ts'

/** A durable lock in one file, for a single process at a time. */
export function fileLock(path: string): CheckpointLock {
  const fetch = async (): Promise<string | undefined> => await readFile(path, 'utf8').catch(() => undefined)
  return {
    fetch,
    compareAndSwap: async (expected, next) => {
      if ((await fetch()) !== expected) return false
      const handle = await open(`${path}.new`, 'w')
      await handle.writeFile(next)
      await handle.sync()
      await handle.close()
      await rename(`${path}.new`, path)
      return true
    },
  }
}

/** Entry `index` of the test log, so that its content can be checked later. */
export function killEntry(index: number): Uint8Array {
  return Buffer.from(`entry ${index}`)
}

export const killSigner = ed25519Signer('log.example/kill', Buffer.alloc(32, 4))

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2]!
  const log = openLog({
    origin: killSigner.name,
    store: localTileStore(join(folder, 'log')),
    lock: fileLock(join(folder, 'lock')),
    signers: [killSigner],
  })
  let { size } = await log.recover()
  for (;;) {
    const count = 1 + ((size * 7) % 400)
    size = (await log.appendBatch(Array.from({ length: count }, (_, i) => killEntry(size + i)))).size
    process.stdout.write(`${size}\n`)
  }
}
