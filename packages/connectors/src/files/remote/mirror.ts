import { createHash } from 'node:crypto'
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  utimes,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError } from '../../errors.ts'
import { syncFolder, writeWhole } from '../durable.ts'
import { codeOf, HeldFiles, type HeldReason } from '../folder.ts'
import { SETTLE_SECONDS } from '../settled-files.ts'
import type { RemoteFile, RemoteLook, RemotePlace } from './place.ts'

/** What each file here is a copy of, by path. */
type Index = Record<string, string>
const INDEX = '.huitong-mirror.json'
/** So much stays free for everything else on the disk of the node. */
const RESERVE_BYTES = 1024 ** 3
/** A file that has lain for so long by the clock of its place is not waited for. */
const OLD_MS = 86_400_000
/** After so many files it is written down which are here; what a crash leaves out is fetched again. */
const KEEP_FILES = 500
const SYNC_BYTES = 64 * 1024 * 1024

/** What a mirror could not bring. */
export interface Mirrored {
  /** Files that cannot travel, with the reason. */
  readonly held: HeldFiles
  /** Wanted files whose newest content is not here: still being written, or changed on the way. */
  readonly missed: ReadonlySet<string>
}

export interface MirrorOptions {
  /** Which files are brought; of the others those that are here already stay while the place has them. */
  readonly wanted: (path: string) => boolean
  /** How long a file must lie unchanged, by two looks of our own; nothing is waited for in a place that is atomic. */
  readonly settleSeconds?: number | undefined
  readonly signal: AbortSignal
  /** Bytes of a file that are here. */
  readonly report?: (path: string, bytes: number) => void
}

/**
 * Makes a folder of this machine a copy of a remote one: what is new or other is fetched beside its place, goes on where a
 * broken line left it, and gets its name when it is whole and on the disk; what is gone there is removed here. A file that
 * is still being written is left for a later time. One call at a time for a folder.
 * @throws ConnectorError of the place; `scratch_full`.
 */
export async function mirror(place: RemotePlace, folder: string, options: MirrorOptions): Promise<Mirrored> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const held = new HeldFiles()
  const first = await place.list((path, reason) => held.add(path, reason))
  const index = await readIndex(folder)
  const keep = () => writeWhole(join(folder, INDEX), JSON.stringify(index), 0o600)
  const there = new Map(first.files.map((file) => [file.path, file]))
  const missing = first.files.filter(({ path, version }) => options.wanted(path) && index[path] !== version)
  // Forgotten before they are replaced: after a crash in between nobody could tell which content lies here.
  for (const path of [...Object.keys(index).filter((one) => !there.has(one)), ...missing.map((one) => one.path)])
    delete index[path]
  await keep()
  await removeLeftovers(folder, first)
  for (const path of first.folders) await mkdir(join(folder, path), { recursive: true, mode: 0o700 })
  const missed = new Set(missing.map(({ path }) => path))
  let brought = 0
  try {
    for (const file of place.isAtomic ? missing : await settledOf(place, missing, options)) {
      const why = await fetchFile(place, folder, file, options)
      if (why !== null) {
        held.add(file.path, why)
        continue
      }
      missed.delete(file.path)
      index[file.path] = file.version
      if (++brought % KEEP_FILES === 0) await keep()
    }
  } finally {
    if (brought > 0) await keep()
  }
  return { held, missed }
}

/** Those of the files that look the same twice, so many seconds apart. */
async function settledOf(
  place: RemotePlace,
  files: readonly RemoteFile[],
  { settleSeconds, signal }: MirrorOptions,
): Promise<readonly RemoteFile[]> {
  const isYoung = ({ modifiedMs }: RemoteFile) => Math.abs(Date.now() - modifiedMs) < OLD_MS
  if (!files.some(isYoung)) return files
  await sleep((settleSeconds ?? SETTLE_SECONDS) * 1000, undefined, { signal })
  const now = new Map((await place.list(() => undefined)).files.map((file) => [file.path, file.version]))
  return files.filter(({ path, version }) => now.get(path) === version)
}

/** What a file of a place can be that does not keep the others from being brought. */
const LEFT: Readonly<Record<string, HeldReason>> = {
  source_changed: 'changing',
  table_missing: 'changing',
  file_denied: 'unreadable',
}

/** Fetches one file; answers why it stays where it is, or null. */
async function fetchFile(
  place: RemotePlace,
  folder: string,
  file: RemoteFile,
  { report, signal }: MirrorOptions,
): Promise<HeldReason | null> {
  const path = join(folder, file.path)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const part = partOf(folder, file)
  const handle = await open(part, 'a', 0o600)
  try {
    const { size } = await handle.stat()
    const have = size > file.bytes ? 0 : size
    if (have < size) await handle.truncate(0)
    await requireSpace(folder, file, have)
    await append(place, file, handle, have, (bytes) => {
      signal.throwIfAborted()
      report?.(file.path, bytes)
    })
    await handle.sync()
  } catch (error) {
    const isOfPlace = error instanceof ConnectorError
    // Bytes that the disk may not hold are not built upon.
    if (!isOfPlace || error.code in LEFT) await rm(part, { force: true })
    if (isOfPlace && error.code in LEFT) return LEFT[error.code]!
    throw error
  } finally {
    await handle.close()
  }
  const seconds = file.modifiedMs / 1000
  await utimes(part, seconds, seconds)
  await rename(part, path)
  await syncFolder(dirname(path))
  return null
}

async function append(
  place: RemotePlace,
  file: RemoteFile,
  handle: FileHandle,
  from: number,
  told: (bytes: number) => void,
): Promise<void> {
  let at = from
  let synced = from
  for await (const data of place.read(file, from)) {
    if (at + data.length > file.bytes) throw new ConnectorError('source_changed', 'more bytes than it has')
    try {
      await handle.appendFile(data)
      // Or a large file fills the memory of the machine with what is not on the disk yet.
      if (at - synced > SYNC_BYTES) {
        await handle.datasync()
        synced = at
      }
    } catch (cause) {
      throw codeOf(cause) === 'ENOSPC' ? new ConnectorError('scratch_full', 'no space', { cause }) : cause
    }
    at += data.length
    told(at)
  }
  if (at !== file.bytes) throw new ConnectorError('source_changed', `${at} bytes`, { place: { file: file.path } })
}

async function requireSpace(folder: string, { path, bytes }: RemoteFile, have: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < bytes - have + RESERVE_BYTES)
    throw new ConnectorError('scratch_full', `${bytes} bytes do not fit`, { place: { file: path } })
}

/** Beside its place, under a name that tells which content it is a part of. */
const partOf = (folder: string, { path, version }: RemoteFile): string =>
  join(folder, dirname(path), `.huitong-${digestOf(path, version)}.part`)

const digestOf = (...texts: readonly string[]): string =>
  createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16)

/** Whatever the place does not have: files, also those that a crash left out of the index, parts of them, and folders. */
async function removeLeftovers(folder: string, { files, folders }: RemoteLook): Promise<void> {
  const keptFolders = new Set(folders.map((path) => join(folder, path)))
  const keptFiles = new Set([INDEX, ...files.map(({ path }) => path)].map((path) => join(folder, path)))
  for (const file of files) keptFiles.add(partOf(folder, file))
  const gone: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isDirectory()) {
      if (!keptFiles.has(path)) await rm(path, { force: true })
    } else if (!keptFolders.has(path)) gone.push(path)
  }
  // The inner ones first.
  for (const path of gone.sort().reverse()) await rmdir(path)
}

async function readIndex(folder: string): Promise<Index> {
  const index = Object.create(null) as Index
  const text = await readFile(join(folder, INDEX), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '{}'
    throw error
  })
  for (const [path, version] of Object.entries(JSON.parse(text) as Index)) {
    // Somebody may have removed a file here.
    const isHere = await stat(join(folder, path)).then(
      (found) => found.isFile(),
      () => false,
    )
    if (isHere) index[path] = version
  }
  return index
}
