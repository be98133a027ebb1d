import { foldText } from './fold.ts'

/** The words of a query, folded, each once, in their order. Spaces of any kind part them. */
export function wordsOf(query: string): string[] {
  const words = query.split(/\s+/u).map(foldText)
  return [...new Set(words)].filter((word) => word.trim() !== '')
}

/**
 * What a text's index must hold if the text holds all words: each pair of neighbouring signs, or the sign itself for a
 * word of one. For words of one or two signs that is all there is to know; longer ones must be looked at once more.
 */
export function gramsOf(words: readonly string[]): string[] {
  return [...new Set(words.flatMap(gramsOfWord))]
}

function gramsOfWord(word: string): string[] {
  const signs = Array.from(word)
  return signs.length === 1 ? signs : signs.slice(1).map((sign, at) => signs[at]! + sign)
}

/** Does each word stand in at least one of the texts? The meaning of finding, without any index. */
export function holdsAll(words: readonly string[], texts: readonly string[]): boolean {
  const folded = texts.map(foldText)
  return words.every((word) => folded.some((text) => text.includes(word)))
}
