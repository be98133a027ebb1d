import data from '../data/divisions.json' with { type: 'json' }

/** Province, prefecture, county (GB/T 2260), township (GB/T 10114), village or community (statistics codes). */
export type DivisionLevel = 'province' | 'prefecture' | 'county' | 'township' | 'village'

/** A division code taken apart. */
export interface DivisionCode {
  /** As given: 6, 9 or 12 digits. */
  code: string
  level: DivisionLevel
  /** The digits that name the division and start the codes of all within it: 2, 4, 6, 9 or 12 of them. */
  prefix: string
  /** Code of the division above, six digits up to counties, nine for townships; undefined for a province. */
  parent: string | undefined
}

const PREFIX_DIGITS: Record<DivisionLevel, number> = { province: 2, prefecture: 4, county: 6, township: 9, village: 12 }

/**
 * Takes a division code of 6, 9 or 12 digits apart; undefined when it is none. It does not ask whether the code is in
 * use: abolished codes live on in old records.
 */
export function parseDivision(code: string): DivisionCode | undefined {
  if (!/^[1-8]\d(\d{4}|\d{7}|\d{10})$/.test(code)) return undefined
  const [prefecture, county] = [code.slice(2, 4), code.slice(4, 6)]
  const [township, village] = [code.slice(6, 9) || '000', code.slice(9) || '000']
  if (prefecture === '00' && county === '00' && township !== '000') return undefined
  if (township === '000' && village !== '000') return undefined
  let level: DivisionLevel = 'province'
  if (village !== '000') level = 'village'
  else if (township !== '000') level = 'township'
  else if (county !== '00') level = 'county'
  else if (prefecture !== '00') level = 'prefecture'
  return { code, level, prefix: code.slice(0, PREFIX_DIGITS[level]), parent: parentOf(code, level) }
}

function parentOf(code: string, level: DivisionLevel): string | undefined {
  if (level === 'village') return code.slice(0, 9)
  // A prefecture without counties (东莞) has its townships directly under it: the six digits are then its own code.
  if (level === 'township') return code.slice(0, 6)
  // Hainan's counties stood directly under the province until 2000 (460001 …): their parent is then 460000.
  if (level === 'county') return `${code.slice(0, 4)}00`
  return level === 'prefecture' ? `${code.slice(0, 2)}0000` : undefined
}

/** True when `inner` is `outer` or lies within it, by prefix (GB/T 2260). False when either is no division code. */
export function divisionContains(outer: string, inner: string): boolean {
  const parsed = parseDivision(outer)
  return parsed !== undefined && parseDivision(inner) !== undefined && inner.startsWith(parsed.prefix)
}

/** A division of the table. */
export interface Division {
  /** Six digits. */
  code: string
  name: string
  level: 'province' | 'prefecture' | 'county'
  parent: string | undefined
}

let table: readonly Division[] | undefined

/** Provinces, prefectures and counties with their names, in the order of codes. See `divisionsSource` for the edition. */
export function divisions(): readonly Division[] {
  table ??= Object.entries(data.divisions).map(([code, name]) => {
    const parsed = parseDivision(code)
    if (parsed === undefined || parsed.level === 'township' || parsed.level === 'village') {
      throw new Error(`divisions.json: ${code} is not a county or above`)
    }
    return Object.freeze({ code, name, level: parsed.level, parent: parsed.parent })
  })
  return table
}

/** Where the table of `divisions()` comes from. */
export const divisionsSource: Readonly<{ title: string; edition: string; package: string; note: string }> = data.source
