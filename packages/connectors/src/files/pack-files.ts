import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { type FilePack, type FilePiece, PIECE_NAMES_CHARACTERS_MAX, PIECES_MAX } from '@huitong/segment'
import { isSameState, openFound, stateOf } from './folder.ts'
import { readInto, type SettledFile } from './settled-files.ts'

/**
 * Bytes of a pack. Half of what rows have: files are mostly compressed already, and each copy on the way is as large.
 */
const PACK_BYTES = 4 * 1024 * 1024

/** Where an earlier reading had come to: so many bytes of that file, and all of those before it, are sealed. */
export interface PackPlace {
  readonly path: string
  readonly offset: number
}
/** A file that was to travel and does not: it changed, or is gone. */
export type OnLeft = (path: string) => void

/**
 * Files in order, cut into packs of bounded size: a pack holds many small files or a part of a large one. Each is read once
 * more from the disk; one that is not what was digested any more is dropped, and told of.
 * @param from after a restart: what is sealed is not read out again, but digested again.
 */
export async function* packFiles(
  folder: string,
  files: readonly SettledFile[],
  options: { readonly from: PackPlace | null; readonly onLeft: OnLeft; readonly signal: AbortSignal },
): AsyncGenerator<FilePack, void, undefined> {
  const pack = new Pack()
  const { from } = options
  const first =
    from === null
      ? 0
      : Math.max(
          0,
          files.findIndex(({ path }) => path === from.path),
        )
  for (const file of files.slice(first)) {
    const begun = from?.path === file.path ? from.offset : 0
    if (begun > 0 && begun >= Number(file.bytes)) continue
    // An empty file has no byte by which it could be known as sent.
    if (from?.path === file.path && file.bytes === 0n) continue
    const reader = await Reader.open(folder, file, begun, options.signal)
    if (reader === null) {
      options.onLeft(file.path)
      if (begun > 0) yield* pack.drop(file, begun)
      continue
    }
    try {
      yield* packOne(reader, file, begun, pack, options)
    } finally {
      await reader.close()
    }
  }
  if (!pack.isEmpty) yield pack.take()
}

async function* packOne(
  reader: Reader,
  file: SettledFile,
  begun: number,
  pack: Pack,
  { onLeft }: { readonly onLeft: OnLeft },
): AsyncGenerator<FilePack, void, undefined> {
  const bytes = Number(file.bytes)
  for (let at = begun; ;) {
    if (pack.isFull(file.path)) yield pack.take()
    const length = Math.min(bytes - at, pack.room)
    const piece = await reader.read(at, length)
    const isLast = at + length === bytes
    if (piece === null || (isLast && !(await reader.isStillThat()))) {
      onLeft(file.path)
      // What of it is in this pack is simply taken out; what went before must be called back.
      const sent = pack.remove(file.path)
      if ((sent ?? at) > 0) yield* pack.drop(file, sent ?? at)
      return
    }
    pack.add(file, at, piece)
    at += length
    if (isLast) return
    yield pack.take()
  }
}

/** One file being read, digested as it goes. */
class Reader {
  readonly #folder: string
  readonly #file: SettledFile
  readonly #handle: FileHandle
  readonly #digest: Hash
  readonly #signal: AbortSignal

  private constructor(folder: string, file: SettledFile, handle: FileHandle, digest: Hash, signal: AbortSignal) {
    this.#folder = folder
    this.#file = file
    this.#handle = handle
    this.#digest = digest
    this.#signal = signal
  }

  static async open(folder: string, file: SettledFile, begun: number, signal: AbortSignal): Promise<Reader | null> {
    const handle = await openFound(folder, file).catch(() => null)
    if (handle === null) return null
    const digest = createHash('sha256')
    try {
      await readInto(handle, 0, begun, (piece) => digest.update(piece), signal)
    } catch (error) {
      await handle.close()
      signal.throwIfAborted()
      if (!(error instanceof Error) || !('code' in error)) throw error
      return null
    }
    return new Reader(folder, file, handle, digest, signal)
  }

  /** So many bytes from `at`; null when they are not there or cannot be read. */
  async read(at: number, length: number): Promise<Buffer | null> {
    const piece = Buffer.allocUnsafe(length)
    let filled = 0
    try {
      await readInto(this.#handle, at, at + length, (part) => (filled += part.copy(piece, filled)), this.#signal)
    } catch (error) {
      this.#signal.throwIfAborted()
      if (!(error instanceof Error) || !('code' in error)) throw error
      return null
    }
    if (filled < length) return null
    this.#digest.update(piece)
    return piece
  }

  /** At the end: what was read is what was digested before, and lies there unchanged. */
  async isStillThat(): Promise<boolean> {
    const now = await stateOf(join(this.#folder, this.#file.path))
    return now !== null && isSameState(now, this.#file) && this.#digest.digest('hex') === this.#file.digest
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** The pack that is being filled. */
class Pack {
  #parts: Buffer[] = []
  #pieces: FilePiece[] = []
  #bytes = 0
  #names = 0

  get isEmpty(): boolean {
    return this.#pieces.length === 0
  }
  get room(): number {
    return PACK_BYTES - this.#bytes
  }
  isFull(name: string): boolean {
    if (this.isEmpty) return false
    const names = this.#names + name.length
    return this.room <= 0 || this.#pieces.length >= PIECES_MAX || names > PIECE_NAMES_CHARACTERS_MAX
  }
  add(file: SettledFile, offset: number, data: Buffer): void {
    this.#parts.push(data)
    this.#push(file, offset, data.length, false)
  }
  #push({ path, bytes, digest }: SettledFile, offset: number, length: number, dropped: boolean): void {
    this.#pieces.push({
      name: path,
      bytes: bytes.toString(),
      offset: String(offset),
      length: String(length),
      digest,
      dropped,
    })
    this.#bytes += length
    this.#names += path.length
  }
  /** Takes the last piece out again when it is of that file; answers where it began. */
  remove(path: string): number | null {
    const last = this.#pieces.at(-1)
    if (last?.name !== path) return null
    this.#pieces.pop()
    this.#parts.pop()
    this.#bytes -= Number(last.length)
    this.#names -= path.length
    return Number(last.offset)
  }
  *drop(file: SettledFile, offset: number): Generator<FilePack, void, undefined> {
    if (this.isFull(file.path)) yield this.take()
    this.#push(file, offset, 0, true)
    this.#parts.push(Buffer.alloc(0))
  }
  take(): FilePack {
    // A large file fills a pack with one part, which need not be copied.
    const data = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    const pack = { data, pieces: this.#pieces }
    this.#parts = []
    this.#pieces = []
    this.#bytes = 0
    this.#names = 0
    return pack
  }
}
