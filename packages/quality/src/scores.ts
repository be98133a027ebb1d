import { DIMENSIONS, INDICATORS, type Dimension, type IndicatorCode } from './indicators.ts'

/** A ÷ B of one rule or measure, as GB/T 36344 wants it kept: raw, with its indicator. */
export interface Measure {
  readonly indicator: IndicatorCode
  /** Elements that satisfy the indicator, or, where less is better, elements that are wrong. */
  readonly a: bigint
  /** Elements that were judged. */
  readonly b: bigint
}

/** A and B of a rule from how many rows it judged and how many broke it. */
export function measureOf(indicator: IndicatorCode, judged: bigint, broken: bigint): Measure {
  const isUp = INDICATORS[indicator].direction === 'up'
  return { indicator, a: isUp ? judged - broken : broken, b: judged }
}

/** Share of what is right, 0 to 1; null where nothing was judged. */
export function ratioOf({ indicator, a, b }: Measure): number | null {
  if (b === 0n) return null
  const share = Number(a) / Number(b)
  return INDICATORS[indicator].direction === 'up' ? share : 1 - share
}

/** Weights of the dimensions. GB/T 36344 names none; these are in use and may be set. */
export const DEFAULT_WEIGHTS: Readonly<Record<Dimension, number>> = {
  normative: 0.2,
  complete: 0.2,
  accurate: 0.15,
  consistent: 0.15,
  timely: 0.15,
  accessible: 0.15,
}

export interface DimensionScore {
  readonly dimension: Dimension
  /** Judged elements, and those that are right, whatever the direction of their indicators. */
  readonly judged: bigint
  readonly right: bigint
  /** 0 to 100; null where nothing was judged. */
  readonly score: number | null
}

/** The six dimensions, each over all elements that its measures judged. */
export function dimensionScores(measures: readonly Measure[]): DimensionScore[] {
  return (Object.keys(DIMENSIONS) as Dimension[]).map((dimension) => {
    const own = measures.filter((one) => INDICATORS[one.indicator].dimension === dimension)
    const judged = own.reduce((sum, one) => sum + one.b, 0n)
    const right = own.reduce(
      (sum, one) => sum + (INDICATORS[one.indicator].direction === 'up' ? one.a : one.b - one.a),
      0n,
    )
    return { dimension, judged, right, score: judged === 0n ? null : (Number(right) / Number(judged)) * 100 }
  })
}

/** The whole score, 0 to 100: the weighted mean of those dimensions that were judged; null when none was. */
export function totalScore(scores: readonly DimensionScore[], weights = DEFAULT_WEIGHTS): number | null {
  const known = scores.filter((one) => one.score !== null)
  const weight = known.reduce((sum, one) => sum + weights[one.dimension], 0)
  return weight === 0 ? null : known.reduce((sum, one) => sum + one.score! * weights[one.dimension], 0) / weight
}
