import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { definitionFaults, fuse, FusionDefinition, survive, type Decision, type FusionSummary } from '@huitong/fusion'
import { Type, type Static } from 'typebox'
import { defineJob } from '../job.ts'
import { sqlOf } from './fusion-sql.ts'
import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier, literal } from './sql-text.ts'

const exact = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })
const Path = Type.String({ pattern: '^/', maxLength: 4096 })
const Name = Type.String({ minLength: 1, maxLength: 255 })

const Source = exact({
  /** Names the source in the names of records; the same from run to run. */
  name: Name,
  files: LakeFiles,
  /** Columns that feed the fields. */
  columns: Type.Record(Type.String(), Name),
  /** When a row was last changed, where the source says it. */
  updated: Type.Union([Name, Type.Null()]),
})

/** How often the state of the work is written down at most. */
const TELL_MS = 500

/**
 * Fuses the tables of a library and writes `records`, `masters`, `review` and `changes` (against the run before) as Parquet
 * into the folder `out`. Records and masters are called by keyed digests, so that no name of theirs is a citizen number. Where
 * the work is stands in `progress.json` beside them.
 */
export const fuseLibrary = defineJob({
  input: exact({
    definition: FusionDefinition,
    sources: Type.Array(Source, { minItems: 1, maxItems: 31 }),
    survivorship: Type.Array(
      exact({
        field: Type.String(),
        authority: Type.Array(Type.Integer({ minimum: 0, maximum: 30 })),
        order: Type.Array(Type.Unsafe<'authority' | 'freshness' | 'completeness'>({ type: 'string', maxLength: 20 })),
      }),
    ),
    /** A file of JSON: the words of persons. */
    decisions: Path,
    /** The records of the run before. */
    previous: Type.Union([Path, Type.Null()]),
    asOf: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    /** Secret of the digests. */
    salt: Type.String({ minLength: 16, maxLength: 200 }),
    out: Path,
  }),
  run: async (input, context): Promise<FusionSummary & { masters: number; changed: number }> => {
    const faults = definitionFaults(input.definition)
    if (faults.length > 0) throw new Error(`the definition has faults: ${faults.map((one) => one.path).join(', ')}`)
    const db = await context.openDatabase()
    mkdirSync(input.out, { recursive: true, mode: 0o700 })
    await gather(db, input)
    const decisions = JSON.parse(readFileSync(input.decisions, 'utf8')) as Decision[]
    const tell = teller(join(input.out, 'progress.json'))
    const summary = await fuse(sqlOf(db), input.definition, {
      relation: 'gathered',
      decisions,
      asOf: input.asOf,
      onProgress: tell,
    })
    tell('master', 0, 1)
    await name(db, input.salt)
    await survive(sqlOf(db), 'kept', input.survivorship)
    return { ...summary, ...(await write(db, input)) }
  },
})

type Input = Static<(typeof fuseLibrary)['input']>

/** A row for each record of all sources: its name, its key as the source has it, and its values as texts. */
async function gather(db: DuckDBConnection, { sources, definition, salt }: Input): Promise<void> {
  const parts: string[] = []
  for (const [at, { name: source, files, columns, updated }] of sources.entries()) {
    const view = `source ${at}`
    await openLake(db, view, files)
    const key = `to_json([${files.key.map((one) => `${identifier(one)}::VARCHAR`).join(', ')}])::VARCHAR`
    const values = definition.fields.map(({ code }) => {
      const column = columns[code]
      return `${column === undefined ? 'NULL' : `${identifier(column)}::VARCHAR`} AS ${identifier(code)}`
    })
    const fresh =
      updated === null ? 'NULL' : `(epoch(try_cast(${identifier(updated)}::VARCHAR AS TIMESTAMP)) / 60)::BIGINT`
    parts.push(`SELECT left(sha256(${literal(`${salt}/${source}/`)} || ${key}), 32) AS record, ${at} AS source, ${key} AS key,
      ${fresh} AS fresh, ${values.join(', ')} FROM ${identifier(view)}`)
  }
  await db.run(`CREATE TEMP TABLE gathered AS ${parts.join(' UNION ALL ')}`)
}

/** Gives every cluster its name, and every record its number and cluster. */
async function name(db: DuckDBConnection, salt: string): Promise<void> {
  await db.run(`CREATE TEMP TABLE kept AS SELECT c.n, left(sha256(${literal(`${salt}/master/`)} || c.cluster), 32) AS cluster, r.id AS identifier, g.*
    FROM fusion_cluster c JOIN fusion_record r ON r.rowid = c.n JOIN gathered g ON g.record = r.record`)
}

/** Writes the results; the counts of what was written. */
async function write(db: DuckDBConnection, input: Input): Promise<{ masters: number; changed: number }> {
  const { definition, out, previous } = input
  const copy = (query: string, name: string) =>
    db.run(`COPY (${query}) TO ${literal(join(out, `${name}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`)
  const fields = definition.fields.map((one) => identifier(one.code))
  await copy(
    `SELECT n, record, cluster AS master, source, identifier, key, ${fields.join(', ')} FROM kept ORDER BY n`,
    'records',
  )
  await copy(
    'SELECT cluster AS master, * EXCLUDE (cluster) FROM fusion_master ORDER BY members DESC, cluster',
    'masters',
  )
  await copy(
    `SELECT a, b, weight, pattern, refused FROM fusion_review ORDER BY refused DESC, weight DESC, a, b`,
    'review',
  )
  // Without a run before, nothing has changed yet: the first run is where history begins.
  const before =
    previous === null
      ? 'SELECT record, NULL::VARCHAR AS before, cluster AS after FROM kept WHERE false'
      : `SELECT coalesce(k.record, p.record) AS record, p.master AS before, k.cluster AS after
          FROM kept k FULL JOIN (SELECT record, master FROM read_parquet(${literal(previous)})) p ON p.record = k.record
          WHERE p.master IS DISTINCT FROM k.cluster`
  await copy(before, 'changes')
  const count = async (name: string) => {
    const read = await db.runAndReadAll(`SELECT count(*) FROM read_parquet(${literal(join(out, `${name}.parquet`))})`)
    return Number(read.getRows()[0]![0])
  }
  return { masters: await count('masters'), changed: await count('changes') }
}

/** Writes down where the work is, whole each time. */
function teller(path: string): (stage: string, at: number, of: number) => void {
  let last = 0
  return (stage, at, of) => {
    if (at > 0 && performance.now() - last < TELL_MS) return
    last = performance.now()
    writeFileSync(`${path}.part`, JSON.stringify({ stage, at, of }), { mode: 0o600 })
    renameSync(`${path}.part`, path)
  }
}
