import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { CommandContext } from '../../kernel/verb.ts'
import type { ChannelRow } from './channel-view.ts'
import { requireConsent } from '../nodes/index.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'

/** A bucket holds about a thousand rows, so that a drill-down stays small. */
const ROWS_PER_BUCKET = 1024
const BUCKETS_MAX = 65_536

/** Buckets for so many rows. */
export const bucketsFor = (rows: number) =>
  Math.min(BUCKETS_MAX, 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, rows / ROWS_PER_BUCKET)))))

type Compared = Pick<
  ChannelRow,
  'id' | 'jurisdiction' | 'source_id' | 'grant_id' | 'provider_department_id' | 'consumer_department_id' | 'state'
>

/**
 * Begins a comparison of a channel that is locked by the caller's transaction; null when one is under way already. The
 * work itself is handed to the nodes by a subscriber, because a party of the channel does not see the tables of the other.
 * @throws Refusal `grant.inactive`, `source.consent`.
 */
export async function beginReconciliation(
  { db, now, legalNow, emit }: Pick<CommandContext<never>, 'db' | 'now' | 'legalNow' | 'emit'>,
  channel: Compared,
  rows: number,
): Promise<string | null> {
  activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
  await requireConsent(db, channel.source_id, now)
  const busy = await db.maybe(
    sql`select 1 from reconciliation where channel_id = ${channel.id} and state in ('running', 'repairing')`,
  )
  if (busy) return null
  const id = randomUUID()
  await db.run(sql`insert into reconciliation (id, channel_id, jurisdiction, provider_department_id, consumer_department_id, state, phase,
      buckets, started_at)
    values (${id}, ${channel.id}, ${channel.jurisdiction}, ${channel.provider_department_id}, ${channel.consumer_department_id}, 'running',
      ${channel.state === 'following' ? 'catch_up' : 'buckets'}, ${bucketsFor(rows)}, ${now})`)
  await emit('reconciliation.started', { reconciliationId: id })
  return id
}
