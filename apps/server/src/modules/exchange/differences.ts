import type { FieldDifference } from '@huitong/contract/exchange'
import type { FoundField } from '@huitong/contract/work'

type Field = Pick<FoundField, 'name' | 'type'>

/** What differs between two forms of a table, in the order of the later one, what is gone at the end. */
export function differencesOf(
  before: readonly Field[],
  after: readonly Field[],
  needed: ReadonlySet<string>,
): FieldDifference[] {
  const old = new Map(before.map((field, index) => [field.name, { ...field, index }]))
  const now = new Set(after.map(({ name }) => name))
  const kept = after.filter(({ name }) => old.has(name))
  const still = inOrder(kept.map(({ name }) => old.get(name)!.index))
  const found = after.flatMap(({ name, type }, index): FieldDifference[] => {
    const was = old.get(name)
    const common = { field: name, needed: needed.has(name) }
    if (was === undefined) return [{ ...common, kind: 'added', before: null, after: type }]
    if (was.type !== type) return [{ ...common, kind: 'retyped', before: was.type, after: type }]
    if (still.has(was.index)) return []
    return [{ ...common, kind: 'moved', before: String(was.index + 1), after: String(index + 1) }]
  })
  const gone = before.flatMap(({ name, type }): FieldDifference[] =>
    now.has(name) ? [] : [{ field: name, needed: needed.has(name), kind: 'removed', before: type, after: null }],
  )
  return [...found, ...gone]
}

/** Nothing but new fields. */
export const isAdditive = (differences: readonly FieldDifference[]): boolean =>
  differences.every(({ kind }) => kind === 'added')

/** The most of these numbers that stand in rising order: what is not among them has moved. */
function inOrder(places: readonly number[]): Set<number> {
  const length: number[] = []
  const previous: number[] = []
  let best = -1
  places.forEach((place, i) => {
    length[i] = 1
    previous[i] = -1
    for (let j = 0; j < i; j++) {
      if (places[j]! < place && length[j]! + 1 > length[i]!) {
        length[i] = length[j]! + 1
        previous[i] = j
      }
    }
    if (best === -1 || length[i] > length[best]!) best = i
  })
  const kept = new Set<number>()
  for (let i = best; i !== -1; i = previous[i]!) kept.add(places[i]!)
  return kept
}
