import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { readCsv } from './segment-csv.ts'
import { identifier, literal } from './sql-text.ts'

/** Types of columns in the lake; whatever has no exact counterpart stays text. */
const LAKE_TYPE = '^(VARCHAR|BIGINT|DOUBLE|BOOLEAN|DATE|DECIMAL\\(\\d{1,2},\\d{1,2}\\))$'

/**
 * Writes a decrypted segment as typed Parquet. Writing again writes the same rows, so a lost worker does no harm; the
 * caller moves the file to its place when it is whole. A value that its type does not hold fails the job by name of column.
 */
export const writeLakeFile = defineJob({
  input: Type.Object(
    {
      path: Type.String({ pattern: '^/', maxLength: 4096 }),
      plainBytes: Type.Integer({ minimum: 0 }),
      columns: Type.Array(
        Type.Object(
          { name: Type.String({ minLength: 1, maxLength: 255 }), type: Type.String({ pattern: LAKE_TYPE }) },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 1601 },
      ),
      out: Type.String({ pattern: '^/', maxLength: 4096 }),
    },
    { additionalProperties: false },
  ),
  run: async ({ path, plainBytes, columns, out }, context): Promise<{ rows: number }> => {
    const connection = await context.openDatabase()
    const values = columns.map(({ name, type }, at) =>
      plainBytes === 0
        ? `CAST(NULL AS ${type}) AS ${identifier(name)}`
        : `CAST(c${at} AS ${type}) AS ${identifier(name)}`,
    )
    // A file without bytes has no rows: DuckDB is asked for its columns only.
    const rows = plainBytes === 0 ? 'LIMIT 0' : `FROM ${readCsv(path, columns, plainBytes)}`
    await connection.run(
      `COPY (SELECT ${values.join(', ')} ${rows}) TO ${literal(out)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${literal(out)})`)
    return { rows: Number(counted.getRows()[0]![0]) }
  },
})
