/**
 * Masks (脱敏). No regulation fixes them; these are the usual ones (reference: GB/T 39477 practice).
 * `name` keeps the first character, `id_number` 6 + 4, `phone` 3 + 4, `last4` the last four, `year` the year.
 */
export type Mask = 'name' | 'id_number' | 'phone' | 'last4' | 'year' | 'null'

export const MASKS: readonly Mask[] = ['name', 'id_number', 'phone', 'last4', 'year', 'null']

/** Keeps `head` and `tail` characters with `stars` between; a text too short to hide anything becomes all stars. */
function keep(text: string, head: number, tail: number, stars: number | null): string {
  const characters = [...text]
  if (characters.length <= head + tail) return '*'.repeat(characters.length)
  const hidden = stars ?? characters.length - head - tail
  return `${characters.slice(0, head).join('')}${'*'.repeat(hidden)}${tail ? characters.slice(-tail).join('') : ''}`
}

/** Reference semantics of the masks; the SQL below must agree (tested against PostgreSQL). */
export function maskText(mask: Mask, text: string | null): string | null {
  if (text === null || mask === 'null') return null
  switch (mask) {
    case 'name':
      return keep(text, 1, 0, null)
    case 'id_number':
      return keep(text, 6, 4, 8)
    case 'phone':
      return keep(text, 3, 4, 4)
    case 'last4':
      return keep(text, 0, 4, null)
    case 'year':
      return [...text].slice(0, 4).join('')
  }
}

function keepSql(x: string, head: number, tail: number, stars: number | null): string {
  const hidden = stars === null ? `char_length(${x}) - ${head + tail}` : String(stars)
  const parts = [head ? `left(${x}, ${head})` : '', `repeat('*', ${hidden})`, tail ? `right(${x}, ${tail})` : '']
  const kept = parts.filter(Boolean).join(' || ')
  return `case when char_length(${x}) <= ${head + tail} then repeat('*', char_length(${x})) else ${kept} end`
}

/** The mask as a PostgreSQL expression over a source expression; the result is text. */
export function maskPostgres(mask: Mask, expression: string): string {
  return mask === 'null' ? 'null::text' : maskSql(mask, `(${expression})::text`)
}

/** The mask as an expression for MySQL in a session with `PIPES_AS_CONCAT`; the result is text. */
export function maskMysql(mask: Mask, expression: string): string {
  return mask === 'null' ? 'cast(null as char)' : maskSql(mask, `convert(${expression} using utf8mb4)`)
}

/** `x` is an expression of text. */
function maskSql(mask: Exclude<Mask, 'null'>, x: string): string {
  switch (mask) {
    case 'name':
      return keepSql(x, 1, 0, null)
    case 'id_number':
      return keepSql(x, 6, 4, 8)
    case 'phone':
      return keepSql(x, 3, 4, 4)
    case 'last4':
      return keepSql(x, 0, 4, null)
    case 'year':
      return `left(${x}, 4)`
  }
}
