/** How often a combination of levels occurs among the pairs of which the bits of `mask` say by which rules they were found. */
export interface PatternCount {
  readonly mask: number
  /** Level of each comparison; 0: not comparable. */
  readonly levels: readonly number[]
  readonly count: number
}

/** For each comparison, for each level, how often it occurs among matches (`m`) and among others (`u`); place 0 is unused. */
export interface Model {
  readonly m: readonly (readonly number[])[]
  readonly u: readonly (readonly number[])[]
  /** That two records of all are one. */
  readonly prior: number
  readonly iterations: number
}

const ROUNDS_MAX = 200
const CHANGE_MIN = 1e-5
/** No level is impossible: one that was not seen is rarer than all that was. */
const FLOOR = 1e-7
const START_EXACT = 0.9

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)

/** Shares of the levels 1 …, none of them zero. */
function shares(counts: readonly number[]): number[] {
  const total = sum(counts.slice(1))
  if (total <= 0) return counts.map((_one, at) => (at === 0 ? 0 : 1 / (counts.length - 1)))
  const raised = counts.map((one, at) => (at === 0 ? 0 : Math.max(one / total, FLOOR)))
  const all = sum(raised)
  return raised.map((one) => one / all)
}

/** How often each level occurs, by comparison. */
export function levelShares(counts: readonly PatternCount[], sizes: readonly number[]): number[][] {
  return sizes.map((size, comparison) => {
    const found = Array.from<number>({ length: size }).fill(0)
    for (const { levels, count } of counts) found[levels[comparison]!]! += count
    return shares(found)
  })
}

/** Matches agree mostly, and less in what is less: where the estimate begins. */
function startOf(size: number): number[] {
  const rest = (1 - START_EXACT) / Math.max(1, size - 2)
  return Array.from({ length: size }, (_, level) => (level === 0 ? 0 : level === size - 1 ? START_EXACT : rest))
}

function likelihood(levels: readonly number[], of: readonly (readonly number[])[], active: readonly boolean[]): number {
  return levels.reduce((all, level, at) => (level === 0 || !active[at] ? all : all * of[at]![level]!), 1)
}

interface Pass {
  readonly m: number[][]
  readonly matches: number
  readonly iterations: number
}

/** Expectation and maximisation over the pairs of one rule: what agrees by the rule itself teaches nothing there. */
function passOf(
  counts: readonly PatternCount[],
  u: readonly (readonly number[])[],
  active: readonly boolean[],
): Pass | null {
  const total = sum(counts.map((one) => one.count))
  if (total === 0 || !active.some(Boolean)) return null
  let m = u.map((one) => startOf(one.length))
  let share = 0.2
  let round = 0
  for (; round < ROUNDS_MAX; round++) {
    const found = u.map((one) => Array.from<number>({ length: one.length }).fill(0))
    let matches = 0
    for (const { levels, count } of counts) {
      const [same, other] = [share * likelihood(levels, m, active), (1 - share) * likelihood(levels, u, active)]
      const expected = (count * same) / (same + other)
      matches += expected
      levels.forEach((level, at) => (found[at]![level]! += expected))
    }
    const next = found.map(shares)
    const change = Math.max(...next.flatMap((one, at) => one.map((value, level) => Math.abs(value - m[at]![level]!))))
    m = next
    share = Math.min(Math.max(matches / total, FLOOR), 1 - FLOOR)
    if (change < CHANGE_MIN) break
  }
  return { m, matches: share * total, iterations: round + 1 }
}

/** What the estimate is made from. */
export interface Evidence {
  /** Numbers of levels of each comparison, with the one for missing values. */
  readonly sizes: readonly number[]
  /** Candidate pairs. */
  readonly candidates: readonly PatternCount[]
  /** Pairs drawn by chance. */
  readonly random: readonly PatternCount[]
  /** For each blocking rule the comparisons that it decides. */
  readonly decided: readonly (readonly number[])[]
  /** Pairs that there are, blocked or not. */
  readonly pairs: number
}

/**
 * Fellegi–Sunter parameters without labelled pairs: `u` from random pairs, `m` by expectation and maximisation for each
 * blocking rule, weighed by the matches that it sees; the prior from what the candidates tell. (Fellegi and Sunter 1969; Winkler
 * 1988; the training by rules is that of Splink.)
 */
export function estimate(evidence: Evidence): Model {
  const { sizes, candidates, random, decided, pairs } = evidence
  const drawn = levelShares(random, sizes)
  let u = drawn
  let model: Model = { m: sizes.map(startOf), u, prior: 1e-6, iterations: 0 }
  // Random pairs hold some matches too: what these add to the share of a level is taken out again.
  for (let turn = 0; turn < 2; turn++) {
    const m = combined(sizes, decided, candidates, u)
    const prior = priorOf(candidates, m.m, u, pairs)
    model = { m: m.m, u, prior, iterations: m.iterations }
    u = drawn.map((one, at) =>
      shares(one.map((share, level) => Math.max(share - prior * m.m[at]![level]!, share * 0.01))),
    )
  }
  return model
}

function combined(
  sizes: readonly number[],
  decided: readonly (readonly number[])[],
  candidates: readonly PatternCount[],
  u: readonly (readonly number[])[],
): { m: number[][]; iterations: number } {
  const sums = sizes.map((size) => Array.from<number>({ length: size }).fill(0))
  let iterations = 0
  for (const [rule, comparisons] of decided.entries()) {
    const active = sizes.map((_size, at) => !comparisons.includes(at))
    const own = candidates.filter((one) => Math.floor(one.mask / 2 ** rule) % 2 === 1)
    const pass = passOf(own, u, active)
    if (pass === null) continue
    iterations += pass.iterations
    pass.m.forEach((one, at) => {
      if (active[at]) one.forEach((value, level) => (sums[at]![level]! += value * pass.matches))
    })
  }
  return { m: sums.map((one, at) => (sum(one) > 0 ? shares(one) : startOf(sizes[at]!))), iterations }
}

function priorOf(
  candidates: readonly PatternCount[],
  m: readonly (readonly number[])[],
  u: readonly (readonly number[])[],
  pairs: number,
): number {
  const active = m.map(() => true)
  const ratios = candidates.map(({ levels }) => likelihood(levels, m, active) / likelihood(levels, u, active))
  let prior = 1e-4
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const odds = prior / (1 - prior)
    const matches = sum(candidates.map(({ count }, at) => (count * odds * ratios[at]!) / (1 + odds * ratios[at]!)))
    const next = Math.min(Math.max(matches / Math.max(1, pairs), 1e-15), 0.5)
    if (Math.abs(Math.log(next / prior)) < CHANGE_MIN) return next
    prior = next
  }
  return prior
}

/**
 * The weight of a combination of levels in bits, prior included: log2 of the odds that the two are one. Where `rarity` is true the
 * share of the value itself stands in place of `u` of the first level, and is added for each pair.
 */
export function weightOf(levels: readonly number[], model: Model, rarity: readonly boolean[]): number {
  const prior = Math.log2(model.prior / (1 - model.prior))
  return levels.reduce((all, level, at) => {
    if (level === 0) return all
    const isByValue = rarity[at]! && level === model.m[at]!.length - 1
    return all + Math.log2(model.m[at]![level]!) - (isByValue ? 0 : Math.log2(model.u[at]![level]!))
  }, prior)
}

/** The probability that two are one, from the weight in bits. */
export const probabilityOf = (weight: number): number => 1 / (1 + 2 ** -weight)
/** The weight in bits of a probability. */
export const bitsOf = (probability: number): number => Math.log2(probability / (1 - probability))
