/** Signs without a form of their own: they come along when text is pasted, and nobody types them in a query. */
const INVISIBLE = /^\p{Default_Ignorable_Code_Point}$/u

/** One sign (code point) folded: full width to half width, one case, decomposed; empty for an invisible sign. */
export function foldSign(sign: string): string {
  return INVISIBLE.test(sign) ? '' : sign.normalize('NFKD').toLowerCase()
}

const PLAIN = /^[\u0020-\u0040\u005b-\u007e\u3400-\u9fff]*$/

/**
 * The form in which texts are compared. Sign by sign, so that `foldText(a + b) === foldText(a) + foldText(b)` but for
 * spaces: a run of them, of any kind, is one space.
 */
export function foldText(text: string): string {
  const signs = PLAIN.test(text) ? text : Array.from(text, foldSign).join('')
  return signs.replace(/\s+/gu, ' ')
}
