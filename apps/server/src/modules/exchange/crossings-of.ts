import type { ChannelDetail } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'
import { type CrossingState, crossingView } from '../nodes/index.ts'

type Crossings = Static<typeof ChannelDetail>['crossings']
interface Row {
  end: Crossings[number]['end']
  link: Crossings[number]['link']
  state: CrossingState | null
}

/** The ends of a channel whose nodes have no line, as far as the viewer may see those nodes: row-level security decides. */
export async function crossingsOf(db: Reader, channelId: string): Promise<Crossings> {
  const rows = await db.many<Row>(sql`
    select e.end, n.link, x.state from channel c
      cross join lateral (values ('source', c.source_id), ('target', c.target_id)) e ("end", id)
      join data_source s on s.id = e.id join node n on n.id = s.node_id
      left join node_crossing x on x.node_id = n.id
    where c.id = ${channelId} and n.link <> 'line' order by 1`)
  return rows.map(({ end, link, state }) => ({ end, link, crossing: state && crossingView(state) }))
}
