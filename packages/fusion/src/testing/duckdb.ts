import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import type { Sql } from '../sql.ts'

/** A DuckDB of one's own, for a test, under the memory limit of a small worker. */
export async function openSql(): Promise<Sql> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' })
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
