import type { ReadInput } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import type { ChannelParts } from './generation.ts'

/** The last reading of a channel that listed all unmarked rows of its table, and was applied. */
export interface Taken {
  readonly stream: string
  readonly generation: number
  /** When it was read, by the source's clock: texts of one source sort as they follow each other. */
  readonly at: string
  readonly readAt: string
  readonly marked?: boolean
}

/** The technical fields of a mounted front table that has an exchange mark. */
export interface MarkedTable {
  readonly id: string
  readonly jurisdiction: string
  readonly department_id: string
  readonly source_id: string
  readonly table_id: string
  readonly schema: string
  readonly name: string
  readonly key: string[]
  readonly convention: { operation: string | null; updatedAt: string; batch: string | null; mark: string }
}

/** Mounts in front databases whose table has an exchange mark and a key of its own. */
export const MARKED_TABLE =
  sql.raw(`select b.id, b.jurisdiction, b.department_id, b.source_id, b.table_id, t.schema_name as schema,
    t.table_name as name, t.key, b.convention
  from distribution b join data_source s on s.id = b.source_id join source_table t on t.id = b.table_id
  where b.kind = 'table' and b.convention->>'mark' is not null and s.front_database and cardinality(t.key) > 0`)

export const columnsOf = ({ convention, key }: MarkedTable) => ({
  mark: convention.mark,
  batch: convention.batch,
  key,
})

type Mark = NonNullable<NonNullable<ReadInput['changes']>['mark']>

/**
 * What a reading of a followed table is told of its exchange mark. Unmarked rows are read however old they are, once those
 * of the last such reading were marked, or when the slowest task of the table has had its turn since: a row that waits for
 * another task, or for a right, does not travel with each reading.
 */
export async function markOf(db: Reader, channel: ChannelParts, now: Date): Promise<Mark | null> {
  if (channel.mode !== 'cursor') return null
  const table = await db.maybe<MarkedTable>(
    sql`select * from (${MARKED_TABLE}) m where m.id = ${channel.distribution_id}`,
  )
  if (table === null) return null
  const { known, can, taken, slowest } = await db.one<{
    known: boolean
    can: boolean
    taken: Taken | null
    slowest: number
  }>(sql`
    select f.looked_at is not null as known, coalesce(f.problem is null and f.work_id is null, false) as can, c.taken,
      (select max(interval_seconds) from channel o where o.distribution_id = c.distribution_id and o.state = 'following') as slowest
    from channel c left join front_table f on f.distribution_id = c.distribution_id where c.id = ${channel.id}`)
  // A node that has never answered an order may be of an earlier version, and would refuse the whole reading.
  if (!known) return null
  const isDue =
    taken === null || taken.marked === true || Date.parse(taken.readAt) + (slowest ?? 0) * 900 <= now.getTime()
  return { channel: channel.id, columns: columnsOf(table), sweep: can && isDue }
}

/** Keeps which reading listed all unmarked rows, when it did: its rows are applied now, and may be marked. */
export async function keepTaken(
  { db, now, wake }: Pick<SubscriberContext, 'db' | 'now' | 'wake'>,
  channelId: string,
  readWorkId: string,
): Promise<void> {
  // A reading that found nothing has nothing to mark: a quiet table leaves no trail of orders.
  const kept =
    await db.run(sql`update channel c set taken = jsonb_build_object('stream', w.input->>'stream', 'generation', w.input->'generation',
      'at', w.result->'changes'->'cursor'->>'at', 'readAt', ${now.toISOString()}::text, 'marked', w.result->>'segments' = '0')
    from node_work w where c.id = ${channelId} and w.id = ${readWorkId} and w.input->'changes'->'mark' is not null
      and (w.input->>'payload' = 'rows' or (w.input->'changes'->'mark'->>'sweep')::boolean)`)
  if (kept === 0) return
  await db.run(sql`update front_table f set next_at = ${now} from channel c
    where c.id = ${channelId} and f.distribution_id = c.distribution_id and f.problem is null`)
  await wake('job:mark-front-tables')
}
