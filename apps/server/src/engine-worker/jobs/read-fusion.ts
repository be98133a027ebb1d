import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { identifier, literal } from './sql-text.ts'

const exact = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })
const Folder = Type.String({ pattern: '^/', maxLength: 4096 })
const At = Type.String({ pattern: '^-?\\d{1,18}$' })
const Fields = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { minItems: 1, maxItems: 40 })
const Digest = Type.String({ pattern: '^[0-9a-f]{32}$' })

/** A record of a source as it stood in the run: values by field, unmasked. */
export interface FusedRecord {
  record: string
  master: string
  source: number
  /** The valid identifier; never shown as it is. */
  identifier: string | null
  values: (string | null)[]
}

const ROWS_MAX = 200

const recordColumns = (fields: readonly string[], of: string): string =>
  `struct_pack(record := ${of}.record, master := ${of}.master, source := ${of}.source::INTEGER, identifier := ${of}.identifier,
    "values" := [${fields.map((one) => `${of}.${identifier(one)}`).join(', ')}])`

const file = (folder: string, name: string, options = ''): string =>
  `read_parquet(${literal(join(folder, `${name}.parquet`))}${options})`

/** Rows as JSON: structs and lists come through as they are written. */
async function jsonRows<T>(db: DuckDBConnection, query: string): Promise<T[]> {
  const read = await db.runAndReadAll(`SELECT to_json(q)::VARCHAR FROM (${query}) q`)
  return read.getRows().map(([one]) => JSON.parse(String(one)) as T)
}

/** A pair for a person to decide. */
export interface ReviewPair {
  at: string
  weight: number
  /** Levels of agreement in one number, as text. */
  pattern: string
  refused: boolean
  one: FusedRecord
  other: FusedRecord
}

/** Pairs of the review band, those first that would be one but for their identifiers, then the likeliest. */
export const readReview = defineJob({
  input: exact({
    folder: Folder,
    fields: Fields,
    after: At,
    limit: Type.Integer({ minimum: 1, maximum: ROWS_MAX + 1 }),
  }),
  run: async ({ folder, fields, after, limit }, context): Promise<{ pairs: ReviewPair[] }> => {
    const db = await context.openReader()
    const page = `SELECT * FROM ${file(folder, 'review', ', file_row_number = true')}
      WHERE file_row_number > ${after} ORDER BY file_row_number LIMIT ${limit}`
    return {
      pairs: await jsonRows(
        db,
        `SELECT p.file_row_number::VARCHAR AS at, p.weight, p.pattern::VARCHAR AS pattern, p.refused,
          ${recordColumns(fields, 'a')} AS one, ${recordColumns(fields, 'b')} AS other
        FROM (${page}) p JOIN ${file(folder, 'records')} a ON a.n = p.a JOIN ${file(folder, 'records')} b ON b.n = p.b
        ORDER BY p.file_row_number`,
      ),
    }
  },
})

/** A fused person or firm. */
export interface Master {
  at: string
  master: string
  members: number
  values: (string | null)[]
  /** For each value the source that gave it. */
  sources: (number | null)[]
}

/** Master records, those of most records first; `number`: only that of which the identifier is this. */
export const listMasters = defineJob({
  input: exact({
    folder: Folder,
    fields: Fields,
    number: Type.Union([exact({ field: Type.String(), value: Type.String({ maxLength: 64 }) }), Type.Null()]),
    after: At,
    limit: Type.Integer({ minimum: 1, maximum: ROWS_MAX + 1 }),
  }),
  run: async ({ folder, fields, number, after, limit }, context): Promise<{ masters: Master[] }> => {
    const db = await context.openReader()
    const only =
      number === null ? '' : `AND upper(${identifier(`v_${number.field}`)}) = upper(${literal(number.value)})`
    const page = `SELECT * FROM ${file(folder, 'masters', ', file_row_number = true')}
      WHERE file_row_number > ${after} ${only} ORDER BY file_row_number LIMIT ${limit}`
    const values = fields.map((one) => identifier(`v_${one}`)).join(', ')
    // The records that gave the values of a page are few: they are joined once, not looked up for each value.
    const given = fields.map(
      (one, at) => `SELECT file_row_number AS m, ${at} AS f, ${identifier(`p_${one}`)} AS n FROM page`,
    )
    return {
      masters: await jsonRows(
        db,
        `WITH page AS MATERIALIZED (${page}), given AS (${given.join(' UNION ALL ')}),
          told AS (SELECT g.m, list(r.source ORDER BY g.f) AS sources FROM given g
            LEFT JOIN ${file(folder, 'records')} r ON r.n = g.n GROUP BY g.m)
        SELECT file_row_number::VARCHAR AS at, master, members, [${values}] AS "values", told.sources
        FROM page JOIN told ON told.m = file_row_number ORDER BY file_row_number`,
      ),
    }
  },
})

export interface MasterDetail {
  values: { value: string | null; record: string | null }[]
  records: FusedRecord[]
  /** Records that joined or left, by run: places in the list of folders. */
  history: { run: number; record: string; before: string | null; after: string | null }[]
}

/** One master record: which record gave each value, the records, and what changed in the runs named. */
export const readMaster = defineJob({
  input: exact({
    folder: Folder,
    fields: Fields,
    master: Digest,
    /** Folders of the runs whose changes are asked for. */
    runs: Type.Array(Folder, { maxItems: 100 }),
  }),
  run: async ({ folder, fields, master, runs }, context): Promise<MasterDetail | null> => {
    const db = await context.openReader()
    const [found] = await jsonRows<{ list: MasterDetail['values'] }>(
      db,
      `SELECT [${fields.map((one) => `{'value': m.${identifier(`v_${one}`)}, 'record': (SELECT record FROM ${file(folder, 'records')} r WHERE r.n = m.${identifier(`p_${one}`)})}`).join(', ')}] AS list
      FROM ${file(folder, 'masters')} m WHERE m.master = ${literal(master)}`,
    )
    if (found === undefined) return null
    const records = await jsonRows<{ one: FusedRecord }>(
      db,
      `SELECT ${recordColumns(fields, 'r')} AS one FROM ${file(folder, 'records')} r WHERE r.master = ${literal(master)} ORDER BY r.source, r.n LIMIT ${ROWS_MAX}`,
    )
    const changes = runs.map(
      (run, at) => `SELECT ${at} AS run, record, before, after FROM ${file(run, 'changes')}
        WHERE before = ${literal(master)} OR after = ${literal(master)}`,
    )
    const history =
      changes.length === 0
        ? []
        : await jsonRows<MasterDetail['history'][number]>(
            db,
            `SELECT * FROM (${changes.join(' UNION ALL ')}) ORDER BY run, record LIMIT ${ROWS_MAX}`,
          )
    return { values: found.list, records: records.map((row) => row.one), history }
  },
})

/** The records that two or more names stand for, with the values of the run. */
export const findRecords = defineJob({
  input: exact({ folder: Folder, fields: Fields, records: Type.Array(Digest, { minItems: 1, maxItems: ROWS_MAX }) }),
  run: async ({ folder, fields, records }, context): Promise<{ records: FusedRecord[] }> => {
    const db = await context.openReader()
    const rows = await jsonRows<{ one: FusedRecord }>(
      db,
      `SELECT ${recordColumns(fields, 'r')} AS one FROM ${file(folder, 'records')} r
      WHERE r.record IN (${records.map(literal).join(', ')}) ORDER BY r.n`,
    )
    return { records: rows.map((row) => row.one) }
  },
})
