import type { FieldText } from '../connector.ts'

const INTEGER = /^-?(?:0|[1-9]\d{0,17})$/
const DECIMAL = /^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?$/
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[ T]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/
// Columns of these names hold codes even when every value looks like a number.
const CODE_NAME = /号|码|编号|代码|邮编|电话|code|card|phone|tel|mobile|zip|postal|sfz|bh$|dm$/i
const CODE_DIGITS_MIN = 6
const INTEGER_MAX = 2_147_483_647n

type Shape = 'integer' | 'numeric' | 'date' | 'timestamp' | 'time' | 'boolean'

const SHAPES: Readonly<Record<Shape, (text: string) => boolean>> = {
  integer: (text) => INTEGER.test(text),
  numeric: (text) => DECIMAL.test(text),
  date: isDate,
  timestamp: (text) => isDate(text) || isDate(TIMESTAMP.exec(text)?.[1] ?? ''),
  time: (text) => TIME.test(text),
  boolean: (text) => /^(?:true|false)$/i.test(text),
}
const ORDER: readonly Shape[] = ['integer', 'numeric', 'date', 'timestamp', 'time', 'boolean']

/** Sees every value of a column, then says its type; whatever could lose something stays text. */
export class TypeInference {
  readonly #name: string
  readonly #possible = new Set<Shape>(ORDER)
  #values = 0
  #width: number | null = 0
  #large = false
  nulls = false

  constructor(name: string) {
    this.#name = name
  }

  /** Take the next value. */
  push(value: FieldText): void {
    if (value === null) {
      this.nulls = true
      return
    }
    this.#values++
    if (this.#width === 0) this.#width = value.length
    else if (this.#width !== value.length) this.#width = null
    for (const shape of this.#possible) if (!SHAPES[shape](value)) this.#possible.delete(shape)
    if (!this.#large && this.#possible.has('integer')) {
      const number = BigInt(value)
      this.#large = number > INTEGER_MAX || number < -INTEGER_MAX
    }
  }

  /** The canonical type. */
  result(): string {
    if (this.#values === 0) return 'text'
    const shape = ORDER.find((candidate) => this.#possible.has(candidate))
    if (shape === undefined) return 'text'
    if (shape === 'integer' || shape === 'numeric') {
      const fixedWidth = shape === 'integer' && this.#width !== null && this.#width >= CODE_DIGITS_MIN
      if (fixedWidth || CODE_NAME.test(this.#name)) return 'text'
      return shape === 'numeric' ? 'numeric' : this.#large ? 'bigint' : 'integer'
    }
    return shape
  }
}

/** Whether `text` may be loaded into a column of `type` (one that {@link TypeInference} gives). */
export function fits(text: string, type: string): boolean {
  const shape = type === 'bigint' ? 'integer' : (ORDER.find((candidate) => candidate === type) ?? null)
  if (shape !== null && !SHAPES[shape](text)) return false
  // What is found is never as small; what was agreed may be.
  return type !== 'integer' || (BigInt(text) <= INTEGER_MAX && BigInt(text) >= -INTEGER_MAX - 1n)
}

function isDate(text: string): boolean {
  const match = DATE.exec(text)
  if (match === null) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (year === 0 || month < 1 || month > 12 || day < 1) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!
}
