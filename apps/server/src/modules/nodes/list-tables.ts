import { listTables } from '@huitong/contract/nodes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { tableView, type TableRow } from './views.ts'

/** Tables of a data source as they were last discovered, by schema and name. */
export const listTablesVerb = query<typeof listTables>({
  endpoint: listTables,
  audit: null,
  async run({ db, actor }, input) {
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'department_id'))
    await db.one(sql`select 1 from data_source where id = ${input.params.id} and ${visible}`)
    const at = pageAt(input.query, 2)
    const rows =
      await db.many<TableRow>(sql`select * from source_table where source_id = ${input.params.id} and not gone
      ${at.after ? sql`and (schema_name, table_name) > (${at.after[0]}, ${at.after[1]})` : sql``}
      order by schema_name, table_name limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.schema_name, row.table_name], tableView)
  },
})
