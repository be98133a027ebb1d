import type { DuckDBConnection } from '@duckdb/node-api'
import { Type, type Static } from 'typebox'
import { identifier, literal } from './sql-text.ts'

const Path = Type.String({ pattern: '^/', maxLength: 4096 })

/** A landed table in the lake: files of the full copy, and files of later changes, oldest first. */
export const LakeFiles = Type.Object(
  {
    base: Type.Array(Path, { minItems: 1 }),
    changes: Type.Array(Path),
    key: Type.Array(Type.String({ minLength: 1, maxLength: 255 })),
  },
  { additionalProperties: false },
)

const list = (paths: readonly string[]): string => `read_parquet([${paths.map(literal).join(', ')}])`

/**
 * Makes a view `name` of the rows that the table has now: the copy, without the keys that changed later, and the last
 * state of each changed key that was not deleted.
 */
export async function openLake(db: DuckDBConnection, name: string, files: Static<typeof LakeFiles>): Promise<void> {
  const view = identifier(name)
  if (files.changes.length === 0) {
    await db.run(`CREATE TEMP VIEW ${view} AS SELECT * FROM ${list(files.base)}`)
    return
  }
  const last = identifier(`${name}#changed`)
  const key = files.key.map(identifier).join(', ')
  // A key occurs once in a stream, so the place of its file says which state is the later one.
  const each = files.changes.map((path, at) => `SELECT *, ${at} AS "#at" FROM read_parquet(${literal(path)})`)
  await db.run(`CREATE TEMP TABLE ${last} AS SELECT * FROM (${each.join(' UNION ALL ')})
    QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY "#at" DESC) = 1`)
  await db.run(`CREATE TEMP VIEW ${view} AS SELECT * FROM ${list(files.base)} b
      WHERE NOT EXISTS (SELECT 1 FROM ${last} c WHERE ${files.key.map((one) => `c.${identifier(one)} = b.${identifier(one)}`).join(' AND ')})
    UNION ALL SELECT * EXCLUDE ("_op", "#at") FROM ${last} WHERE "_op" <> 'D'`)
}
