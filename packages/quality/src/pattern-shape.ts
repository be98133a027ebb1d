import { parsePattern, type PatternNode, type Range } from './pattern.ts'

/** What follows for a text from its matching a pattern: so that what is known already is not asked again. */
export interface PatternShape {
  /** Every character of a matching text is in one of these ranges of code points. */
  readonly characters: readonly Range[]
  /** Least and greatest number of characters; null: no greatest. */
  readonly min: number
  readonly max: number | null
}

const POINT_MAX = 0x10ffff

export const patternShape = (source: string): PatternShape => shapeOf(parsePattern(source))

function shapeOf(node: PatternNode): PatternShape {
  switch (node.n) {
    case 'class':
      return { characters: node.negated ? complement(node.ranges) : node.ranges, min: 1, max: 1 }
    case 'sequence':
    case 'choice': {
      const parts = node.of.map(shapeOf)
      const characters = parts.flatMap((one) => one.characters)
      const [least, most] = [parts.map((one) => one.min), parts.map((one) => one.max ?? Infinity)]
      const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0)
      const bounds = node.n === 'sequence' ? [sum(least), sum(most)] : [Math.min(...least), Math.max(...most)]
      return { characters, min: bounds[0]!, max: bounds[1] === Infinity ? null : bounds[1]! }
    }
    case 'repeat': {
      const of = shapeOf(node.of)
      const max = of.max === null || node.max === null ? null : of.max * node.max
      return { characters: of.characters, min: of.min * node.min, max: node.max === 0 ? 0 : max }
    }
  }
}

/**
 * Of a pattern that is searched for: ranges of code points of which every text in which it is found holds at least one; null
 * where there is no such set.
 */
export function searchNeeds(source: string): readonly Range[] | null {
  const needs = (node: PatternNode): readonly Range[] | null => {
    switch (node.n) {
      case 'class':
        return node.negated ? complement(node.ranges) : node.ranges
      case 'sequence':
        return node.of.map(needs).find((one) => one !== null) ?? null
      case 'choice': {
        const each = node.of.map(needs)
        return each.some((one) => one === null) ? null : each.flatMap((one) => one!)
      }
      case 'repeat':
        return node.min > 0 ? needs(node.of) : null
    }
  }
  return needs(parsePattern(source))
}

/** No code point is in a range of both. */
export const areDisjoint = (left: readonly Range[], right: readonly Range[]): boolean =>
  left.every(([low, high]) => right.every(([from, to]) => high < from || to < low))

/** ASCII, which is all that a text of as many bytes as characters holds. */
export const ASCII: readonly Range[] = [[0, 0x7f]]

function complement(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted((left, right) => left[0] - right[0])
  const between: Range[] = []
  let next = 0
  for (const [low, high] of sorted) {
    if (low > next) between.push([next, low - 1])
    next = Math.max(next, high + 1)
  }
  if (next <= POINT_MAX) between.push([next, POINT_MAX])
  return between
}
