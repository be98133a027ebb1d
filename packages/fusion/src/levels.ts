import type { BlockPart, Comparison, FusionDefinition, Level } from './definition.ts'
import { soundColumn } from './prepare.ts'
import { quoted } from './sql.ts'

/** The two values of a field, as `comparedFrom` names them. */
const sides = (field: string): [string, string] => [quoted(`a.${field}`), quoted(`b.${field}`)]
/** How similar two values are, and how many edits lie between them: computed once for all levels that ask it. */
const [similarity, distance] = [(field: string) => quoted(`~${field}`), (field: string) => quoted(`#${field}`)]

/** What two values of a field agree in, beyond being there. */
function holds(field: string, level: Level): string {
  const [a, b] = sides(field)
  const part = (from: number, length: number) =>
    `substring(${a}, ${from}, ${length}) = substring(${b}, ${from}, ${length})`
  switch (level.level) {
    case 'exact':
      return `${a} = ${b}`
    case 'jaro_winkler':
      return `${similarity(field)} >= ${level.least}`
    case 'edits':
      return `${distance(field)} <= ${level.most}`
    case 'date_part':
      return `strlen(${a}) = 8 AND strlen(${b}) = 8 AND ${
        level.part === 'month_day' ? part(5, 4) : part(1, level.part === 'year' ? 4 : 6)
      }`
    case 'sounds_alike': {
      const [c, d] = sides(soundColumn(field))
      return `${c} = ${d}`
    }
    case 'first':
      return part(1, level.characters)
    case 'swapped': {
      const [c, d] = sides(level.with)
      return `${a} = ${d} AND ${b} = ${c}`
    }
  }
}

/** 0: one of the two is missing; 1: nothing agrees; and so on up to the first level. */
function levelSql({ field, levels }: Comparison): string {
  const [a, b] = sides(field)
  const cases = levels.map((level, at) => `WHEN ${holds(field, level)} THEN ${levels.length + 1 - at}`)
  return `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN 0 ${cases.join(' ')} ELSE 1 END`
}

/** Columns of the values of both sides, and of how similar they are where they are not equal. */
export function comparedColumns(comparisons: readonly Comparison[]): string {
  const fields = comparisons.flatMap(({ field, levels }) => [
    field,
    ...levels.flatMap((one) => (one.level === 'swapped' ? [one.with] : [])),
    ...(levels.some((one) => one.level === 'sounds_alike') ? [soundColumn(field)] : []),
  ])
  const values = [...new Set(fields)].flatMap((field) => [
    `a.${quoted(field)} AS ${quoted(`a.${field}`)}`,
    `b.${quoted(field)} AS ${quoted(`b.${field}`)}`,
  ])
  const measures = comparisons.flatMap(({ field, levels }) => {
    const [a, b] = [`a.${quoted(field)}`, `b.${quoted(field)}`]
    const most = Math.max(0, ...levels.map((one) => (one.level === 'edits' ? one.most : 0)))
    // DuckDB counts bytes: only where these are characters is the number right.
    const isNear = `${a} <> ${b} AND abs(strlen(${a}) - strlen(${b})) <= ${most} AND strlen(${a}) = length(${a}) AND strlen(${b}) = length(${b})`
    return [
      ...(levels.some((one) => one.level === 'jaro_winkler')
        ? [`CASE WHEN ${a} <> ${b} THEN jaro_winkler_similarity(${a}, ${b}) END AS ${similarity(field)}`]
        : []),
      ...(most > 0 ? [`CASE WHEN ${isNear} THEN damerau_levenshtein(${a}, ${b}) END AS ${distance(field)}`] : []),
    ]
  })
  return [...values, ...measures].join(', ')
}

/** Values that a comparison can have. */
export const levelCount = (one: Comparison): number => one.levels.length + 2

/** The levels of all comparisons in one number, the first comparison in the lowest place; over `comparedColumns`. */
export function patternSql(comparisons: readonly Comparison[]): string {
  let scale = 1
  const terms = comparisons.map((one) => {
    const term = `${scale}::BIGINT * (${levelSql(one)})`
    scale *= levelCount(one)
    return term
  })
  return terms.length === 0 ? '0::BIGINT' : terms.join(' + ')
}

/** The levels that a pattern stands for. */
export function levelsOf(pattern: number, comparisons: readonly Comparison[]): number[] {
  let rest = pattern
  return comparisons.map((one) => {
    const level = rest % levelCount(one)
    rest = Math.floor(rest / levelCount(one))
    return level
  })
}

function taken({ field, take }: BlockPart): string {
  const x = quoted(field)
  if (take.take === 'whole') return x
  if (take.take === 'sound') return quoted(soundColumn(field))
  return `${take.take === 'first' ? 'left' : 'right'}(${x}, ${take.characters})`
}

/** The key of a blocking rule as a number; NULL where a part is missing. */
export function blockSql(parts: readonly BlockPart[]): string {
  const there = parts.map((one) => `${quoted(one.field)} IS NOT NULL`).join(' AND ')
  return `CASE WHEN ${there} THEN hash(${parts.map(taken).join(', ')}) END`
}

/** Fields whose sound is asked for. */
export function soundingFields({ blocking, comparisons }: FusionDefinition): string[] {
  const fields = [
    ...blocking.flatMap((parts) => parts.filter((one) => one.take.take === 'sound').map((one) => one.field)),
    ...comparisons.filter((one) => one.levels.some(({ level }) => level === 'sounds_alike')).map((one) => one.field),
  ]
  return [...new Set(fields)]
}
