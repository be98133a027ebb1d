/** What the page shows of a signed grant. Parts that it does not know stay in the document itself, shown whole below. */
export interface GrantTerms {
  readonly items: readonly string[] | null
  readonly rowFilter: unknown
  readonly masks: readonly { readonly item: string; readonly mask: string }[]
  readonly purpose: string | null
  readonly matter: string | null
  readonly rowsPerDayMax: string | null
}

type Loose = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null

function masksOf(masks: unknown): GrantTerms['masks'] {
  if (Array.isArray(masks))
    return masks.flatMap((mask) =>
      isObject(mask) ? [{ item: textOf(mask['item']) ?? '', mask: textOf(mask['mask']) ?? '' }] : [],
    )
  if (isObject(masks)) return Object.entries(masks).map(([item, mask]) => ({ item, mask: textOf(mask) ?? '' }))
  return []
}

/** Reads the terms out of a grant's document, given as an object or as its canonical JSON. */
export function termsOf(document: unknown): GrantTerms {
  let given: unknown = document
  if (typeof given === 'string') {
    try {
      given = JSON.parse(given)
    } catch {
      given = null
    }
  }
  const found = isObject(given) ? given : {}
  const matter = found['matter']
  const items = found['items'] ?? found['columns']
  return {
    items: Array.isArray(items)
      ? items.map((item) => (isObject(item) ? (textOf(item['item'] ?? item['code']) ?? '') : String(item)))
      : null,
    rowFilter: found['rowFilter'] ?? found['filter'] ?? null,
    masks: masksOf(found['masks']),
    purpose: textOf(found['purpose']),
    matter: isObject(matter)
      ? [textOf(matter['name']), textOf(matter['code'])].filter(Boolean).join(' ')
      : textOf(matter ?? found['matterCode']),
    rowsPerDayMax: textOf(
      found['rowsPerDayMax'] ?? (isObject(found['quota']) ? found['quota']['rowsPerDayMax'] : null),
    ),
  }
}
