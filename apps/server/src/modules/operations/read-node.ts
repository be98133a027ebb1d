import type { NodeLogLine } from '@huitong/contract/nodes'
import { NODE_LIST_MAX, type NodeDetail, readNode } from '@huitong/contract/operations'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { type Person, viewerOf } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { query } from '../../kernel/verb.ts'
import { VERSION } from '../../kernel/version.ts'
import { channelName, channelSees } from '../exchange/index.ts'
import { nodeView, type NodeViewRow, SELECT_NODE } from '../nodes/index.ts'
import { codesOf } from './node-codes.ts'
import { versionStanding } from './version-standing.ts'
import { counted, SELECT_WORK, workView, type WorkRow } from './work-view.ts'

type Detail = Static<typeof NodeDetail>
type Names = { zh: string; en?: string }
/** A row of a list, with how many rows the whole list has. */
type Counted<Row> = Row & { total: number }

/** A node as its page shows it: how it stands, in which version it runs, what it works on, and what it did of late. */
export const readNodeVerb = query<typeof readNode>({
  endpoint: readNode,
  audit: null,
  async run({ db, actor, now }, { params: { id } }) {
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'n.department_id'))
    const row = await db.one<NodeViewRow>(sql`${SELECT_NODE} where n.id = ${id} and ${visible}`)
    const [sources, running, channels] = [
      await sourcesOf(db, id),
      await runningOf(db, id),
      await channelsOf(db, actor, id),
    ]
    return {
      ...nodeView(row, now),
      serverVersion: VERSION,
      versionStanding: versionStanding(row.version, VERSION),
      sources: sources.map(({ front_database, total: _total, ...one }) => ({ ...one, frontDatabase: front_database })),
      running: running.map(runningView),
      channels: channels.map(channelView),
      counts: { sources: totalOf(sources), running: totalOf(running), channels: totalOf(channels) },
      log: await logOf(db, id),
    }
  },
})

const totalOf = (rows: readonly { total: number }[]): number => rows[0]?.total ?? 0

type SourceRow = Omit<Detail['sources'][number], 'frontDatabase'> & { front_database: boolean }

const sourcesOf = (db: Reader, nodeId: string) =>
  db.many<Counted<SourceRow>>(sql`select id, name, kind, usage, front_database, count(*) over ()::int as total
    from data_source where node_id = ${nodeId} order by id limit ${NODE_LIST_MAX}`)

const runningOf = (db: Reader, nodeId: string) =>
  db.many<Counted<WorkRow>>(sql`select *, count(*) over ()::int as total
    from (${SELECT_WORK} where w.node_id = ${nodeId} and w.state in ('queued', 'leased')) work
    order by state, created_at, id limit ${NODE_LIST_MAX}`)

function runningView(row: WorkRow): Detail['running'][number] {
  const segments = counted(row.segments)
  return { ...workView(row), segments: segments === null ? null : Number(segments), changes: counted(row.changes) }
}

interface ChannelRow {
  id: string
  number: string
  dataset_name: Names
  consumer_name: Names
  is_source: boolean
  is_target: boolean
  state: Detail['channels'][number]['state']
}

const channelsOf = (db: Reader, actor: Person, nodeId: string) =>
  db.many<Counted<ChannelRow>>(sql`
    select c.id, c.number, c.state, v.content->'name' as dataset_name, u.name as consumer_name,
      s.node_id = ${nodeId} as is_source, t.node_id = ${nodeId} as is_target, count(*) over ()::int as total
    from channel c join department u on u.id = c.consumer_department_id
      join access_grant ag on ag.id = c.grant_id join access_request ar on ar.id = ag.request_id
      join dataset_version v on v.dataset_id = ar.dataset_id and v.number = ar.dataset_version
      join data_source s on s.id = c.source_id join data_source t on t.id = c.target_id
    where (s.node_id = ${nodeId} or t.node_id = ${nodeId}) and ${channelSees(actor)}
    order by c.number desc limit ${NODE_LIST_MAX}`)

function channelView(row: ChannelRow): Detail['channels'][number] {
  return {
    id: row.id,
    number: row.number,
    name: channelName(row.dataset_name, row.consumer_name),
    end: row.is_source && row.is_target ? 'both' : row.is_source ? 'source' : 'target',
    state: row.state,
  }
}

async function logOf(db: Reader, nodeId: string): Promise<Detail['log']> {
  const row = await db.maybe<{ lines: NodeLogLine[]; at: Date }>(
    sql`select lines, at from node_log where node_id = ${nodeId}`,
  )
  const lines = row?.lines ?? []
  return { at: row?.at.toISOString() ?? null, lines, codes: codesOf(lines) }
}
