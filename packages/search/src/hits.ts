import { foldSign } from './fold.ts'

/** From (inclusive) to (exclusive), in UTF-16 units of the original text. */
export type Range = readonly [from: number, to: number]

/** Where the folded words stand in the original text, in order; what overlaps or touches is one range. */
export function hitsIn(text: string, words: readonly string[]): Range[] {
  const { folded, starts, ends } = mapped(text)
  const found = words.flatMap((word) => places(folded, word).map((at): Range => [at, at + word.length]))
  const ranges = found.map(([from, to]): [number, number] => [starts[from]!, ends[to - 1]!])
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const merged: [number, number][] = []
  for (const range of ranges) {
    const last = merged.at(-1)
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1])
    else merged.push([range[0], range[1]])
  }
  return merged
}

/** The folded text, and for each of its units where the sign that it came from starts and ends. */
function mapped(text: string): { folded: string; starts: number[]; ends: number[] } {
  const [starts, ends]: [number[], number[]] = [[], []]
  let [folded, at] = ['', 0]
  for (const sign of text) {
    const made = /\s/u.test(sign) ? ' ' : foldSign(sign)
    // The second space of a run stands for nothing of its own.
    const kept = made === ' ' && folded.endsWith(' ') ? '' : made
    for (let unit = 0; unit < kept.length; unit++) {
      starts.push(at)
      ends.push(at + sign.length)
    }
    folded += kept
    at += sign.length
  }
  return { folded, starts, ends }
}

function places(text: string, word: string): number[] {
  const found: number[] = []
  if (word === '') return found
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) found.push(at)
  return found
}
