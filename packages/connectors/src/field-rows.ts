import { type Column, csvLine, parseColumnType, type RowChunk, SegmentError } from '@huitong/segment'
import type { FieldRead, FieldText, ReadOptions, RowStream } from './connector.ts'
import { ConnectorError, inTable } from './errors.ts'
import { fits } from './files/infer-type.ts'

/** Longest record of a source that is read by fields. */
export const RECORD_BYTES_MAX = 32 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024

/** One record as texts. */
export interface FieldRecord {
  /** Rows of a sheet, lines of a file, records of whatever has no lines; from 1. */
  readonly line: number
  readonly fields: readonly FieldText[]
  /** Places of fields that have no text of their type, and why; the reason quotes no datum. */
  readonly bad?: ReadonlyMap<number, string>
  /** Why it is no record at all; quotes no datum. */
  readonly fault?: string
  /** What stands there, where it has no fields. */
  readonly raw?: string
  /** Texts of the key, where there is one. */
  readonly key?: readonly string[]
}

/** A source without SQL that was opened for one reading. */
export interface OpenedFields {
  readonly header: readonly string[]
  /** Canonical types, one for each name of the header. */
  readonly types: readonly string[]
  /** Whether a text of a column's own type is sure to be one. */
  readonly isTyped?: boolean
  /** What the reading is a snapshot of. */
  readonly snapshot: string | null
  records(signal?: AbortSignal): AsyncIterable<FieldRecord>
  /** Called after the last record. @throws ConnectorError `source_changed`. */
  verify(): Promise<void>
  close(): Promise<void>
}

interface ReadField {
  readonly index: number
  readonly column: Column
  readonly mask: ((value: FieldText) => FieldText) | null
}

/**
 * Rows of an opened source as segment CSV. Masks and the filter run here, before anything leaves.
 * @throws ConnectorError `schema_changed`; the source is closed then.
 */
export async function readFields(opened: OpenedFields, request: FieldRead, options: ReadOptions): Promise<RowStream> {
  try {
    checkExpected(request, opened)
    return new FieldRows(opened, planFields(request, opened), request, options)
  } catch (error) {
    await opened.close()
    throw inTable(error, request.table.name)
  }
}

function changed(request: FieldRead, column: string, detail: string): ConnectorError {
  return new ConnectorError('schema_changed', detail, { place: { table: request.table.name, column } })
}

function checkExpected(request: FieldRead, { header, types }: OpenedFields): void {
  for (const { name, canonicalType } of request.expect ?? []) {
    const index = header.indexOf(name)
    if (index < 0) throw changed(request, name, 'the column is gone')
    // Where bad records are told one by one, each is judged by the agreed type.
    if (request.onBadRecord !== undefined) continue
    // A file with no value in a column says nothing about its type; text takes everything.
    if (types[index] !== canonicalType && canonicalType !== 'text' && types[index] !== 'text') {
      if (!widens(types[index]!, canonicalType)) throw changed(request, name, `is now ${types[index]}`)
    }
  }
}

const WIDER: Readonly<Record<string, readonly string[]>> = {
  integer: ['bigint', 'numeric'],
  bigint: ['numeric'],
  date: ['timestamp'],
}

function widens(from: string, to: string): boolean {
  return WIDER[from]?.includes(parseColumnType(to).name) ?? false
}

function planFields(request: FieldRead, { header, types }: OpenedFields): ReadField[] {
  const expected = new Map(request.expect?.map((column) => [column.name, column.canonicalType]))
  return request.fields.map(({ field, as, type, mask }) => {
    const index = header.indexOf(field)
    if (index < 0) throw changed(request, field, 'the column is gone')
    const own = mask === undefined ? (expected.get(field) ?? types[index]!) : 'text'
    return { index, column: { name: as, type: type ?? own }, mask: mask ?? null }
  })
}

/** A bad record for people to look at: what stands in its line, or its fields as a line of CSV. */
function rawOf({ raw, fields }: FieldRecord): string {
  if (raw !== undefined) return raw
  // A line of CSV takes no NUL, which may be what is wrong with it.
  return csvLine(fields.map((field) => field?.replaceAll('\0', '\uFFFD').toWellFormed() ?? null)).trimEnd()
}

class FieldRows implements RowStream {
  readonly columns: readonly Column[]
  readonly source: RowStream['source']
  readonly #opened: OpenedFields
  readonly #fields: readonly ReadField[]
  readonly #request: FieldRead
  readonly #options: ReadOptions
  #rows = 0n
  #taken = false

  constructor(opened: OpenedFields, fields: readonly ReadField[], request: FieldRead, options: ReadOptions) {
    this.#opened = opened
    this.#fields = fields
    this.#request = request
    this.#options = options
    this.columns = fields.map((field) => field.column)
    this.source = { from: null, to: null, snapshot: opened.snapshot }
  }

  get rows(): bigint {
    return this.#rows
  }

  async close(): Promise<void> {
    this.#taken = true
    await this.#opened.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RowChunk, void, undefined> {
    if (this.#taken) throw new ConnectorError('not_supported', 'a row stream is read once')
    this.#taken = true
    const chunkBytes = this.#options.chunkBytes ?? CHUNK_BYTES
    let text = ''
    let rows = 0
    const cut = (): RowChunk => {
      const chunk = { data: Buffer.from(text, 'utf8'), rows }
      this.#rows += BigInt(rows)
      text = ''
      rows = 0
      return chunk
    }
    try {
      for await (const record of this.#opened.records(this.#options.signal)) {
        this.#options.signal?.throwIfAborted()
        const line = this.#line(record)
        if (line === null) continue
        text += line
        rows++
        if (text.length >= chunkBytes) yield cut()
      }
      await this.#opened.verify()
      if (rows > 0) yield cut()
    } catch (error) {
      throw inTable(error, this.#request.table.name)
    } finally {
      await this.close()
    }
  }

  /** One line of segment CSV, null for a record that is filtered out or reported as bad. */
  #line(record: FieldRecord): string | null {
    try {
      this.#checkWidth(record)
      const { filter } = this.#request
      if (filter !== undefined && !filter((name) => this.#field(record, name))) return null
      const line = csvLine(this.#fields.map((field) => this.#value(record, field)))
      if (line.length > (this.#options.rowBytesMax ?? RECORD_BYTES_MAX)) {
        throw this.#fault('row_too_large', `${line.length} characters`, record)
      }
      return line
    } catch (error) {
      const known = error instanceof SegmentError ? this.#fault('bad_file', error.detail, record) : error
      if (!(known instanceof ConnectorError) || this.#request.onBadRecord === undefined) throw known
      this.#request.onBadRecord(known, rawOf(record))
      return null
    }
  }

  #checkWidth(record: FieldRecord): void {
    if (record.fault !== undefined) throw this.#fault('bad_file', record.fault, record)
    const width = this.#opened.header.length
    if (record.fields.length === width) return
    throw this.#fault('bad_file', `${record.fields.length} fields, the header has ${width}`, record)
  }

  #field(record: FieldRecord, name: string): FieldText {
    const index = this.#opened.header.indexOf(name)
    if (index < 0) throw changed(this.#request, name, 'the filter uses a column that is gone')
    return this.#text(record, index)
  }

  #text(record: FieldRecord, index: number): FieldText {
    const reason = record.bad?.get(index)
    if (reason === undefined) return record.fields[index]!
    throw this.#fault('bad_value', reason, record, this.#opened.header[index])
  }

  #value(record: FieldRecord, { index, column, mask }: ReadField): FieldText {
    const raw = this.#text(record, index)
    if (mask !== null) return mask(raw)
    const { name } = parseColumnType(column.type)
    if (raw === null || name === 'text' || name === 'varchar' || name === 'char') return raw
    // Other types have no empty value.
    if (raw === '') return null
    if (this.#opened.isTyped !== true && !fits(raw, name))
      throw this.#fault('bad_value', `not a ${name}`, record, this.#opened.header[index])
    return name === 'timestamp' ? raw.replace('T', ' ') : raw
  }

  #fault(code: ConnectorError['code'], detail: string, record: FieldRecord, column?: string): ConnectorError {
    const where = record.key === undefined ? { line: record.line } : { key: record.key }
    const place = { table: this.#request.table.name, ...where, ...(column === undefined ? {} : { column }) }
    return new ConnectorError(code, detail, { place })
  }
}
