/** Exit codes: what was asked is so, it is not so, or the question was malformed. */
export const EXIT_OK = 0
export const EXIT_REFUSED = 1
export const EXIT_USAGE = 2

/** One command of the table in main.ts. */
export interface Command {
  name: string
  /** One line behind `huitong`. */
  usage: string
  words: { zh: string; en: string }
  /** Runs with the arguments behind the name; returns the exit code. Throws UsageError for wrong arguments. */
  run(args: readonly string[]): Promise<number>
}

/** Wrong arguments or a file that cannot be read: exit code 2. */
export class UsageError extends Error {
  readonly words: { zh: string; en: string }
  constructor(zh: string, en: string) {
    super(en)
    this.name = 'UsageError'
    this.words = { zh, en }
  }
}

/**
 * Text from a file or from others as one harmless line: control characters, escapes of terminals and marks that turn
 * the direction of writing become `\uXXXX`.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** A table of labels and values, each on its own line. */
export function printFacts(facts: readonly (readonly [string, string])[]): void {
  for (const [label, value] of facts) console.log(`  ${label}: ${oneLine(value)}`)
}
