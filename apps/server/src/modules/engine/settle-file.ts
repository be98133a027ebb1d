import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FatalDurabilityError } from '@huitong/objects'

/** Moves a whole file to its place: durable before it is named, and its name durable when this resolves. */
export async function settleFile(from: string, to: string): Promise<void> {
  await sync(from)
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
