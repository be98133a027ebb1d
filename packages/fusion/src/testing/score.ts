/** How well a clustering agrees with the truth. */
export interface Score {
  pairwise: { precision: number; recall: number; f1: number }
  bcubed: { precision: number; recall: number; f1: number }
}

const f1 = (precision: number, recall: number) => ({
  precision,
  recall,
  f1: (2 * precision * recall) / (precision + recall),
})
const pairs = (n: number): number => (n * (n - 1)) / 2

/** Pairwise and B-cubed scores, from nothing but the two names of each record: its true cluster and the one it was put into. */
export function scoreOf(records: readonly (readonly [truth: string, found: string])[]): Score {
  const sizes = (keys: readonly string[]) => {
    const counts = new Map<string, number>()
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
    return counts
  }
  const [truth, found] = [sizes(records.map((one) => one[0])), sizes(records.map((one) => one[1]))]
  const both = sizes(records.map((one) => `${one[0]}\n${one[1]}`))
  const total = (of: Map<string, number>) => [...of.values()].reduce((sum, one) => sum + pairs(one), 0)
  let [precision, recall] = [0, 0]
  for (const [key, shared] of both) {
    const [t, f] = key.split('\n')
    precision += (shared * shared) / found.get(f!)!
    recall += (shared * shared) / truth.get(t!)!
  }
  return {
    pairwise: f1(total(both) / total(found), total(both) / total(truth)),
    bcubed: f1(precision / records.length, recall / records.length),
  }
}
