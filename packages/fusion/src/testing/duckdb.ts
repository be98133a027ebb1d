import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from '../sql.ts'

/** A DuckDB of one's own, for a test, under the memory limit of a small worker. */
export async function openSql(): Promise<Sql> {
  const temp_directory = mkdtempSync(join(tmpdir(), 'huitong-duckdb-'))
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB', temp_directory })
  return sqlOf(await instance.connect())
}

const sqlOf = (db: DuckDBConnection): Sql => ({
  run: (text) => db.run(text),
  async *stream(text) {
    const result = await db.stream(text)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      yield chunk.getColumns()
    }
  },
})
