import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { type CsvError, parse } from 'csv-parse'
import type { FieldText } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { type FieldRecord, RECORD_BYTES_MAX } from '../field-rows.ts'
import type { FilesSettings } from './settings.ts'
import { columnNames, FILE_COLUMNS_MAX, type TabularFile } from './tabular.ts'

const READ_BYTES = 256 * 1024
const SAMPLE_CHARS = 64 * 1024
const DELIMITERS = [',', '\t', ';', '|'] as const

type Encoding = Exclude<FilesSettings['encoding'], 'auto'>

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

/** Open a CSV file whose encoding is known. @throws ConnectorError `bad_file`. */
export async function openCsv(
  path: string,
  encoding: Encoding,
  wanted: FilesSettings['delimiter'],
): Promise<TabularFile> {
  const delimiter = wanted === 'auto' ? await detectDelimiter(path, encoding) : wanted
  const first = await firstRecord(path, encoding, delimiter)
  const header = columnNames(first?.fields ?? [])
  if (header.length > FILE_COLUMNS_MAX)
    throw new ConnectorError('bad_file', `${header.length} columns`, { place: { line: 1 } })
  return {
    header,
    async *records() {
      let head = true
      for await (const record of parseFile(path, encoding, delimiter)) {
        if (!head) yield record
        head = false
      }
    },
  }
}

async function firstRecord(path: string, encoding: Encoding, delimiter: string): Promise<FieldRecord | null> {
  for await (const record of parseFile(path, encoding, delimiter)) return record
  return null
}

async function* decoded(path: string, encoding: Encoding): AsyncGenerator<string> {
  const text = decoder(encoding)
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    yield text.decode(chunk as Buffer, { stream: true })
  }
  yield text.decode()
}

/** Most fields of a record: enough to tell a wide header from a bomb. */
const FIELDS_MAX = 2 * FILE_COLUMNS_MAX

class TooManyFields extends Error {
  readonly lines: number
  constructor(lines: number) {
    super('too many fields')
    this.lines = lines
  }
}

interface Parsed {
  readonly record: FieldText[]
  readonly info: { readonly lines: number }
}

async function* parseFile(path: string, encoding: Encoding, delimiter: string): AsyncGenerator<FieldRecord> {
  const source = Readable.from(decoded(path, encoding))
  const parser = parse({
    delimiter,
    info: true,
    // Any of them, also mixed: files that were joined from several have both.
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: RECORD_BYTES_MAX,
    relax_column_count: true,
    // A lone empty line says nothing, except where the table has one column: then it is an empty value.
    skip_empty_lines: false,
    // An unquoted empty field is NULL, a quoted one is ''.
    cast: (value, context) => {
      // A record of nothing but delimiters would become millions of fields before anybody could count them.
      if (context.index >= FIELDS_MAX) throw new TooManyFields(context.lines)
      return value === '' && !context.quoting ? null : value
    },
  })
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  const records = parser.pipe(new PassThrough({ objectMode: true, highWaterMark: 64 }))
  parser.on('error', (error) => records.destroy(error))
  let width = 0
  try {
    for await (const item of records) {
      const { record, info } = item as Parsed
      if (width === 0) width = record.length
      if (width > 1 && record.length === 1 && record[0] === null) continue
      yield { line: info.lines, fields: record }
    }
  } catch (error) {
    throw toBadFile(error)
  } finally {
    records.destroy()
    parser.destroy()
    source.destroy()
  }
}

function toBadFile(error: unknown): unknown {
  if (error instanceof TooManyFields) {
    return new ConnectorError('bad_file', `over ${FIELDS_MAX} fields`, { place: { line: error.lines } })
  }
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('CSV_')) return error
  // The parser's messages quote data, so only its code goes on.
  const { lines } = error as CsvError & { lines?: number }
  return new ConnectorError('bad_file', String(error.code), lines === undefined ? {} : { place: { line: lines } })
}

/** The delimiter that cuts the first lines into the most fields, equally many in each. */
async function detectDelimiter(path: string, encoding: Encoding): Promise<string> {
  let sample = ''
  for await (const text of decoded(path, encoding)) {
    sample += text
    if (sample.length >= SAMPLE_CHARS) break
  }
  const whole = sample.length >= SAMPLE_CHARS ? sample.slice(0, sample.lastIndexOf('\n')) : sample
  let best: { delimiter: string; score: number } = { delimiter: ',', score: 0 }
  for (const delimiter of DELIMITERS) {
    const counts = fieldCounts(whole, delimiter).slice(0, 50)
    const width = counts[0] ?? 1
    const same = counts.filter((count) => count === width).length / Math.max(1, counts.length)
    const score = width > 1 ? width * same ** 4 : 0
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

function fieldCounts(text: string, delimiter: string): number[] {
  const counts: number[] = []
  let fields = 1
  let inQuotes = false
  for (const char of text) {
    if (char === '"') inQuotes = !inQuotes
    else if (inQuotes) continue
    else if (char === delimiter) fields++
    else if (char === '\n') {
      counts.push(fields)
      fields = 1
    }
  }
  if (fields > 1) counts.push(fields)
  return counts
}
