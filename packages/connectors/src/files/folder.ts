import { type BigIntStats, type Dirent, constants } from 'node:fs'
import { lstat, open, readdir, realpath, type FileHandle } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { filePathFault } from '@huitong/segment'
import { ConnectorError } from '../errors.ts'
import { UNFINISHED } from './places.ts'

/** Deepest folder below the one that is given, and most files in all of them. */
export const DEPTH_MAX = 32
export const FOLDER_FILES_MAX = 100_000
/** Files that are held back and named; all are counted. */
const HELD_LISTED_MAX = 100

/** Why a file stays where it is. */
export type HeldReason = 'name' | 'link' | 'special' | 'unreadable' | 'changing' | 'digest'

/** A file as it lies there; another content has another one of these, as far as a file system tells. */
export interface FileState {
  readonly bytes: bigint
  readonly modifiedNs: bigint
  readonly changedNs: bigint
  readonly inode: bigint
  readonly device: bigint
}
export interface FoundFile extends FileState {
  /** Path from the folder with `/`. */
  readonly path: string
}

/** Files that are not taken: all counted, some named. */
export class HeldFiles {
  #count = 0
  readonly #listed: { readonly path: string; readonly reason: HeldReason }[] = []
  add(path: string, reason: HeldReason): void {
    this.#count++
    if (this.#listed.length < HELD_LISTED_MAX) this.#listed.push({ path, reason })
  }
  get count(): number {
    return this.#count
  }
  get listed(): readonly { readonly path: string; readonly reason: HeldReason }[] {
    return this.#listed
  }
}

/** The tables of a folder of files as they are have names that end so; `./` is the root itself. */
export const isFolderName = (name: string): boolean => name.endsWith('/')

/** The real path of a folder below the root. @throws ConnectorError `file_refused`, `table_missing`, `unreachable`. */
export async function findFolder(root: string, name: string): Promise<string> {
  const inner = name === './' ? '' : name.replace(/\/$/, '')
  if (!isFolderName(name) || (inner !== '' && filePathFault(inner) !== null))
    throw new ConnectorError('file_refused', 'not a plain path of a folder', { place: { file: printable(name) } })
  const base = await realpath(root).catch((cause: unknown) => {
    throw new ConnectorError('unreachable', `no folder: ${codeOf(cause)}`, { place: { file: root }, cause })
  })
  const path = join(base, inner)
  const real = await realpath(path).catch(() => null)
  if (real === null) throw new ConnectorError('table_missing', 'no such folder', { place: { file: name } })
  if (real !== path) throw new ConnectorError('file_refused', 'a link, not a folder', { place: { file: name } })
  return real
}

/**
 * All files below a folder, in order of path. Links, devices, pipes and names that cannot travel are held; what is being
 * written by its name is passed over.
 * @throws ConnectorError `file_denied`, `unreachable` when the folder itself cannot be listed; `file_refused` over the limit.
 */
export async function listFolder(folder: string, held: HeldFiles): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  const walk = async (at: Buffer, path: string, depth: number): Promise<void> => {
    for (const entry of await entriesOf(at, path, held)) {
      const raw = entry.name as unknown as Buffer
      const name = raw.toString('utf8')
      const inner = path === '' ? name : `${path}/${name}`
      if (UNFINISHED.test(name)) continue
      // A name that is no UTF-8 would come back as another one.
      if (!Buffer.from(name, 'utf8').equals(raw) || filePathFault(inner) !== null) held.add(printable(inner), 'name')
      else if (entry.isSymbolicLink()) held.add(inner, 'link')
      else if (entry.isDirectory()) {
        if (depth >= DEPTH_MAX) held.add(inner, 'name')
        else await walk(Buffer.concat([at, Buffer.from('/'), raw]), inner, depth + 1)
      } else if (!entry.isFile()) held.add(inner, 'special')
      else {
        const state = await stateOf(join(folder, inner))
        if (state !== null) found.push({ path: inner, ...state })
        if (found.length > FOLDER_FILES_MAX)
          throw new ConnectorError('file_refused', `more than ${FOLDER_FILES_MAX} files in the folder`, {
            place: { file: folder },
          })
      }
    }
  }
  await walk(Buffer.from(folder), '', 0)
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function entriesOf(at: Buffer, path: string, held: HeldFiles): Promise<Dirent[]> {
  try {
    return (await readdir(at, { withFileTypes: true, encoding: 'buffer' })) as unknown as Dirent[]
  } catch (cause) {
    const code = codeOf(cause)
    if (path !== '') {
      if (code !== 'ENOENT') held.add(path, 'unreadable')
      return []
    }
    const denied = code === 'EACCES' || code === 'EPERM'
    throw new ConnectorError(denied ? 'file_denied' : 'unreachable', `cannot list: ${code}`, {
      place: { file: at.toString() },
      cause,
    })
  }
}

/** How a file lies there now; null when it is gone or no plain file any more. */
export async function stateOf(path: string): Promise<FileState | null> {
  const stats = await lstat(path, { bigint: true }).catch(() => null)
  return stats !== null && stats.isFile() ? stateFrom(stats) : null
}

const stateFrom = ({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): FileState => ({
  bytes: size,
  modifiedNs: mtimeNs,
  changedNs: ctimeNs,
  inode: ino,
  device: dev,
})

export const isSameState = (a: FileState, b: FileState): boolean =>
  a.bytes === b.bytes &&
  a.modifiedNs === b.modifiedNs &&
  a.changedNs === b.changedNs &&
  a.inode === b.inode &&
  a.device === b.device

/**
 * Opens a file that was found, the very one: neither through a link nor another that took its place.
 * Null when it is not that file any more. @throws ConnectorError `file_denied` that names it.
 */
export async function openFound(folder: string, file: FoundFile): Promise<FileHandle | null> {
  const path = join(folder, file.path)
  let handle: FileHandle
  try {
    // Without blocking, or a pipe that took its place would hold us for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'EACCES' || code === 'EPERM')
      throw new ConnectorError('file_denied', code, { place: { file: file.path }, cause })
    if (['ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO'].includes(code)) return null
    throw new ConnectorError('bad_file', `cannot open: ${code}`, { place: { file: file.path }, cause })
  }
  const stats = await handle.stat({ bigint: true })
  const real = await realpath(path).catch(() => null)
  if (stats.isFile() && isSameState(stateFrom(stats), file) && real?.startsWith(folder + sep)) return handle
  await handle.close()
  return null
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** A name as people may be shown it. */
export const printable = (name: string): string =>
  name
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, (sign) => `\\x${sign.codePointAt(0)!.toString(16).padStart(2, '0')}`)
    .toWellFormed()
    .slice(0, 1000)
