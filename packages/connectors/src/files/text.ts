import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'
import { ConnectorError } from '../errors.ts'
import type { FilesSettings } from './settings.ts'

const READ_BYTES = 256 * 1024

/** Encodings of text files. */
export type Encoding = Exclude<FilesSettings['encoding'], 'auto'>

/** What a first pass over a file's bytes found. */
export interface FileScan {
  readonly sha256: string
  readonly encoding: Encoding
}

/**
 * Read all bytes once: their digest, and the encoding under which every one of them is valid. Nothing is guessed from
 * a part: a byte-order mark, else UTF-8, else GB18030.
 * @throws ConnectorError `encoding_unknown`.
 */
export async function scanFile(path: string, wanted: FilesSettings['encoding']): Promise<FileScan> {
  const digest = createHash('sha256')
  let checks: Map<Encoding, TextDecoder> | null = null
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    const bytes = chunk as Buffer
    digest.update(bytes)
    checks ??= new Map(candidates(bytes, wanted).map((name) => [name, decoder(name)]))
    for (const [name, check] of checks) if (!accepts(check, bytes, true)) checks.delete(name)
  }
  for (const [name, check] of checks ?? []) if (!accepts(check, new Uint8Array(), false)) checks?.delete(name)
  const encoding = checks === null ? 'utf-8' : checks.keys().next().value
  if (encoding === undefined) throw new ConnectorError('encoding_unknown', 'no candidate encoding fits every byte')
  return { sha256: digest.digest('hex'), encoding }
}

/** SHA-256 of a file, in hex. */
export async function digestFile(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) digest.update(chunk as Buffer)
  return digest.digest('hex')
}

function candidates(head: Buffer, wanted: FilesSettings['encoding']): Encoding[] {
  if (wanted !== 'auto') return [wanted]
  if (head[0] === 0xff && head[1] === 0xfe) return ['utf-16le']
  if (head[0] === 0xfe && head[1] === 0xff) return ['utf-16be']
  return ['utf-8', 'gb18030']
}

function decoder(encoding: Encoding): TextDecoder {
  return new TextDecoder(encoding, { fatal: true })
}

function accepts(check: TextDecoder, bytes: Uint8Array, stream: boolean): boolean {
  try {
    check.decode(bytes, { stream })
    return true
  } catch {
    return false
  }
}

/** The text of a file, piece by piece; a byte-order mark is no part of it. */
export async function* decoded(path: string, encoding: Encoding): AsyncGenerator<string> {
  const text = decoder(encoding)
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    yield text.decode(chunk as Buffer, { stream: true })
  }
  yield text.decode()
}
