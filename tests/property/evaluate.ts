import type { Mask, Predicate } from '@huitong/policy'

/** The meaning of filters and masks, a second time: plainly, cell by cell, and not taken from `packages/policy`. */
export type Type = 'text' | 'integer' | 'decimal' | 'date' | 'timestamp' | 'boolean'
export type Cell = string | null

/** 1, 0 or −1, in the order of the type; decimals as whole numbers of their smallest unit. */
export function order(type: Type, left: string, right: string): number {
  if (type === 'integer' || type === 'decimal') {
    const units = (text: string) => {
      const [whole = '', part = ''] = text.split('.')
      return BigInt(whole + part.padEnd(40, '0'))
    }
    return Number(units(left) > units(right)) - Number(units(left) < units(right))
  }
  const bytes = (text: string) => Buffer.from(type === 'timestamp' ? text.padEnd(20, '.').padEnd(26, '0') : text)
  return Buffer.compare(bytes(left), bytes(right))
}

/** 1 true, 0 false, ½ unknown: so `and` is the least, `or` the greatest, `not` what is missing to 1. */
export function truth(one: Predicate, row: ReadonlyMap<string, Cell>): number {
  if (one.op === 'true') return 1
  if (one.op === 'false') return 0
  if (one.op === 'and') return Math.min(...one.args.map((arg) => truth(arg, row)))
  if (one.op === 'or') return Math.max(...one.args.map((arg) => truth(arg, row)))
  if (one.op === 'not') return 1 - truth(one.arg, row)
  const text = row.get(one.field) ?? null
  if (one.op === 'isNull') return Number(text === null)
  // A list without values holds nothing, so nothing need be known.
  if (one.op === 'in' && one.values.length === 0) return 0
  if (text === null) return 0.5
  if (one.op === 'in') return Number(one.values.some(({ type, value }) => order(type, text, value) === 0))
  if (one.op === 'startsWith') return Number(text.indexOf(one.value.value) === 0)
  const sign = Math.sign(order(one.value.type, text, one.value.value))
  const wanted = { eq: [0], ne: [-1, 1], lt: [-1], le: [-1, 0], gt: [1], ge: [0, 1] }[one.op]
  return Number(wanted.some((each) => each === sign))
}

const stars = (count: number) => '*'.repeat(count)
export function masked(mask: Mask | undefined, text: Cell): Cell {
  if (mask === undefined || text === null) return text
  const signs = Array.from(text)
  const count = signs.length
  const part = (from: number, to: number) => signs.slice(from, to).join('')
  if (mask === 'name') return count <= 1 ? stars(count) : part(0, 1) + stars(count - 1)
  if (mask === 'id_number') return count <= 10 ? stars(count) : part(0, 6) + stars(8) + part(count - 4, count)
  if (mask === 'phone') return count <= 7 ? stars(count) : part(0, 3) + stars(4) + part(count - 4, count)
  if (mask === 'last4') return count <= 4 ? stars(count) : stars(count - 4) + part(count - 4, count)
  return mask === 'year' ? part(0, 4) : null
}
