import { createHash, randomUUID, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type FilePiece, isWhole } from '@huitong/segment'
import type { ChangeCounts } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { syncFolder, writeWhole } from './durable.ts'
import { codeOf } from './folder.ts'
import { readInto } from './settled-files.ts'

/** Where the folder remembers how far it has come: with the files, so that a folder that is restored goes back with it. */
const MEMORY = '.huitong'
const POSITION = 'position.json'
const FILE_MODE = 0o644
const FOLDER_MODE = 0o755

/** A segment of files, opened. */
export interface FileSegment {
  readonly sequence: number
  readonly pieces: readonly FilePiece[]
  readonly plain: Uint8Array
}
/** How far a stream has come in a receiving folder; everything up to here is durable. */
export interface FilePosition {
  readonly stream: string
  readonly generation: number
  readonly sequence: number
  readonly counts: ChangeCounts
}
interface Kept extends FilePosition {
  /** Who may write; another start of the agent takes it over. */
  readonly holder: string
  /** The file that is not whole yet. */
  readonly open: { readonly name: string; readonly written: number } | null
}

const NONE: ChangeCounts = { inserted: '0', updated: '0', deleted: '0', unchanged: '0', absent: '0' }

/**
 * Receives files into a folder. What is not whole lies beside its place under a hidden name that ends in `.part`; a file
 * gets its name when its digest is right and it is on the disk, in one step, and replaces what had that name. A segment is
 * taken once; the position is written after its files.
 */
export class FileReceiver {
  readonly #folder: string
  readonly #holder = randomUUID()
  #kept: Kept
  #part: Part | null = null
  readonly #changed = new Set<string>()

  private constructor(folder: string, kept: Kept) {
    this.#folder = folder
    this.#kept = { ...kept, holder: this.#holder }
  }

  /** @throws ConnectorError `unreachable`, `file_denied`, `file_blocked`, `target_full`. */
  static async open(root: string, name: string): Promise<FileReceiver> {
    const base = await realpath(root).catch((cause: unknown) => {
      throw new ConnectorError('unreachable', codeOf(cause), { hop: 'target', place: { file: root }, cause })
    })
    await makeFolders(base, join(name, MEMORY))
    const folder = join(base, name)
    const receiver = new FileReceiver(folder, (await readKept(folder)) ?? emptyKept('', 0))
    await receiver.#keep(true)
    return receiver
  }

  /** The last segment of a generation that is durable here; 0 for none. */
  reached(stream: string, generation: number): number {
    const kept = this.#kept
    return kept.stream === stream && kept.generation === generation ? kept.sequence : 0
  }

  /** Begins a stream, or goes on with it where it stands. What another one left unfinished is removed. */
  async begin(stream: string, generation: number): Promise<FilePosition> {
    const { stream: last, generation: lastGeneration, open: unfinished } = this.#kept
    if (last === stream && lastGeneration === generation) return this.#kept
    await this.#part?.close()
    this.#part = null
    if (unfinished !== null) await rm(this.#partPath(unfinished.name), { force: true }).catch(() => undefined)
    this.#kept = { ...emptyKept(stream, generation), holder: this.#holder }
    await this.#keep()
    return this.#kept
  }

  /**
   * Takes a segment; one that was taken before changes nothing.
   * @throws ConnectorError that names the file: `target_full`, `file_denied`, `file_blocked`, `file_position`,
   *   `digest_mismatch`; `sequence_gap`, `fenced`.
   */
  async take(segment: FileSegment): Promise<FilePosition> {
    const { sequence } = this.#kept
    if (segment.sequence <= sequence) return this.#kept
    if (segment.sequence !== sequence + 1)
      throw new ConnectorError('sequence_gap', `${segment.sequence} after ${sequence}`, { hop: 'target' })
    const counts = { ...this.#kept.counts }
    let at = 0
    for (const piece of segment.pieces) {
      const data = segment.plain.subarray(at, at + Number(piece.length))
      at += data.length
      const done = await this.#takePiece(piece, data).catch((cause: unknown) => {
        throw named(cause, piece.name)
      })
      if (done !== null) counts[done] = (BigInt(counts[done]) + 1n).toString()
    }
    const part = this.#part
    if (part !== null) await part.sync().catch((cause: unknown) => Promise.reject(named(cause, part.name)))
    for (const folder of this.#changed) await syncFolder(folder)
    this.#changed.clear()
    const unfinished = part === null ? null : { name: part.name, written: part.written }
    this.#kept = { ...this.#kept, sequence: segment.sequence, counts, open: unfinished }
    await this.#keep()
    return this.#kept
  }

  async close(): Promise<void> {
    await this.#part?.close()
    this.#part = null
  }

  async #takePiece(piece: FilePiece, data: Uint8Array): Promise<'inserted' | 'updated' | 'unchanged' | null> {
    if (piece.dropped) {
      await this.#part?.close()
      this.#part = null
      await rm(this.#partPath(piece.name), { force: true })
      return null
    }
    const part = await this.#partOf(piece)
    await part.write(data)
    if (!isWhole(piece)) return null
    this.#part = null
    return this.#publish(part, piece)
  }

  /** The file that the piece goes on with, or a new one. */
  async #partOf(piece: FilePiece): Promise<Part> {
    const offset = Number(piece.offset)
    if (this.#part?.name === piece.name && this.#part.written === offset) return this.#part
    const { open: unfinished } = this.#kept
    if (this.#part === null && offset > 0 && unfinished?.name === piece.name && unfinished.written === offset) {
      this.#part = await Part.resume(this.#partPath(piece.name), join(this.#folder, piece.name), piece)
      return this.#part
    }
    if (offset !== 0)
      throw new ConnectorError('sequence_gap', `a piece from ${offset} without the one before`, { hop: 'target' })
    await this.#part?.close()
    await makeFolders(this.#folder, dirname(piece.name))
    this.#part = await Part.create(this.#partPath(piece.name), piece.name)
    return this.#part
  }

  /** Gives a whole file its name. */
  async #publish(part: Part, piece: FilePiece): Promise<'inserted' | 'updated' | 'unchanged'> {
    const path = join(this.#folder, piece.name)
    await part.sync()
    await part.close()
    if (part.written !== Number(piece.bytes) || part.digest() !== piece.digest) {
      await rm(part.path, { force: true })
      throw new ConnectorError('digest_mismatch', 'the file is not what was sent', { hop: 'target' })
    }
    if (part.isThere) return 'unchanged'
    const before = await lstat(path).catch(ifMissing)
    if (before !== null && !before.isFile()) {
      await rm(part.path, { force: true })
      throw new ConnectorError('file_blocked', 'no plain file stands there', { hop: 'target' })
    }
    if (before !== null && before.size === Number(piece.bytes) && (await digestOf(path)) === piece.digest) {
      await rm(part.path, { force: true })
      return 'unchanged'
    }
    await rename(part.path, path)
    this.#changed.add(dirname(path))
    return before === null ? 'inserted' : 'updated'
  }

  #partPath(name: string): string {
    // The name of the file itself may be as long as names can be.
    const short = createHash('sha256').update(basename(name)).digest('hex').slice(0, 16)
    return join(this.#folder, dirname(name), `.huitong-${short}.part`)
  }

  async #keep(isFirst = false): Promise<void> {
    const now = isFirst ? null : await readKept(this.#folder)
    if (now !== null && now.holder !== this.#holder)
      throw new ConnectorError('fenced', 'another start of the agent fills this folder', { hop: 'target' })
    const path = join(this.#folder, MEMORY, POSITION)
    try {
      await writeWhole(path, JSON.stringify(this.#kept), FILE_MODE)
    } catch (cause) {
      throw named(cause, join(MEMORY, POSITION))
    }
  }
}

/** A file that is not whole yet. */
class Part {
  readonly path: string
  readonly name: string
  /** After a crash between naming a file and remembering that: it is whole and in its place, and nothing is written. */
  readonly isThere: boolean
  readonly #handle: FileHandle | null
  readonly #digest: Hash
  written: number

  private constructor(path: string, name: string, handle: FileHandle | null, digest: Hash, written: number) {
    this.path = path
    this.name = name
    this.#handle = handle
    this.isThere = handle === null
    this.#digest = digest
    this.written = written
  }

  static async create(path: string, name: string): Promise<Part> {
    // A link that somebody put there would lead out of the folder.
    await rm(path, { force: true })
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    return new Part(path, name, await open(path, flags, FILE_MODE), createHash('sha256'), 0)
  }

  /** Goes on with what an earlier start of the agent wrote. @throws ConnectorError `file_position` when it is gone. */
  static async resume(path: string, target: string, piece: FilePiece): Promise<Part> {
    const offset = Number(piece.offset)
    const digest = createHash('sha256')
    const signal = new AbortController().signal
    const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW).catch(ifMissing)
    if (handle !== null && (await handle.stat()).size >= offset) {
      await handle.truncate(offset)
      await readInto(handle, 0, offset, (data) => digest.update(data), signal)
      return new Part(path, piece.name, handle, digest, offset)
    }
    await handle?.close()
    const there = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW).catch(ifMissing)
    try {
      if (
        there !== null &&
        (await there.stat()).size === Number(piece.bytes) &&
        (await digestOf(target)) === piece.digest
      ) {
        await readInto(there, 0, offset, (data) => digest.update(data), signal)
        return new Part(path, piece.name, null, digest, offset)
      }
    } finally {
      await there?.close()
    }
    throw new ConnectorError('file_position', 'the unfinished file is gone', { hop: 'target' })
  }

  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length && this.#handle !== null;) {
      at += (await this.#handle.write(data, at, data.length - at, this.written + at)).bytesWritten
    }
    this.#digest.update(data)
    this.written += data.length
  }

  digest(): string {
    return this.#digest.digest('hex')
  }

  async sync(): Promise<void> {
    await this.#handle?.sync()
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }
}

const emptyKept = (stream: string, generation: number): Kept => ({
  stream,
  generation,
  sequence: 0,
  counts: NONE,
  holder: '',
  open: null,
})

async function readKept(folder: string): Promise<Kept | null> {
  const text = await readFile(join(folder, MEMORY, POSITION), 'utf8').catch(ifMissing)
  if (text === null) return null
  try {
    return JSON.parse(text) as Kept
  } catch (cause) {
    throw new ConnectorError('file_position', 'the position cannot be read', {
      hop: 'target',
      place: { file: join(MEMORY, POSITION) },
      cause,
    })
  }
}

/** Makes the folders of a path below `base`, none of them a link. */
async function makeFolders(base: string, path: string): Promise<void> {
  let at = base
  for (const name of path.split('/').filter((one) => one !== '' && one !== '.')) {
    const above = at
    at = join(at, name)
    try {
      const stats = await lstat(at).catch(ifMissing)
      if (stats === null) {
        await mkdir(at, { mode: FOLDER_MODE })
        await syncFolder(above)
      } else if (!stats.isDirectory()) {
        throw new ConnectorError('file_blocked', 'no folder stands there', { hop: 'target' })
      }
    } catch (cause) {
      throw named(cause, at.slice(base.length + 1))
    }
  }
}

async function digestOf(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const digest = createHash('sha256')
    const { size } = await handle.stat()
    await readInto(handle, 0, size, (data) => digest.update(data), new AbortController().signal)
    return digest.digest('hex')
  } finally {
    await handle.close()
  }
}

function ifMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null
  throw error
}

const BY_CODE: Readonly<Record<string, 'target_full' | 'file_denied' | 'file_blocked' | 'file_refused'>> = {
  ENOSPC: 'target_full',
  EDQUOT: 'target_full',
  EFBIG: 'target_full',
  EACCES: 'file_denied',
  EPERM: 'file_denied',
  EROFS: 'file_denied',
  ENOTDIR: 'file_blocked',
  EISDIR: 'file_blocked',
  EEXIST: 'file_blocked',
  ELOOP: 'file_blocked',
  ENAMETOOLONG: 'file_refused',
}

/** Any error of the receiving folder, with the file that it met. */
function named(error: unknown, file: string): unknown {
  if (error instanceof ConnectorError) {
    const { code, detail, hop, place } = error
    return place.file === undefined ? new ConnectorError(code, detail, { hop, place: { file }, cause: error }) : error
  }
  const code = codeOf(error)
  if (!(error instanceof Error) || !('code' in error)) return error
  return new ConnectorError(BY_CODE[code] ?? 'unreachable', code, { hop: 'target', place: { file }, cause: error })
}
