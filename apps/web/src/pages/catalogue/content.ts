import type { DatasetContent } from '@huitong/contract/catalogue'

/** Leaves out what was left empty, so that a draft can be saved at any time. Arrays stay, also empty ones. */
export function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(prune)
  if (value === null || value === '' || value === undefined) return undefined
  if (typeof value !== 'object') return value
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const kept = prune(inner)
    return kept === undefined ? [] : [[key, kept] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** The content that a form holds, ready to send. */
export function contentOf(values: object): DatasetContent {
  // The form's fields are exactly those of the content; the server checks every one of them.
  return (prune(values) ?? {}) as DatasetContent
}
