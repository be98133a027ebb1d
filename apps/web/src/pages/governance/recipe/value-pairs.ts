/** A value and what becomes of it; null: empty. */
export interface Pair {
  readonly from: string
  readonly to: string | null
}

/** Pairs as lines `old=new`; only the first sign divides. */
export const pairsText = (pairs: readonly Pair[]): string =>
  pairs.map(({ from, to }) => `${from}=${to ?? ''}`).join('\n')

/** The pairs in such lines; empty lines are left out, a line without a sign makes its value empty. */
export const readPairs = (text: string): Pair[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf('=')
      const [from, to] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
      return { from, to: to === '' ? null : to }
    })
