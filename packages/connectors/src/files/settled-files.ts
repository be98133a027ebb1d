import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileHandle } from 'node:fs/promises'
import {
  type FileState,
  findFolder,
  type FoundFile,
  HeldFiles,
  isSameState,
  listFolder,
  openFound,
  stateOf,
} from './folder.ts'
import type { FilesSettings } from './settings.ts'

/** How long a file must lie unchanged when nobody says otherwise. */
export const SETTLE_SECONDS = 60
/** A file that has not changed for so long by the file system's own clock is not waited for. */
const OLD_MS = 3_600_000
const GRAIN_MS = 500
const READ_BYTES = 1024 * 1024
/** `NAME.sha256` beside a file: its digest, as `sha256sum` writes it. */
const DIGEST_SUFFIX = '.sha256'
const DIGEST_FILE_BYTES_MAX = 8192

/** A file that is whole, with the SHA-256 of its content. */
export interface SettledFile extends FoundFile {
  readonly digest: string
}

/** Digests of files by path, as they were last read. */
export type KnownDigests = Map<string, FileState & { readonly digest: string }>

/** What a look at a folder found. */
export interface FolderLook {
  readonly folder: string
  readonly held: HeldFiles
  /** Whole files in order of path; each is digested when its turn comes, unless it is known. */
  files(): AsyncGenerator<SettledFile, void, undefined>
}

/**
 * Looks for whole files below a folder: those that lay unchanged for the settle time of the settings, measured by two looks
 * of our own (no clock of a file server has a say), or those whose digest stands beside them, when the settings want that.
 * A half-written file is left for a later look.
 */
export async function lookForFiles(
  settings: FilesSettings,
  name: string,
  known: KnownDigests,
  signal: AbortSignal,
): Promise<FolderLook> {
  const folder = await findFolder(settings.root, name)
  const held = new HeldFiles()
  const found = await listFolder(folder, held)
  const isThere = new Set(found.map(({ path }) => path))
  for (const path of known.keys()) if (!isThere.has(path)) known.delete(path)
  if (settings.complete === 'digest') return { folder, held, files: () => digested(folder, found, known, held, signal) }
  const settleMs = (settings.settleSeconds ?? SETTLE_SECONDS) * 1000
  const isYoung = (file: FoundFile) => {
    const before = known.get(file.path)
    if (before !== undefined && isSameState(before, file)) return false
    const last = file.changedNs > file.modifiedNs ? file.changedNs : file.modifiedNs
    return Date.now() - Number(last / 1_000_000n) < settleMs + OLD_MS
  }
  const young = new Set(found.filter(isYoung).map(({ path }) => path))
  if (young.size > 0) await sleep(settleMs, undefined, { signal })
  return { folder, held, files: () => settled(folder, found, young, known, held, signal) }
}

async function* settled(
  folder: string,
  found: readonly FoundFile[],
  young: ReadonlySet<string>,
  known: KnownDigests,
  held: HeldFiles,
  signal: AbortSignal,
): AsyncGenerator<SettledFile, void, undefined> {
  for (const file of found) {
    // Still being written, or gone: a later look finds out.
    const now = young.has(file.path) ? await stateOf(join(folder, file.path)) : file
    if (now === null || !isSameState(now, file)) continue
    const digest = await digestOf(folder, file, known, held, signal)
    if (digest !== null) yield { ...file, digest }
  }
}

const stateOnly = ({ bytes, modifiedNs, changedNs, inode, device }: FileState): FileState => ({
  bytes,
  modifiedNs,
  changedNs,
  inode,
  device,
})

/** Files with a digest beside them that is theirs. */
async function* digested(
  folder: string,
  found: readonly FoundFile[],
  known: KnownDigests,
  held: HeldFiles,
  signal: AbortSignal,
): AsyncGenerator<SettledFile, void, undefined> {
  const byPath = new Map(found.map((file) => [file.path, file]))
  for (const file of found) {
    const beside = byPath.get(file.path + DIGEST_SUFFIX)
    if (beside === undefined || file.path.endsWith(DIGEST_SUFFIX) || beside.bytes > DIGEST_FILE_BYTES_MAX) continue
    const text = await readFile(join(folder, beside.path), 'latin1').catch(() => '')
    const wanted = /^([0-9a-f]{64})(?:\s|$)/i.exec(text)?.[1]?.toLowerCase()
    const digest = await digestOf(folder, file, known, held, signal)
    if (digest === null) continue
    if (digest === wanted) yield { ...file, digest }
    else held.add(file.path, 'digest')
  }
}

/** The digest of a file, which need not be read when it is known; null when it changed meanwhile, or cannot be read, which holds it. */
async function digestOf(
  folder: string,
  file: FoundFile,
  known: KnownDigests,
  held: HeldFiles,
  signal: AbortSignal,
): Promise<string | null> {
  const before = known.get(file.path)
  if (before !== undefined && isSameState(before, file)) return before.digest
  const handle = await openFound(folder, file).catch(() => {
    held.add(file.path, 'unreadable')
    return null
  })
  if (handle === null) return null
  try {
    const digest = createHash('sha256')
    await readInto(handle, 0, Number(file.bytes), (piece) => digest.update(piece), signal)
    const now = await stateOf(join(folder, file.path))
    if (now === null || !isSameState(now, file)) return null
    const found = digest.digest('hex')
    // Within the grain of its clock a file system may give another content the same times.
    if (Date.now() - Number(file.changedNs / 1_000_000n) > GRAIN_MS)
      known.set(file.path, { ...stateOnly(file), digest: found })
    return found
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Error) || !('code' in error)) throw error
    held.add(file.path, 'unreadable')
    return null
  } finally {
    await handle.close()
  }
}

/** Reads from `from` up to `to`, piece by piece. Ends early when the file does. */
export async function readInto(
  handle: FileHandle,
  from: number,
  to: number,
  take: (piece: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, to - from)))
  for (let at = from; at < to;) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, to - at), at)
    if (bytesRead === 0) return
    take(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}
