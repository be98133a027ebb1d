import type { DuckDBConnection } from '@duckdb/node-api'
import type { Sql } from '@huitong/fusion'

/** A connection as fusion uses it. */
export const sqlOf = (db: DuckDBConnection): Sql => ({
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
