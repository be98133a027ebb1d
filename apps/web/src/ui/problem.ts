import type { Said } from '../words/index.ts'

/** Something that went wrong, ready to be shown: what, where, and a code that can be searched in the docs. */
export interface Problem {
  readonly code: string
  readonly status: number
  readonly message: Said
  readonly places: readonly { readonly path: string; readonly problem: Said }[]
  readonly requestId: string | null
}

/** A JSON pointer as the name of a form field: `/body/items/3/name` → `['items', 3, 'name']`. */
export function fieldOf(pointer: string): (string | number)[] {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
  if (parts[0] === 'body' || parts[0] === 'content') parts.shift()
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
