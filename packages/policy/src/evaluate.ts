import type { Predicate, Value } from './predicate.ts'

/** A row as canonical texts; null is SQL NULL. */
export type Row = Readonly<Record<string, string | null | undefined>>

type Truth = true | false | null

/** Scaled integers, so that decimals of any length compare exactly. */
function compareDecimals(left: string, right: string): number {
  const digits = Math.max(fraction(left), fraction(right))
  const difference = scaled(left, digits) - scaled(right, digits)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
const fraction = (text: string) => text.split('.')[1]?.length ?? 0
const scaled = (text: string, digits: number) => {
  const [whole, part = ''] = text.split('.')
  return BigInt(`${whole}${part.padEnd(digits, '0')}`)
}

/** Order of UTF-8 bytes, which is also PostgreSQL's `COLLATE "C"`. */
function compareTexts(left: string, right: string): number {
  const a = new TextEncoder().encode(left)
  const b = new TextEncoder().encode(right)
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at]! < b[at]! ? -1 : 1
  return Math.sign(a.length - b.length)
}

function compare(text: string, value: Value): number {
  if (value.type === 'integer' || value.type === 'decimal') return compareDecimals(text, value.value)
  if (value.type === 'timestamp') return compareTexts(normalInstant(text), normalInstant(value.value))
  return compareTexts(text, value.value)
}
const normalInstant = (text: string) =>
  text
    .replace(' ', 'T')
    .replace('Z', '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')

const not = (truth: Truth): Truth => (truth === null ? null : !truth)

function truth(predicate: Predicate, row: Row): Truth {
  switch (predicate.op) {
    case 'true':
      return true
    case 'false':
      return false
    case 'not':
      return not(truth(predicate.arg, row))
    case 'and':
      return fold(predicate.args, row, false)
    case 'or':
      return fold(predicate.args, row, true)
    case 'isNull':
      return (row[predicate.field] ?? null) === null
    default:
      return compared(predicate, row[predicate.field] ?? null)
  }
}

/** `and` ends at the first false, `or` at the first true; unknown stays unknown. */
function fold(args: readonly Predicate[], row: Row, decisive: boolean): Truth {
  const truths = args.map((one) => truth(one, row))
  if (truths.includes(decisive)) return decisive
  return truths.includes(null) ? null : !decisive
}

type Comparison = Extract<Predicate, { field: string }>

function compared(predicate: Comparison, text: string | null): Truth {
  if (text === null || predicate.op === 'isNull') return null
  if (predicate.op === 'in') return predicate.values.some((value) => compare(text, value) === 0)
  if (predicate.op === 'startsWith') return text.startsWith(predicate.value.value)
  const order = compare(text, predicate.value)
  const holds = { eq: order === 0, ne: order !== 0, lt: order < 0, le: order <= 0, gt: order > 0, ge: order >= 0 }
  return holds[predicate.op]
}

/** Does the row pass? Unknown (a comparison with NULL) does not. Reference semantics for every emitter. */
export function evaluate(predicate: Predicate, row: Row): boolean {
  return truth(predicate, row) === true
}
