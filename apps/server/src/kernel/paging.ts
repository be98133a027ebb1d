import { place, refuse } from './errors.ts'

const LIMIT_DEFAULT = 50

/** A page's size and the sort keys of the row after which it starts. */
export interface PageAt {
  readonly limit: number
  readonly after: readonly string[] | null
}

/** Reads `after` and `limit`; `keys` is how many sort keys the list has. */
export function pageAt(query: { after?: string | undefined; limit?: string | undefined }, keys: number): PageAt {
  const limit = query.limit === undefined ? LIMIT_DEFAULT : Number(query.limit)
  if (query.after === undefined) return { limit, after: null }
  try {
    const after: unknown = JSON.parse(Buffer.from(query.after, 'base64url').toString('utf8'))
    if (Array.isArray(after) && after.length === keys && after.every((one) => typeof one === 'string'))
      return { limit, after }
  } catch {
    // falls through to the refusal
  }
  return refuse('request.invalid', { places: [place('#/query/after', '分页位置无效', 'not a page position')] })
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
