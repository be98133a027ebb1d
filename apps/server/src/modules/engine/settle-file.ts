import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FatalDurabilityError } from '@huitong/objects'

/** Moves a whole file to its place: durable before it is named, and its name durable when this resolves. */
export async function settleFile(from: string, to: string): Promise<void> {
  await sync(from)
  await rename(from, to)
  await sync(dirname(to))
}

/** The same for a folder of whole files, in place of one that may be there. */
export async function settleFolder(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) await sync(join(from, name))
  await sync(from)
  await rm(to, { recursive: true, force: true })
  await rename(from, to)
  await sync(dirname(to))
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } catch (error) {
    throw new FatalDurabilityError(path, { cause: error })
  } finally {
    await handle.close()
  }
}
