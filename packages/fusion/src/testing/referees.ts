import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BlockPart, FusionDefinition } from '../definition.ts'
import { text } from '../sql.ts'

const ROOT = join(import.meta.dirname, '../../../..')

/** A set with known truth: how it is fused, and the statement that makes the table `input` of it, with the column `truth`. */
export interface Referee {
  readonly file: string
  readonly definition: FusionDefinition
  load(folder: string): string
}

/** The folder of the sets with truth, or undefined after saying loudly that their tests are skipped. */
export function linkageFolder(): string | undefined {
  const folder = join(resolve(ROOT, process.env['HUITONG_REFEREES'] ?? '../shared/data'), 'linkage')
  if (existsSync(folder)) return folder
  // oxlint-disable-next-line no-console -- a skipped referee must be seen
  console.warn(`SKIPPED: no referee data at ${folder}; set HUITONG_REFEREES`)
  return undefined
}

const whole = (...fields: string[]): BlockPart[] => fields.map((field) => ({ field, take: { take: 'whole' } }))
const first = (field: string, characters: number): BlockPart => ({ field, take: { take: 'first', characters } })
const exact = { level: 'exact' } as const
const similar = (least: number) => ({ level: 'jaro_winkler', least }) as const
const edits = (most: number) => ({ level: 'edits', most }) as const
const part = (of: 'year' | 'year_month' | 'month_day') => ({ level: 'date_part', part: of }) as const

/** FEBRL 3: 5,000 records of 2,000 people, up to five duplicates each with up to two changes a field. */
export const FEBRL: Referee = {
  file: 'febrl3.csv',
  definition: {
    fields: [
      { code: 'given_name', kind: 'name' },
      { code: 'surname', kind: 'name' },
      { code: 'street', kind: 'code' },
      { code: 'address', kind: 'text' },
      { code: 'suburb', kind: 'text' },
      { code: 'postcode', kind: 'code' },
      { code: 'birth', kind: 'date' },
      { code: 'number', kind: 'code' },
    ],
    identifier: null,
    blocking: [
      whole('number'),
      whole('birth'),
      whole('surname', 'postcode'),
      whole('given_name', 'postcode'),
      whole('given_name', 'surname'),
      whole('address'),
      [first('surname', 3), ...whole('street')],
      [first('given_name', 3), ...whole('suburb')],
    ],
    comparisons: [
      {
        field: 'given_name',
        levels: [exact, { level: 'swapped', with: 'surname' }, similar(0.92), similar(0.8)],
        termFrequency: true,
      },
      { field: 'surname', levels: [exact, similar(0.92), similar(0.8)], termFrequency: true },
      { field: 'street', levels: [exact, edits(1)], termFrequency: false },
      { field: 'address', levels: [exact, similar(0.92), similar(0.8)], termFrequency: true },
      { field: 'suburb', levels: [exact, similar(0.92), similar(0.8)], termFrequency: true },
      { field: 'postcode', levels: [exact, edits(1)], termFrequency: false },
      { field: 'birth', levels: [exact, edits(1), part('year_month')], termFrequency: false },
      { field: 'number', levels: [exact, edits(1), edits(2)], termFrequency: false },
    ],
    thresholds: { match: 0.99, review: 0.5 },
  },
  load: (
    folder,
  ) => `CREATE OR REPLACE TABLE input AS SELECT rec_id AS record, 0 AS source, split_part(rec_id, '-', 2) AS truth,
    given_name, surname, street_number AS street, address_1 AS address, suburb, postcode, date_of_birth AS birth, soc_sec_id AS number
    FROM (SELECT trim(COLUMNS(*)) FROM read_csv(${text(join(folder, 'febrl3.csv'))}, all_varchar = true, header = true, normalize_names = true))`,
}

/** 50,578 records with planted errors of 5,156 people of history. */
export const HISTORICAL: Referee = {
  file: 'historical50k.parquet',
  definition: {
    fields: [
      { code: 'first_name', kind: 'name' },
      { code: 'surname', kind: 'name' },
      { code: 'full_name', kind: 'text' },
      { code: 'birth', kind: 'date' },
      { code: 'birth_place', kind: 'text' },
      { code: 'postcode', kind: 'code' },
      { code: 'occupation', kind: 'text' },
    ],
    identifier: null,
    blocking: [
      whole('postcode'),
      whole('birth'),
      whole('first_name', 'surname'),
      [...whole('surname', 'birth_place')],
      [...whole('first_name', 'birth_place'), { field: 'birth', take: { take: 'first', characters: 4 } }],
      [...whole('surname'), { field: 'birth', take: { take: 'first', characters: 4 } }],
      [first('surname', 3), first('first_name', 2), first('postcode', 3)],
    ],
    comparisons: [
      {
        field: 'first_name',
        levels: [exact, { level: 'swapped', with: 'surname' }, similar(0.92), similar(0.8)],
        termFrequency: true,
      },
      { field: 'surname', levels: [exact, similar(0.92), similar(0.8)], termFrequency: true },
      { field: 'birth', levels: [exact, edits(1), part('year_month'), part('year')], termFrequency: false },
      { field: 'birth_place', levels: [exact, similar(0.9)], termFrequency: true },
      { field: 'postcode', levels: [exact, edits(1), { level: 'first', characters: 3 }], termFrequency: true },
      { field: 'occupation', levels: [exact], termFrequency: true },
    ],
    thresholds: { match: 0.99, review: 0.5 },
  },
  load: (
    folder,
  ) => `CREATE OR REPLACE TABLE input AS SELECT unique_id AS record, 0 AS source, cluster AS truth, first_name, surname,
    full_name, dob AS birth, birth_place, postcode_fake AS postcode, occupation FROM ${text(join(folder, 'historical50k.parquet'))}`,
}
