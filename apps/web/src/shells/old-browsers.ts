import type { CSSObject } from '@ant-design/cssinjs'

/** Splits a list of selectors at its outer commas. */
export function selectorsOf(list: string): string[] {
  const parts = ['']
  let depth = 0
  for (const char of list) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (char === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts.map((part) => part.trim())
}

/** `:has(x:focus-visible)` as browsers before Chromium 105 can say it. */
const older = (selector: string) => selector.replace(/:has\([^()]*:focus-visible[^()]*\)/g, ':focus-within')

/**
 * Makes Ant Design's styles safe for Chromium 90, which drops a whole rule when it does not know one selector of its
 * list: focus rings would be lost. Rules with `:has()` are divided; where it asks for focus, `:focus-within` says it.
 */
export const withoutHas = {
  visit(css: CSSObject): CSSObject {
    const result: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(css)) {
      if (!key.includes(':has(')) {
        result[key] = value
        continue
      }
      const parts = selectorsOf(key).map(older)
      const known = parts.filter((part) => !part.includes(':has('))
      const unknown = parts.filter((part) => part.includes(':has('))
      if (known.length > 0) result[known.join(', ')] = value
      if (unknown.length > 0) result[unknown.join(', ')] = value
    }
    // The same declarations under divided selectors.
    return result as CSSObject
  },
}
