import type { FieldText } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { type FieldRecord, RECORD_BYTES_MAX } from '../field-rows.ts'
import { ColumnScan, type Kind } from './column-scan.ts'
import type { TabularFile } from './tabular.ts'
import { decoded, type Encoding } from './text.ts'

/** Levels of arrays and objects within a value. */
const DEPTH_MAX = 64

/** A record that is none; the reason quotes no datum. */
class BadLine extends Error {}

interface JsonValue {
  readonly text: FieldText
  readonly kind: Kind
}

/**
 * Open a file with one JSON object a line, after a first pass for its columns. Numbers keep the digits that the file
 * has. Objects and arrays within a record are kept as the JSON text that they are.
 * @throws ConnectorError `bad_file`.
 */
export async function openJsonLines(path: string, encoding: Encoding): Promise<TabularFile> {
  const columns = new ColumnScan()
  for await (const { line, text } of lines(path, encoding)) {
    const fields = parsed(text)
    // Left to the reader to report.
    if (fields instanceof BadLine) continue
    columns.row()
    for (const [name, { text: value, kind }] of fields) columns.push(name, value, kind, line)
  }
  const { keys, header, scan } = columns.result('json')
  return {
    header,
    scan,
    async *records(): AsyncGenerator<FieldRecord> {
      for await (const { line, text } of lines(path, encoding)) {
        const fields = parsed(text)
        if (fields instanceof BadLine) yield { line, fields: [], fault: fields.message, raw: text }
        else yield { line, fields: keys.map((key) => fields.get(key)?.text ?? null) }
      }
    },
  }
}

/** Lines that are not blank. @throws ConnectorError `bad_file` for one over the limit. */
async function* lines(path: string, encoding: Encoding): AsyncGenerator<{ line: number; text: string }> {
  let rest = ''
  let line = 0
  for await (const piece of decoded(path, encoding)) {
    let from = 0
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', from)) {
      const text = rest + piece.slice(from, at)
      line++
      if (!isBlank(text)) yield { line, text }
      rest = ''
      from = at + 1
    }
    rest += piece.slice(from)
    if (rest.length > RECORD_BYTES_MAX) {
      throw new ConnectorError('bad_file', 'a line that does not end', { place: { line: line + 1 } })
    }
  }
  if (!isBlank(rest)) yield { line: line + 1, text: rest }
}

const isBlank = (text: string) => /^[ \t\r]*$/.test(text)

function parsed(text: string): ReadonlyMap<string, JsonValue> | BadLine {
  try {
    return new LineReader(text).record()
  } catch (error) {
    if (error instanceof BadLine) return error
    throw error
  }
}

/** Reads one record, strictly by RFC 8259; JSON.parse would make doubles of the numbers and drop doubled names. */
class LineReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** @throws BadLine. */
  record(): Map<string, JsonValue> {
    const fields = new Map<string, JsonValue>()
    if (this.#next() !== '{') throw new BadLine('not an object')
    this.#at++
    if (this.#next() === '}') this.#at++
    else {
      for (;;) {
        if (this.#next() !== '"') throw new BadLine(`a name is missing at character ${this.#at + 1}`)
        const name = this.#string()
        this.#take(':')
        const value = this.#value()
        if (fields.has(name)) throw new BadLine(`a name occurs twice, again before character ${this.#at + 1}`)
        fields.set(name, value)
        if (this.#next() === '}') break
        this.#take(',')
      }
      this.#at++
    }
    if (this.#next() !== undefined) throw new BadLine(`more than one value, at character ${this.#at + 1}`)
    return fields
  }

  #next(): string | undefined {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '-')) this.#at++
    return this.#text[this.#at]
  }

  #take(sign: string): void {
    if (this.#next() !== sign) throw new BadLine(`${sign} is missing at character ${this.#at + 1}`)
    this.#at++
  }

  #value(): JsonValue {
    const sign = this.#next()
    if (sign === '"') return { text: this.#string(), kind: 'text' }
    if (sign === '{' || sign === '[') return { text: this.#nested(), kind: 'nested' }
    const word = /[^\s,}\]]*/y
    word.lastIndex = this.#at
    const found = word.exec(this.#text)![0]
    this.#at += found.length
    if (found === 'null') return { text: null, kind: 'text' }
    if (found === 'true' || found === 'false') return { text: found, kind: 'boolean' }
    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(found)) return { text: found, kind: 'number' }
    throw new BadLine(`no JSON value before character ${this.#at + 1}`)
  }

  #string(): string {
    const from = this.#at
    this.#at = this.#endOfString(from)
    return this.#checked(from) as string
  }

  #endOfString(from: number): number {
    for (let at = from + 1; ; at++) {
      at = this.#text.indexOf('"', at)
      if (at < 0) throw new BadLine(`a text does not end, from character ${from + 1}`)
      let slashes = 0
      while (this.#text[at - 1 - slashes] === '\\') slashes++
      if (slashes % 2 === 0) return at + 1
    }
  }

  #nested(): string {
    const from = this.#at
    let depth = 0
    do {
      const sign = this.#text[this.#at]
      if (sign === undefined) throw new BadLine(`a value does not end, from character ${from + 1}`)
      if (sign === '"') {
        this.#at = this.#endOfString(this.#at)
        continue
      }
      if (sign === '{' || sign === '[') depth++
      if (sign === '}' || sign === ']') depth--
      if (depth > DEPTH_MAX) throw new BadLine(`over ${DEPTH_MAX} levels at character ${this.#at + 1}`)
      this.#at++
    } while (depth > 0)
    this.#checked(from)
    return this.#text.slice(from, this.#at)
  }

  #checked(from: number): unknown {
    try {
      return JSON.parse(this.#text.slice(from, this.#at))
    } catch {
      // Its message quotes the text.
      throw new BadLine(`no JSON value at character ${from + 1}`)
    }
  }
}
