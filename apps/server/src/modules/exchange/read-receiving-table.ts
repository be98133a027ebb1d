import { type FrontKind, receivingTableSql, type TargetTable } from '@huitong/connectors'
import { readReceivingTable } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { query } from '../../kernel/verb.ts'
import { type ChannelRow, findChannel } from './channel-view.ts'

/** Who the node is in a receiving database whose settings name nobody: the administrator writes it in. */
const SOMEBODY = 'huitong_node'

/** The script of a channel's receiving table, as its columns are mapped, in the words of a kind of database. */
export const readReceivingTableVerb = query<typeof readReceivingTable>({
  endpoint: readReceivingTable,
  audit: null,
  async run({ db, actor }, { params, query: { kind } }) {
    const channel = await findChannel(db, actor, params.id)
    if (channel.mode === 'files')
      refuse('object.state', {
        places: [place('', '文件交换没有接收表', 'files are received in a folder, not in a table')],
      })
    const { settings } = await db.one<{ settings: Record<string, unknown> }>(
      sql`select settings from data_source where id = ${channel.target_id}`,
    )
    const user = typeof settings['user'] === 'string' ? settings['user'] : SOMEBODY
    const script = scriptOf(kind, await tableOf(db, channel), user)
    return { kind, table: channel.target_table, script }
  },
})

async function tableOf(db: Reader, channel: ChannelRow): Promise<TargetTable> {
  const { items } = await db.one<{ items: { code: string; name: { zh: string } }[] }>(
    sql`select coalesce(v.content->'items', '[]') as items from access_grant g join access_request r on r.id = g.request_id
      join dataset_version v on v.dataset_id = r.dataset_id and v.number = r.dataset_version where g.id = ${channel.grant_id}`,
  )
  const names = new Map(items.map(({ code, name }) => [code, name.zh]))
  return {
    schema: channel.target_schema,
    name: channel.target_table,
    comment: channel.dataset_name.zh,
    key: channel.key,
    columns: channel.columns.map(({ item, as, type, nullable }) => ({
      name: as,
      type,
      nullable,
      comment: names.get(item) ?? '',
    })),
  }
}

function scriptOf(kind: FrontKind, table: TargetTable, account: string): string {
  try {
    return receivingTableSql(kind, table, account)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    refuse('object.state', {
      places: [
        place('', '该种数据库不能建成这样的接收表', `this kind of database cannot hold the table: ${error.message}`),
      ],
    })
  }
}
