import { posix } from 'node:path'
import { TextDecoder } from 'node:util'
import type { FieldText } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { type FieldRecord, RECORD_BYTES_MAX } from '../field-rows.ts'
import { columnNames, FILE_COLUMNS_MAX, type TabularFile } from './tabular.ts'
import { type NumberKind, numberKind, numberText, unescapeText } from './xlsx-values.ts'
import { parseXml, type XmlHandler } from './xml.ts'
import { ZipFile } from './zip.ts'

/** Rows and columns that a sheet can have (ECMA-376). */
const ROWS_MAX = 1_048_576
const PART_BYTES_MAX = 16 * 1024 * 1024
const STRINGS_BYTES_MAX = 256 * 1024 * 1024
const SHEET_MAIN = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'
/** Parts that run code or fetch data from elsewhere. */
const UNSAFE_PART =
  /(?:^|\/)vbaProject|^xl\/(?:externalLinks|macrosheets|dialogsheets|activeX|ctrlProps)\/|^xl\/connections\.xml$/i

const refuse = (detail: string, line?: number) =>
  new ConnectorError('file_refused', detail, line === undefined ? {} : { place: { line } })

interface Sheet {
  readonly name: string
  readonly part: string
}

/**
 * A workbook, read as a stream with our own small reader: number cells keep the digits that the file has, which readers
 * that make JavaScript numbers of them do not.
 */
export class Workbook {
  readonly #zip: ZipFile
  readonly #strings: readonly string[]
  readonly #kinds: readonly NumberKind[]
  readonly #from1904: boolean
  readonly #sheets: readonly Sheet[]

  private constructor(zip: ZipFile, strings: string[], kinds: NumberKind[], from1904: boolean, sheets: Sheet[]) {
    this.#zip = zip
    this.#strings = strings
    this.#kinds = kinds
    this.#from1904 = from1904
    this.#sheets = sheets
  }

  /** Open and check a workbook. @throws ConnectorError `file_refused`, `bad_file`. */
  static async open(path: string): Promise<Workbook> {
    const zip = await ZipFile.open(path)
    try {
      await checkParts(zip)
      const { from1904, sheets } = await readWorkbook(zip)
      return new Workbook(zip, await readStrings(zip), await readStyles(zip), from1904, sheets)
    } catch (error) {
      await zip.close()
      throw error
    }
  }

  /** Names of the sheets that people see, in order. */
  get sheetNames(): string[] {
    return this.#sheets.map((sheet) => sheet.name)
  }

  /** One sheet as a table; its first row with a value is the header. @throws ConnectorError `table_missing`. */
  async sheet(name: string): Promise<TabularFile> {
    const sheet = this.#sheets.find((candidate) => candidate.name === name)
    if (sheet === undefined) throw new ConnectorError('table_missing', 'no such sheet')
    const rows = () => this.#rows(sheet.part)
    let header: string[] = []
    for await (const row of rows()) {
      header = columnNames(row.fields)
      break
    }
    return {
      header,
      async *records() {
        let head = true
        for await (const { line, fields } of rows()) {
          if (head) {
            head = false
            continue
          }
          // Trailing empty cells are not written, so a shorter row is a whole one.
          const missing = Math.max(0, header.length - fields.length)
          yield { line, fields: [...fields, ...Array.from({ length: missing }, () => null)] }
        }
      },
    }
  }

  async close(): Promise<void> {
    await this.#zip.close()
  }

  async *#rows(part: string): AsyncGenerator<FieldRecord, void, undefined> {
    const reader = new RowReader(this.#strings, this.#kinds, this.#from1904)
    for await (const _piece of parsePart(this.#zip, part, reader)) yield* reader.take()
    yield* reader.take()
  }
}

/** Feed an entry through the XML parser; names come without their prefix. */
async function* parsePart(zip: ZipFile, part: string, handler: XmlHandler): AsyncGenerator<void, void, undefined> {
  yield* parseXml(textOf(zip, part), part, {
    open: (name, attributes, line) => handler.open(local(name), attributes, line),
    close: (name) => handler.close(local(name)),
    text: (text) => handler.text(text),
  })
}

async function* textOf(zip: ZipFile, part: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of zip.read(part)) {
    try {
      yield decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new ConnectorError('bad_file', `${part} is not UTF-8`, { cause })
    }
  }
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

async function readPart(zip: ZipFile, part: string, handler: XmlHandler, bytesMax: number): Promise<void> {
  const bytes = zip.entries.get(part)?.bytes ?? 0
  if (bytes > bytesMax) throw refuse(`${part} is ${bytes} bytes, limit ${bytesMax}`)
  for await (const _piece of parsePart(zip, part, handler)) void _piece
}

const ignore = () => undefined

async function checkParts(zip: ZipFile): Promise<void> {
  for (const name of zip.entries.keys()) if (UNSAFE_PART.test(name)) throw refuse(`holds ${name}`)
  const types: string[] = []
  const handler: XmlHandler = {
    open: (_name, attributes) => types.push(attributes['ContentType'] ?? ''),
    close: ignore,
    text: ignore,
  }
  await readPart(zip, '[Content_Types].xml', handler, PART_BYTES_MAX)
  if (types.some((type) => /macroEnabled|vbaProject/i.test(type))) throw refuse('holds macros')
  if (!types.includes(SHEET_MAIN)) throw refuse('is not a workbook')
}

async function readWorkbook(zip: ZipFile): Promise<{ from1904: boolean; sheets: Sheet[] }> {
  const targets = new Map<string, string>()
  let from1904 = false
  const listed: { name: string; id: string }[] = []
  await readPart(
    zip,
    'xl/_rels/workbook.xml.rels',
    {
      open(name, attributes) {
        if (name !== 'Relationship') return
        if (attributes['TargetMode'] === 'External') throw refuse('the workbook refers to another file')
        targets.set(attributes['Id'] ?? '', attributes['Target'] ?? '')
      },
      close: ignore,
      text: ignore,
    },
    PART_BYTES_MAX,
  )
  await readPart(
    zip,
    'xl/workbook.xml',
    {
      open(name, attributes) {
        if (name === 'externalReference') throw refuse('the workbook refers to another file')
        if (name === 'workbookPr') from1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '')
        if (name === 'sheet' && (attributes['state'] ?? 'visible') === 'visible') {
          listed.push({ name: attributes['name'] ?? '', id: attributes['r:id'] ?? '' })
        }
      },
      close: ignore,
      text: ignore,
    },
    PART_BYTES_MAX,
  )
  const sheets = listed.map(({ name, id }) => {
    const target = targets.get(id) ?? ''
    return { name, part: target.startsWith('/') ? target.slice(1) : posix.join('xl', target) }
  })
  return { from1904, sheets: sheets.filter((sheet) => zip.entries.has(sheet.part)) }
}

async function readStrings(zip: ZipFile): Promise<string[]> {
  const strings: string[] = []
  if (!zip.entries.has('xl/sharedStrings.xml')) return strings
  let text: string | null = null
  let inText = false
  let phonetic = false
  const handler: XmlHandler = {
    open(name) {
      if (name === 'si') text = ''
      else if (name === 'rPh') phonetic = true
      else if (name === 't') inText = true
    },
    close(name) {
      if (name === 'si') {
        strings.push(unescapeText(text ?? ''))
        text = null
      } else if (name === 'rPh') phonetic = false
      else if (name === 't') inText = false
    },
    text(piece) {
      if (inText && !phonetic && text !== null) text += piece
    },
  }
  await readPart(zip, 'xl/sharedStrings.xml', handler, STRINGS_BYTES_MAX)
  return strings
}

async function readStyles(zip: ZipFile): Promise<NumberKind[]> {
  const kinds: NumberKind[] = []
  if (!zip.entries.has('xl/styles.xml')) return kinds
  const codes = new Map<number, string>()
  let inCellFormats = false
  const handler: XmlHandler = {
    open(name, attributes) {
      if (name === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '')
      else if (name === 'cellXfs') inCellFormats = true
      else if (name === 'xf' && inCellFormats) {
        const id = Number(attributes['numFmtId'] ?? 0)
        kinds.push(numberKind(id, codes.get(id)))
      }
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false
    },
    text: ignore,
  }
  await readPart(zip, 'xl/styles.xml', handler, PART_BYTES_MAX)
  return kinds
}

/** Turns the elements of a sheet into rows of text. */
class RowReader implements XmlHandler {
  readonly #strings: readonly string[]
  readonly #kinds: readonly NumberKind[]
  readonly #from1904: boolean
  #ready: FieldRecord[] = []
  #line = 0
  #fields: FieldText[] = []
  #chars = 0
  #column = -1
  #type = 'n'
  #kind: NumberKind = 'number'
  #value: string | null = null
  #taking = false

  constructor(strings: readonly string[], kinds: readonly NumberKind[], from1904: boolean) {
    this.#strings = strings
    this.#kinds = kinds
    this.#from1904 = from1904
  }

  /** Rows that became whole since the last call. */
  take(): FieldRecord[] {
    const rows = this.#ready
    this.#ready = []
    return rows
  }

  open(name: string, attributes: Record<string, string>): void {
    if (name === 'row') this.#openRow(attributes['r'])
    else if (name === 'c') this.#openCell(attributes)
    else if (name === 'v' || name === 't') this.#taking = true
  }

  text(piece: string): void {
    if (!this.#taking) return
    this.#value = (this.#value ?? '') + piece
    this.#count(piece.length)
  }

  /** Also what a cell only refers to: a long shared string in every cell of a row is long each time. */
  #count(chars: number): void {
    this.#chars += chars
    if (this.#chars > RECORD_BYTES_MAX) throw refuse('a row is too long', this.#line)
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#taking = false
    else if (name === 'c') this.#fields[this.#column] = this.#cellText()
    else if (name === 'row' && this.#fields.some((field) => field !== null && field !== undefined)) {
      this.#ready.push({ line: this.#line, fields: Array.from(this.#fields, (field) => field ?? null) })
    }
  }

  #openRow(reference: string | undefined): void {
    const line = reference === undefined ? this.#line + 1 : Number(reference)
    if (!Number.isInteger(line) || line <= this.#line) throw new ConnectorError('bad_file', 'rows out of order')
    if (line > ROWS_MAX) throw refuse(`row ${line}`, line)
    this.#line = line
    this.#fields = []
    this.#chars = 0
    this.#column = -1
  }

  #openCell(attributes: Record<string, string>): void {
    const letters = /^([A-Z]{1,3})\d+$/.exec(attributes['r'] ?? '')?.[1]
    const column = letters === undefined ? this.#column + 1 : columnIndex(letters)
    if (column <= this.#column) {
      throw new ConnectorError('bad_file', 'cells out of order', { place: { line: this.#line } })
    }
    this.#column = column
    if (this.#column >= FILE_COLUMNS_MAX)
      throw refuse(`column ${this.#column + 1}, limit ${FILE_COLUMNS_MAX}`, this.#line)
    this.#type = attributes['t'] ?? 'n'
    this.#kind = this.#kinds[Number(attributes['s'] ?? 0)] ?? 'number'
    this.#value = null
  }

  #cellText(): FieldText {
    const value = this.#value
    if (value === null) return null
    switch (this.#type) {
      case 's': {
        const text = this.#strings[Number(value)]
        if (text === undefined)
          throw new ConnectorError('bad_file', 'unknown shared string', { place: { line: this.#line } })
        this.#count(text.length)
        return text
      }
      case 'b':
        return value === '1' ? 'true' : 'false'
      case 'n':
        return this.#numberText(value)
      case 'd':
        return value.replace('T', ' ').replace(/Z$/, '')
      default:
        return unescapeText(value)
    }
  }

  #numberText(value: string): FieldText {
    if (value.trim() === '') return null
    try {
      return numberText(value.trim(), this.#kind, this.#from1904)
    } catch (cause) {
      throw new ConnectorError('bad_file', 'a number cell holds no number', { place: { line: this.#line }, cause })
    }
  }
}

function columnIndex(letters: string): number {
  let index = 0
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}
