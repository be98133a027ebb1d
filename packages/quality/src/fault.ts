import { parsePattern, PatternError } from './pattern.ts'

/** What is wrong in the parameters of a rule; `path` is a JSON pointer into them. */
export interface RuleFault {
  readonly path: string
  readonly zh: string
  readonly en: string
}

/** Says why a pattern is not one, if so. */
export function patternFault(source: string, path: string): RuleFault[] {
  try {
    parsePattern(source)
    return []
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return [{ path, zh: `正则表达式 ${error.words.zh}`, en: `pattern: ${error.message}` }]
  }
}
