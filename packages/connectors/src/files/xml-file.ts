import type { FieldText } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { type FieldRecord, RECORD_BYTES_MAX } from '../field-rows.ts'
import { ColumnScan } from './column-scan.ts'
import type { TabularFile } from './tabular.ts'
import { decoded, type Encoding } from './text.ts'
import { parseXml, type XmlHandler } from './xml.ts'

/** Levels of elements within a file. */
const DEPTH_MAX = 64
/** Names of elements that can be tables of one file. */
const TABLES_MAX = 100
/** The text of a record that has no elements. */
const OWN_TEXT = '#text'

interface XmlRecord {
  readonly name: string
  readonly line: number
  readonly fields: Map<string, Field>
}

/** What a record has under one name. */
interface Field {
  /** All of it as it stands, elements included. */
  xml: string
  /** The text, where it is one element of text alone. */
  text: FieldText
  plain: boolean
}

/** The names of the elements below the root, in their order: each is a table. @throws ConnectorError. */
export async function xmlTables(path: string, encoding: Encoding): Promise<string[]> {
  const names = new Set<string>()
  let depth = 0
  const handler: XmlHandler = {
    open(name, _attributes, line) {
      if (++depth > DEPTH_MAX) throw tooDeep(line)
      if (depth === 2) names.add(name)
      if (names.size > TABLES_MAX) {
        throw new ConnectorError('file_refused', `over ${TABLES_MAX} kinds of records`, { place: { line } })
      }
    },
    close: () => void depth--,
    text: () => undefined,
  }
  for await (const _piece of parseXml(decoded(path, encoding), 'the file', handler)) void _piece
  return [...names]
}

/**
 * Open the records of one name below the root of an XML file, after a first pass for the columns. A record's attributes
 * are columns `@name`, its elements columns of their names. An element without content is NULL. Where any record has
 * elements or attributes within a column, or it more than once, the whole column is XML text.
 * @throws ConnectorError `bad_file`, `file_refused`, `table_missing` when there is no such record.
 */
export async function openXml(path: string, encoding: Encoding, table: string): Promise<TabularFile> {
  const columns = new ColumnScan()
  const nested = new Set<string>()
  let found = false
  for await (const { fields, line } of recordsOf(path, encoding, table)) {
    found = true
    columns.row()
    for (const [name, { text, plain }] of fields) {
      if (!plain) nested.add(name)
      columns.push(name, plain ? text : '', plain ? 'number' : 'nested', line)
    }
  }
  if (!found) throw new ConnectorError('table_missing', 'no such record')
  const { keys, header, scan } = columns.result('text')
  const valueOf = (name: string, field: Field | undefined): FieldText => {
    if (field === undefined) return null
    return nested.has(name) ? field.xml : field.text
  }
  return {
    header,
    scan,
    async *records(): AsyncGenerator<FieldRecord> {
      for await (const { fields, line } of recordsOf(path, encoding, table)) {
        yield { line, fields: keys.map((name) => valueOf(name, fields.get(name))) }
      }
    },
  }
}

async function* recordsOf(path: string, encoding: Encoding, table: string): AsyncGenerator<XmlRecord> {
  const reader = new RecordReader(table)
  for await (const _piece of parseXml(decoded(path, encoding), 'the file', reader)) yield* reader.take()
  yield* reader.take()
}

/** Gathers the records of one name. */
class RecordReader implements XmlHandler {
  readonly #table: string
  #ready: XmlRecord[] = []
  #depth = 0
  #record: XmlRecord | null = null
  #chars = 0
  /** Text of the record itself, until it has an element. */
  #own = ''
  #xml = ''
  #text = ''
  #plain = true
  #nil = false

  constructor(table: string) {
    this.#table = table
  }

  take(): XmlRecord[] {
    const ready = this.#ready
    this.#ready = []
    return ready
  }

  open(name: string, attributes: Record<string, string>, line: number): void {
    if (++this.#depth > DEPTH_MAX) throw tooDeep(line)
    if (this.#depth === 2 && name === this.#table) {
      this.#record = { name, line, fields: new Map() }
      this.#chars = 0
      this.#own = ''
      for (const [one, value] of Object.entries(attributes)) this.#attribute(one, value)
    }
    if (this.#record === null || this.#depth < 3) return
    if (this.#depth === 3) {
      this.#xml = ''
      this.#text = ''
      const { 'xsi:nil': nil, ...others } = attributes
      this.#nil = nil === 'true' || nil === '1'
      this.#plain = Object.keys(others).length === 0
    } else this.#plain = false
    const written = Object.entries(attributes).map(
      ([one, value]) => ` ${one}="${escaped(value).replaceAll('"', '&quot;')}"`,
    )
    this.#add(`<${name}${written.join('')}>`)
  }

  text(text: string): void {
    if (this.#record === null) return
    if (this.#depth === 2) this.#own += text
    if (this.#depth === 3) this.#text += text
    if (this.#depth >= 3) this.#add(escaped(text))
    else this.#grow(text.length)
  }

  close(name: string): void {
    const record = this.#record
    if (record !== null && this.#depth >= 3) {
      this.#add(`</${name}>`)
      if (this.#depth === 3) this.#field(record, name)
    }
    if (record !== null && this.#depth === 2) {
      const isText = /[^ \t\r\n]/.test(this.#own)
      if (isText) record.fields.set(OWN_TEXT, { xml: escaped(this.#own), text: this.#own, plain: true })
      this.#ready.push(record)
      this.#record = null
    }
    this.#depth--
  }

  #attribute(name: string, value: string): void {
    this.#record!.fields.set(`@${name}`, { xml: escaped(value), text: value, plain: true })
    this.#grow(name.length + value.length)
  }

  #field(record: XmlRecord, name: string): void {
    const text = this.#nil || this.#text === '' ? null : this.#text
    const before = record.fields.get(name)
    if (before === undefined) record.fields.set(name, { xml: this.#xml, text, plain: this.#plain })
    else record.fields.set(name, { xml: before.xml + this.#xml, text: null, plain: false })
  }

  #add(xml: string): void {
    this.#xml += xml
    this.#grow(xml.length)
  }

  #grow(chars: number): void {
    this.#chars += chars
    if (this.#chars <= RECORD_BYTES_MAX) return
    throw new ConnectorError('file_refused', 'a record is too long', { place: { line: this.#record!.line } })
  }
}

const tooDeep = (line: number) =>
  new ConnectorError('file_refused', `over ${DEPTH_MAX} levels of elements`, { place: { line } })

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/**
 * The encoding that an XML file says that it has, null where it says none.
 * @throws ConnectorError `encoding_unknown` for one that is not read here.
 */
export function declaredEncoding(head: string): Encoding | null {
  const name = /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(head)?.[1]?.toLowerCase()
  if (name === undefined) return null
  if (name === 'utf-8' || name === 'us-ascii') return 'utf-8'
  if (['gb18030', 'gbk', 'gb2312'].includes(name)) return 'gb18030'
  // One that is written in two bytes a sign is told by its first bytes.
  if (name.startsWith('utf-16')) return null
  throw new ConnectorError('encoding_unknown', 'the file says an encoding that is not read')
}
