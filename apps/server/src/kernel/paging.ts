import { place, refuse } from './errors.ts'

const LIMIT_DEFAULT = 50

/** A page's size and the sort keys of the row after which it starts. */
export interface PageAt {
  readonly limit: number
  readonly after: readonly string[] | null
}

/** Forms of sort keys that the database reads as more than text; a position made up by a caller must not reach it. */
export const INSTANT_KEY = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
export const UUID_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Reads `after` and `limit`; `keys` is how many sort keys the list has, or the form of each. */
export function pageAt(
  query: { after?: string | undefined; limit?: string | undefined },
  keys: number | readonly RegExp[],
): PageAt {
  const limit = query.limit === undefined ? LIMIT_DEFAULT : Number(query.limit)
  if (query.after === undefined) return { limit, after: null }
  try {
    const after: unknown = JSON.parse(Buffer.from(query.after, 'base64url').toString('utf8'))
    if (isPosition(after, keys)) return { limit, after }
  } catch {
    // falls through to the refusal
  }
  return refuse('request.invalid', { places: [place('#/query/after', '分页位置无效', 'not a page position')] })
}

function isPosition(after: unknown, keys: number | readonly RegExp[]): after is string[] {
  if (!Array.isArray(after) || !after.every((one) => typeof one === 'string' && !one.includes('\0'))) return false
  if (typeof keys === 'number') return after.length === keys
  return after.length === keys.length && keys.every((form, index) => form.test(after[index] as string))
}

/** Cuts the one extra row that was read and says where the next page starts. */
export function pageOf<T, V>(
  rows: readonly T[],
  at: PageAt,
  keysOf: (row: T) => readonly string[],
  view: (row: T) => V,
) {
  const items = rows.slice(0, at.limit)
  const last = items.at(-1)
  const next = rows.length > at.limit && last ? Buffer.from(JSON.stringify(keysOf(last))).toString('base64url') : null
  return { items: items.map(view), next }
}
