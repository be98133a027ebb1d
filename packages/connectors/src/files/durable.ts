import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file in one step: it is the new one or the old one, whatever happens, and on the disk. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const half = `${path}.half`
  const handle = await open(half, 'w', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(half, path)
  await syncFolder(dirname(path))
}

/** Puts on the disk what names a folder holds. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
