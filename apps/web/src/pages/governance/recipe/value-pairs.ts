/** A value and what becomes of it; null: empty. */
export interface Pair {
  readonly from: string
  readonly to: string | null
}

const escaped = (text: string, signs: RegExp) =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll(signs, String.raw`\$&`)
const plain = (text: string) => text.replaceAll(/\\(.)/gu, (_all, sign: string) => (sign === 'n' ? '\n' : sign))

/** Pairs as lines `old=new`: a backslash stands before a sign of the old value, before itself and, as `\n`, for a break of the line. */
export const pairsText = (pairs: readonly Pair[]): string =>
  pairs.map(({ from, to }) => `${escaped(from, /=/g)}=${to === null ? '' : escaped(to, /^$/g)}`).join('\n')

/** The pairs in such lines; empty lines are left out, a line without a sign or with nothing behind it makes its value empty. */
export const readPairs = (text: string): Pair[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, from = '', to = ''] = /^((?:[^\\=]|\\.|\\$)*)(?:=(.*))?$/u.exec(line) ?? [line, line]
      return { from: plain(from), to: to === '' ? null : plain(to) }
    })
