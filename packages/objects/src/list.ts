import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListPage, ObjectHead } from './object-store.ts'

/** One page of the files below `root`, in byte order of their paths, without reading folders that cannot hold any of it. */
export async function listFiles(root: string, prefix: string, after: string, limit: number): Promise<ListPage> {
  const objects: ObjectHead[] = []
  for await (const key of keysBelow(root, '', prefix, after)) {
    if (objects.length === limit) return { objects, next: objects.at(-1)!.key }
    const found = await stat(join(root, key)).catch(ignoreAbsent)
    if (found !== undefined) objects.push({ key, bytes: found.size })
  }
  return { objects }
}

async function* keysBelow(root: string, folder: string, prefix: string, after: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(ignoreAbsent)
  // A folder sorts as its name with the slash, as its keys do.
  const names = (entries ?? []).map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
  for (const name of names.sort()) {
    if (!name.startsWith(prefix) && !(name.endsWith('/') && prefix.startsWith(name))) continue
    if (!name.endsWith('/')) {
      if (name > after) yield name
    } else if (name > after || after.startsWith(name)) {
      yield* keysBelow(root, name, prefix, after)
    }
  }
}

/** For promises about files that may be gone: undefined instead of ENOENT. */
export function ignoreAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined
  throw error
}
