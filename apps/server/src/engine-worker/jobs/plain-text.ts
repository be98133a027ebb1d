import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'

const CHUNK_BYTES = 1024 * 1024
const NEWLINE = 0x0a
const QUOTE = 0x22

/** What one pass over a CSV text says about it, before anything parses it. */
export interface TextFacts {
  bytes: number
  endsWithNewline: boolean
  isUtf8: boolean
  hasByteOrderMark: boolean
  /** An empty line may be a line break inside quotes; `countBlankLines` decides. */
  mayHaveBlankLines: boolean
}

/** The text of a file; a name that ends in `.zst` is decompressed. Rejects when the compressed frame breaks off. */
export function openText(path: string, signal: AbortSignal): Readable {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })
  if (!path.endsWith('.zst')) return file
  // Errors of either end up in the stream that is read; the callback only keeps them from being thrown twice.
  return pipeline(file, createZstdDecompress({ chunkSize: CHUNK_BYTES }), () => undefined)
}

/** Reads a whole text once and reports what it is. */
export async function scanText(text: AsyncIterable<Buffer>): Promise<TextFacts> {
  const facts = { bytes: 0, endsWithNewline: true, isUtf8: true, hasByteOrderMark: false, mayHaveBlankLines: false }
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of text) {
    if (chunk.length === 0) continue
    const atLineStart = facts.endsWithNewline
    if (facts.bytes === 0) facts.hasByteOrderMark = chunk.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))
    if ((atLineStart && chunk[0] === NEWLINE) || chunk.includes('\n\n')) facts.mayHaveBlankLines = true
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const whole = lengthOfWholeCharacters(joined)
    if (facts.isUtf8 && !isUtf8(joined.subarray(0, whole))) facts.isUtf8 = false
    rest = Buffer.from(joined.subarray(whole))
    facts.bytes += chunk.length
    facts.endsWithNewline = chunk.at(-1) === NEWLINE
  }
  if (rest.length > 0) facts.isUtf8 = false
  return facts
}

/** How much of the buffer is left when a character that continues in the next chunk is cut off (at most 3 bytes). */
function lengthOfWholeCharacters(buffer: Buffer): number {
  for (let back = 1; back <= Math.min(3, buffer.length); back++) {
    const byte = buffer[buffer.length - back]!
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return needs > back ? buffer.length - back : buffer.length
    }
  }
  return buffer.length
}

/** Number of empty lines outside quotes, and the line (from 1) of the first. A doubled quote toggles twice. */
export async function countBlankLines(text: AsyncIterable<Buffer>): Promise<{ count: number; firstLine: number }> {
  let [count, firstLine, line] = [0, 0, 1]
  let isQuoted = false
  let previous = NEWLINE
  for await (const chunk of text) {
    for (const byte of chunk) {
      if (byte === QUOTE) isQuoted = !isQuoted
      else if (byte === NEWLINE) {
        if (!isQuoted && previous === NEWLINE && ++count === 1) firstLine = line
        line++
      }
      previous = byte === NEWLINE && isQuoted ? 0 : byte
    }
  }
  return { count, firstLine }
}
