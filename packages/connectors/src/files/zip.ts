import { type FileHandle, open } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { ConnectorError } from '../errors.ts'

// ZIP by APPNOTE 6.3: no zip64, no encryption, no splitting; a workbook needs none of them.
const END_SIGNATURE = 0x06054b50
const CENTRAL_SIGNATURE = 0x02014b50
const LOCAL_SIGNATURE = 0x04034b50
const END_BYTES = 22
const COMMENT_BYTES_MAX = 65_535
const STORED = 0
const DEFLATED = 8
const ENCRYPTED_FLAG = 1

/** Limits against archives that are small outside and huge inside. */
export const ENTRIES_MAX = 2000
export const DIRECTORY_BYTES_MAX = 4 * 1024 * 1024
export const INFLATED_BYTES_MAX = 2 * 1024 * 1024 * 1024
export const RATIO_MAX = 500

/** One entry of an archive, sizes as declared. */
export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly compressedBytes: number
  readonly bytes: number
  readonly offset: number
}

const refuse = (detail: string) => new ConnectorError('file_refused', detail)

/** A ZIP archive that was checked as a whole before anything is inflated. */
export class ZipFile {
  readonly #file: FileHandle
  readonly entries: ReadonlyMap<string, ZipEntry>

  private constructor(file: FileHandle, entries: ReadonlyMap<string, ZipEntry>) {
    this.#file = file
    this.entries = entries
  }

  /** Open and check the directory. @throws ConnectorError `file_refused`, `bad_file`. */
  static async open(path: string): Promise<ZipFile> {
    const file = await open(path, 'r')
    try {
      return new ZipFile(file, await readDirectory(file))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /**
   * The inflated bytes of an entry. Stops at the declared size, so a lying directory cannot make it larger; length and
   * CRC are checked at the end.
   */
  async *read(name: string): AsyncGenerator<Buffer, void, undefined> {
    const entry = this.entries.get(name)
    if (entry === undefined) throw new ConnectorError('bad_file', `no ${name}`)
    const start = await this.#dataOffset(entry)
    const raw = Readable.from(pieces(this.#file, start, entry.compressedBytes), { objectMode: false })
    const source = sourceOf(entry, raw)
    let bytes = 0
    let crc = 0
    try {
      for await (const chunk of source) {
        bytes += (chunk as Buffer).length
        if (bytes > entry.bytes) throw refuse(`${name} is larger than declared`)
        crc = crc32(chunk as Buffer, crc)
        yield chunk as Buffer
      }
    } catch (error) {
      if (error instanceof ConnectorError) throw error
      throw new ConnectorError('bad_file', `${name} cannot be inflated`, { cause: error })
    } finally {
      source.destroy()
      raw.destroy()
    }
    if (bytes !== entry.bytes || crc !== entry.crc) throw new ConnectorError('bad_file', `${name} is damaged`)
  }

  /** An entry as text, at most `bytesMax`. */
  async text(name: string, bytesMax: number): Promise<string> {
    const entry = this.entries.get(name)
    if (entry !== undefined && entry.bytes > bytesMax) throw refuse(`${name} is over ${bytesMax} bytes`)
    const parts: Buffer[] = []
    for await (const chunk of this.read(name)) parts.push(chunk)
    return Buffer.concat(parts).toString('utf8')
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #dataOffset(entry: ZipEntry): Promise<number> {
    const head = await readAt(this.#file, entry.offset, 30)
    if (head.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new ConnectorError('bad_file', 'local header')
    const nameBytes = head.readUInt16LE(26)
    const name = await readAt(this.#file, entry.offset + 30, nameBytes)
    // Two directories that disagree are how one reader is shown another file than the next.
    if (name.toString('utf8') !== entry.name || head.readUInt16LE(8) !== entry.method) throw refuse('headers disagree')
    return entry.offset + 30 + nameBytes + head.readUInt16LE(28)
  }
}

const PIECE_BYTES = 64 * 1024

// A stream of the handle itself would close it, and the archive is read entry by entry.
async function* pieces(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < length; at += PIECE_BYTES) {
    yield await readAt(file, start + at, Math.min(PIECE_BYTES, length - at))
  }
}

function sourceOf(entry: ZipEntry, raw: Readable): Readable {
  if (entry.compressedBytes === 0) return new PassThrough().end()
  if (entry.method === STORED) return raw
  const inflate = createInflateRaw()
  raw.on('error', (error) => inflate.destroy(error))
  return raw.pipe(inflate)
}

async function readDirectory(file: FileHandle): Promise<Map<string, ZipEntry>> {
  const { size } = await file.stat()
  const tailBytes = Math.min(size, END_BYTES + COMMENT_BYTES_MAX)
  const tail = await readAt(file, size - tailBytes, tailBytes)
  const end = tail.lastIndexOf(Buffer.from('504b0506', 'hex'))
  if (end < 0 || tail.length - end < END_BYTES || tail.readUInt32LE(end) !== END_SIGNATURE) {
    throw new ConnectorError('bad_file', 'not a ZIP archive')
  }
  const count = tail.readUInt16LE(end + 10)
  const bytes = tail.readUInt32LE(end + 12)
  const offset = tail.readUInt32LE(end + 16)
  if (count > ENTRIES_MAX) throw refuse(`${count} entries`)
  if (bytes > DIRECTORY_BYTES_MAX || offset + bytes > size) throw refuse('directory out of bounds')
  const directory = await readAt(file, offset, bytes)
  const entries = new Map<string, ZipEntry>()
  let total = 0
  for (let at = 0, i = 0; i < count; i++) {
    const { entry, next } = parseEntry(directory, at)
    checkEntry(entry, size)
    if (entries.has(entry.name)) throw refuse('an entry is there twice')
    entries.set(entry.name, entry)
    total += entry.bytes
    at = next
  }
  if (total > INFLATED_BYTES_MAX) throw refuse(`${total} bytes inflated`)
  return entries
}

function parseEntry(directory: Buffer, at: number): { entry: ZipEntry; next: number } {
  if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
    throw new ConnectorError('bad_file', 'central directory')
  }
  if ((directory.readUInt16LE(at + 8) & ENCRYPTED_FLAG) !== 0) throw refuse('encrypted')
  const nameBytes = directory.readUInt16LE(at + 28)
  const next = at + 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  return {
    entry: {
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    },
    next,
  }
}

function checkEntry(entry: ZipEntry, fileBytes: number): void {
  if (entry.method !== STORED && entry.method !== DEFLATED) throw refuse(`compression method ${entry.method}`)
  if (entry.offset + entry.compressedBytes > fileBytes) throw refuse('an entry is out of bounds')
  if (/(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|\0/.test(entry.name)) throw refuse('an entry has an unsafe name')
  if (entry.bytes > 1024 * 1024 && entry.bytes > entry.compressedBytes * RATIO_MAX) {
    throw refuse(`${entry.name} inflates more than ${RATIO_MAX} times`)
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  if (bytesRead !== length) throw new ConnectorError('bad_file', 'the archive is cut')
  return buffer
}
