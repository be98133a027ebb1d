interface Item {
  readonly code: string
  readonly name: { readonly zh: string }
}
interface Field {
  readonly name: string
  readonly comment: string | null
  readonly suggestedName: string | null
}

const plain = (text: string) => text.toLowerCase().replace(/[\s_-]/g, '')

/**
 * Suggests for each item the field that carries it: same code, then same Chinese name in comment or suggestion. A field
 * serves one item only; what nothing suggests stays open for the person.
 */
export function suggestMapping(items: readonly Item[], fields: readonly Field[]): Record<string, string | undefined> {
  const free = new Set(fields)
  const found: Record<string, string | undefined> = {}
  const tests: readonly ((item: Item, field: Field) => boolean)[] = [
    (item, field) => field.name === item.code,
    (item, field) => plain(field.name) === plain(item.code),
    (item, field) => field.comment?.trim() === item.name.zh || field.suggestedName === item.name.zh,
  ]
  for (const fits of tests)
    for (const item of items) {
      if (found[item.code]) continue
      for (const field of free)
        if (fits(item, field)) {
          found[item.code] = field.name
          free.delete(field)
          break
        }
    }
  return found
}
