export interface Code {
  readonly code: string
  readonly name: string
}

/** Codes as people paste them: one a line, code and name with a space, tab or comma between. Answers the lines that are none. */
export function codesOf(text: string): { codes: Code[]; bad: number[] } {
  const codes: Code[] = []
  const bad: number[] = []
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const match = /^\s*(\S+?)(?:\s*[\t,，]\s*|\s+)(.+?)\s*$/.exec(line)
    if (match) codes.push({ code: match[1]!, name: match[2]! })
    else bad.push(at + 1)
  }
  return { codes, bad }
}

export const linesOf = (codes: readonly Code[]): string => codes.map(({ code, name }) => `${code}\t${name}`).join('\n')
