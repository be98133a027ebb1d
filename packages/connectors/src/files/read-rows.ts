import { type Column, csvLine, parseColumnType, type RowChunk, SegmentError } from '@huitong/segment'
import type { FieldRead, FieldText, ReadOptions, ReadRequest, RowStream } from '../connector.ts'
import { ConnectorError, inTable } from '../errors.ts'
import { scanTable } from './discover.ts'
import { fits } from './infer-type.ts'
import { openTable, type OpenTable } from './open-table.ts'
import type { FilesSettings } from './settings.ts'
import { type FileRecord, RECORD_BYTES_MAX } from './tabular.ts'

const CHUNK_BYTES = 1024 * 1024

interface ReadField {
  readonly index: number
  readonly column: Column
  readonly mask: ((value: FieldText) => FieldText) | null
}

/** Read a file's rows as segment CSV. Masks and the filter run here, before anything leaves. */
export async function readRows(
  settings: FilesSettings,
  request: ReadRequest,
  options: ReadOptions = {},
): Promise<RowStream> {
  if (!('fields' in request)) throw new ConnectorError('not_supported', 'files take no SQL')
  const { name } = request.table
  const opened = await openTable(settings, name).catch((error: unknown) => {
    throw inTable(error, name)
  })
  try {
    const { types } = await scanTable(opened.table)
    checkExpected(request, opened, types)
    return new FileRows(opened, planFields(request, opened, types), request, options)
  } catch (error) {
    await opened.close()
    throw inTable(error, name)
  }
}

function changed(request: FieldRead, column: string, detail: string): ConnectorError {
  return new ConnectorError('schema_changed', detail, { place: { table: request.table.name, column } })
}

function checkExpected(request: FieldRead, { table }: OpenTable, types: readonly string[]): void {
  for (const { name, canonicalType } of request.expect ?? []) {
    const index = table.header.indexOf(name)
    if (index < 0) throw changed(request, name, 'the column is gone')
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

function planFields(request: FieldRead, { table }: OpenTable, types: readonly string[]): ReadField[] {
  const expected = new Map(request.expect?.map((column) => [column.name, column.canonicalType]))
  return request.fields.map(({ field, as, type, mask }) => {
    const index = table.header.indexOf(field)
    if (index < 0) throw changed(request, field, 'the column is gone')
    const own = mask === undefined ? (expected.get(field) ?? types[index]!) : 'text'
    return { index, column: { name: as, type: type ?? own }, mask: mask ?? null }
  })
}

class FileRows implements RowStream {
  readonly columns: readonly Column[]
  readonly source: RowStream['source']
  readonly #opened: OpenTable
  readonly #fields: readonly ReadField[]
  readonly #request: FieldRead
  readonly #options: ReadOptions
  #rows = 0n
  #taken = false

  constructor(opened: OpenTable, fields: readonly ReadField[], request: FieldRead, options: ReadOptions) {
    this.#opened = opened
    this.#fields = fields
    this.#request = request
    this.#options = options
    this.columns = fields.map((field) => field.column)
    this.source = { from: null, to: null, snapshot: `sha256:${opened.sha256}` }
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
      for await (const record of this.#opened.table.records()) {
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
  #line(record: FileRecord): string | null {
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
      this.#request.onBadRecord(known)
      return null
    }
  }

  #checkWidth(record: FileRecord): void {
    const width = this.#opened.table.header.length
    if (record.fields.length === width) return
    throw this.#fault('bad_file', `${record.fields.length} fields, the header has ${width}`, record)
  }

  #field(record: FileRecord, name: string): FieldText {
    const index = this.#opened.table.header.indexOf(name)
    if (index < 0) throw changed(this.#request, name, 'the filter uses a column that is gone')
    return record.fields[index]!
  }

  #value(record: FileRecord, { index, column, mask }: ReadField): FieldText {
    const raw = record.fields[index]!
    if (mask !== null) return mask(raw)
    const { name } = parseColumnType(column.type)
    if (raw === null || name === 'text' || name === 'varchar' || name === 'char') return raw
    // Other types have no empty value.
    if (raw === '') return null
    if (!fits(raw, name)) throw this.#fault('bad_value', `not a ${name}`, record, column.name)
    return name === 'timestamp' ? raw.replace('T', ' ') : raw
  }

  #fault(code: ConnectorError['code'], detail: string, record: FileRecord, column?: string): ConnectorError {
    const place = { table: this.#request.table.name, line: record.line, ...(column === undefined ? {} : { column }) }
    return new ConnectorError(code, detail, { place })
  }
}
