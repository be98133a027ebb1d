import { PassThrough, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import type { FieldText } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { type FieldRecord, RECORD_BYTES_MAX } from '../field-rows.ts'
import type { FilesSettings } from './settings.ts'
import { columnNames, FILE_COLUMNS_MAX, type TabularFile } from './tabular.ts'
import { decoded, type Encoding } from './text.ts'

const SAMPLE_CHARS = 64 * 1024
const DELIMITERS = [',', '\t', ';', '|'] as const

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
  if (!(error instanceof CsvError)) return error
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
