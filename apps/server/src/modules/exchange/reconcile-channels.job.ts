import { sql, type RawBuilder } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS, type Writer } from '../../kernel/db.ts'
import { Refusal } from '../../kernel/errors.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { beginReconciliation } from './begin-reconciliation.ts'
import type { ChannelRow } from './channel-view.ts'

/** Channels whose copy ended since they were last compared, or that were last compared so many hours ago. */
const due = (now: Date): RawBuilder<unknown> => sql`c.state in ('completed', 'following') and cardinality(c.key) > 0
  and not exists (select from reconciliation r where r.channel_id = c.id and r.state in ('running', 'repairing'))
  and (
    (c.reconcile_after_copy and c.finished_at is not null
      and not exists (select from reconciliation r where r.channel_id = c.id and r.started_at >= c.finished_at))
    or (c.reconcile_every_hours is not null and not exists (select from reconciliation r
      where r.channel_id = c.id and r.started_at > ${now}::timestamptz - make_interval(hours => c.reconcile_every_hours))))`

/** Without these nothing is compared. */
const ENDED: ReadonlySet<string> = new Set(['grant.inactive', 'source.consent'])

/** Begins the comparisons that are due by themselves, one at a time. */
export const reconcileChannelsJob = job({
  name: 'reconcile-channels',
  everyMs: 10_000,
  async run(services) {
    const found = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<{ id: string }>(
        sql`select c.id from channel c where ${due(services.clock.now())} order by c.finished_at, c.id limit 1`,
      ),
    )
    if (!found) return false
    await act(services, systemActor('reconcile-channels'), 'job.begin_reconciliation', async (context) => {
      const { db, now } = context
      const channel = await db.maybe<ChannelRow>(
        sql`select c.* from channel c where c.id = ${found.id} and ${due(now)} for update of c`,
      )
      if (!channel) return { value: null, audit: null }
      try {
        const id = await beginReconciliation(context, channel, await rowsAt(db, channel.id))
        if (id === null) return { value: null, audit: null }
        return { value: null, audit: { objectKind: 'reconciliation', objectId: id, detail: { channel: channel.id } } }
      } catch (error) {
        if (!(error instanceof Refusal) || !ENDED.has(error.code)) throw error
        // It would be due again at once and for ever; a new grant has a channel of its own.
        await db.run(sql`update channel set reconcile_after_copy = false, reconcile_every_hours = null, version = version + 1
          where id = ${channel.id}`)
        const detail = { reconcile: 'ended', code: error.code }
        return { value: null, audit: { objectKind: 'channel', objectId: channel.id, detail } }
      }
    })
    return true
  },
})

/** Rows that the last whole copy left in the receiving table: only the number of buckets depends on it. */
async function rowsAt(db: Writer, channelId: string): Promise<number> {
  const row = await db.maybe<{ rows: string }>(sql`select target_rows as rows from stream
    where id = ${channelId} and target_rows is not null order by generation desc limit 1`)
  return Number(row?.rows ?? 0)
}
