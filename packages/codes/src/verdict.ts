/** Words for people, in both languages. */
export interface Words {
  zh: string
  en: string
}

/** A code that is not acceptable: a stable reason, where in the text (0-based character), and words for people. */
export interface CodeRefusal {
  status: 'invalid'
  reason: string
  at: number
  words: Words
}

/** A refusal as a value. */
export function refuse(reason: string, at: number, zh: string, en: string): CodeRefusal {
  return { status: 'invalid', reason, at, words: { zh, en } }
}

/** The position of the first character that does not belong, or the length when the text is too short. */
export function firstWrong(text: string, isGood: (character: string, at: number) => boolean, length: number): number {
  for (let i = 0; i < Math.min(text.length, length); i++) if (!isGood(text[i]!, i)) return i
  return Math.min(text.length, length)
}
