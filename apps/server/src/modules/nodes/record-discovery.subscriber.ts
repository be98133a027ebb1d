import { randomUUID } from 'node:crypto'
import { DiscoverResult } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import type { Writer } from '../../kernel/db.ts'
import { subscriber } from '../../kernel/subscribers.ts'

/** Keeps what a discovery found: tables by source, schema and name; one that is gone stays, marked. */
export const recordDiscovery = subscriber<'work.finished'>({
  name: 'discovery_result',
  on: ['work.finished'],
  async handle({ db, now }, { payload }) {
    if (payload.kind !== 'discover' || payload.state !== 'done') return null
    const { result } = await db.one<{ result: unknown }>(sql`select result from node_work where id = ${payload.workId}`)
    if (!Check(DiscoverResult, result)) {
      const problem = {
        code: 'request.invalid',
        message: { zh: '节点返回的探查结果不符合约定', en: 'The node sent a malformed discovery' },
      }
      await db.run(
        sql`update node_work set state = 'failed', problem = ${JSON.stringify(problem)} where id = ${payload.workId}`,
      )
      return { objectKind: 'data_source', objectId: payload.subjectId, detail: { tables: 0, malformed: true } }
    }
    await keepTables(db, payload.subjectId, result.tables, now)
    return { objectKind: 'data_source', objectId: payload.subjectId, detail: { tables: result.tables.length } }
  },
})

type Tables = {
  schema: string
  name: string
  comment: string | null
  suggestedName: string | null
  rowEstimate: string | null
  key: string[]
  schemaHash: string
  fields: unknown[]
}[]

async function keepTables(db: Writer, sourceId: string, tables: Tables, now: Date): Promise<void> {
  const source = await db.one<{ jurisdiction: string; department_id: string }>(
    sql`select jurisdiction, department_id from data_source where id = ${sourceId}`,
  )
  await db.run(sql`update source_table set gone = true where source_id = ${sourceId}`)
  for (const table of tables)
    await db.run(sql`insert into source_table (id, source_id, jurisdiction, department_id, schema_name, table_name, comment,
        suggested_name, row_estimate, key, fields, schema_hash, seen_at, gone)
      values (${randomUUID()}, ${sourceId}, ${source.jurisdiction}, ${source.department_id}, ${table.schema}, ${table.name}, ${table.comment},
        ${table.suggestedName}, ${table.rowEstimate}, ${table.key}, ${JSON.stringify(table.fields)}, ${table.schemaHash}, ${now}, false)
      on conflict (source_id, schema_name, table_name) do update set comment = excluded.comment, suggested_name = excluded.suggested_name,
        row_estimate = excluded.row_estimate, key = excluded.key, fields = excluded.fields, schema_hash = excluded.schema_hash,
        seen_at = excluded.seen_at, gone = false`)
}
