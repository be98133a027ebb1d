import { isSpace, SPACE_RANGES } from '@huitong/quality'

/** A value that a step would make longer than so many characters is a mistake of the recipe, and is not made. */
export const CELL_MAX = 100_000
/** The text that an expression gives, which ends the recipe where it is too long. */
export const bounded = (sql: string): string =>
  `CASE WHEN length(${sql}) > ${CELL_MAX} THEN error('too long') ELSE ${sql} END`

const code = (point: number) => `\\x{${point.toString(16)}}`
/** White space and invisible characters as a class of RE2. */
export const SPACE_RE2 = `[${SPACE_RANGES.map(([low, high]) => `${code(low)}-${code(high)}`).join('')}]`

/** Full-width forms (U+FF01 to U+FF5E) and the ideographic space, with the characters of ASCII that they stand for. */
export const WIDE = String.fromCodePoint(...Array.from({ length: 94 }, (_, at) => 0xff01 + at), 0x3000)
export const NARROW = String.fromCodePoint(...Array.from({ length: 94 }, (_, at) => 0x21 + at), 0x20)
export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
export const LOWER = 'abcdefghijklmnopqrstuvwxyz'

/** Each character of `from` becomes the one at its place in `to`. */
export function translated(text: string, from: string, to: string): string {
  const [sources, targets] = [[...from], [...to]]
  const pairs = new Map(sources.map((one, at) => [one, targets[at]!]))
  return [...text].map((one) => pairs.get(one) ?? one).join('')
}

/** Without white space at its ends. */
export function trimmed(text: string): string {
  const characters = [...text]
  const first = characters.findIndex((one) => !isSpace(one))
  if (first < 0) return ''
  return characters.slice(first, characters.findLastIndex((one) => !isSpace(one)) + 1).join('')
}

/** Each run of white space becomes `by`. */
export function spacesAs(text: string, by: string): string {
  let isInside = false
  return [...text]
    .map((one) => {
      const was = isInside
      isInside = isSpace(one)
      return isInside ? (was ? '' : by) : one
    })
    .join('')
}
