import { type Dirent, type Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { ConnectorError } from '../errors.ts'

/** Deepest folder that is looked into. */
const DEPTH_MAX = 8
/** Files that are still being written, or are an editor's own. */
export const UNFINISHED = /^[.~]|\.(?:part|partial|tmp|temp|crdownload|filepart)$/i
/** Files that can be read as tables. */
export const READABLE = /\.(?:csv|tsv|txt|xlsx|jsonl|ndjson|xml)$/i

/** A file inside the root, and what tells whether it changed. */
export interface Place {
  /** Path from the root with `/`. */
  readonly name: string
  readonly path: string
  readonly stats: Stats
}

/** Files that may be read, in order of name. @throws ConnectorError `unreachable` when the root cannot be listed. */
export async function listFiles(root: string, filesMax: number): Promise<{ names: string[]; truncated: boolean }> {
  const names: string[] = []
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (depth > DEPTH_MAX) return
    for (const entry of await entriesOf(folder)) {
      if (names.length > filesMax || UNFINISHED.test(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) await walk(path, depth + 1)
      else if (entry.isFile() && READABLE.test(entry.name)) names.push(relative(root, path).split(sep).join('/'))
    }
  }
  await walk(root, 0)
  names.sort()
  return { names: names.slice(0, filesMax), truncated: names.length > filesMax }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new ConnectorError(code === 'EACCES' ? 'permission_denied' : 'unreachable', `cannot list: ${code}`, { cause })
  }
}

/**
 * The file that `name` means. It must lie inside the root also after links are followed, and be finished.
 * @throws ConnectorError `table_missing`, `file_refused`.
 */
export async function findFile(root: string, name: string): Promise<Place> {
  const parts = name.split('/')
  if (
    name.includes('\0') ||
    name.includes('\\') ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw new ConnectorError('file_refused', 'not a plain path')
  }
  if (UNFINISHED.test(basename(name)) || !READABLE.test(name))
    throw new ConnectorError('file_refused', 'not a finished table file')
  try {
    const [base, path] = await Promise.all([realpath(root), realpath(join(root, name))])
    if (!path.startsWith(base + sep)) throw new ConnectorError('file_refused', 'outside the folder')
    const stats = await stat(path)
    if (!stats.isFile()) throw new ConnectorError('table_missing', 'not a file')
    return { name, path, stats }
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause
    throw new ConnectorError('table_missing', 'cannot open', { place: { table: name }, cause })
  }
}
