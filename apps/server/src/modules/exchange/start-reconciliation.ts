import { randomUUID } from 'node:crypto'
import { startReconciliation } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, findChannel } from './channel-view.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { reconciliationView, type ReconciliationRow } from './reconciliation-view.ts'

/** A bucket holds about a thousand rows, so that a drill-down stays small. */
const ROWS_PER_BUCKET = 1024
const BUCKETS_MAX = 65_536

/** Buckets for so many rows. */
export const bucketsFor = (rows: number) =>
  Math.min(BUCKETS_MAX, 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, rows / ROWS_PER_BUCKET)))))

/**
 * Starts a 对账: both ends digest what the grant covers, the platform compares. The work itself is handed to the nodes by
 * a subscriber, because a party of the channel does not see the tables of the other.
 */
export const startReconciliationVerb = command<typeof startReconciliation>({
  endpoint: startReconciliation,
  audit: ({ params }, reply) => ({ objectKind: 'reconciliation', objectId: reply.id, detail: { channel: params.id } }),
  async run({ db, actor, now, legalNow, emit }, { params }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.reconcile(channel, actor)
    if (reason)
      refuse(
        channel.state === 'completed' || channel.state === 'following' ? 'object.state' : 'reconciliation.position',
        {
          places: [{ path: '', problem: reason }],
        },
      )
    await db.one(sql`select 1 from channel where id = ${params.id} for update`)
    activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
    const busy = await db.maybe(
      sql`select 1 from reconciliation where channel_id = ${params.id} and state in ('running', 'repairing')`,
    )
    if (busy) refuse('object.state', { detail: 'a reconciliation runs' })
    const id = randomUUID()
    const buckets = bucketsFor(Number(channel.rows_applied))
    await db.run(sql`insert into reconciliation (id, channel_id, jurisdiction, provider_department_id, consumer_department_id, state, phase,
        buckets, started_at)
      values (${id}, ${params.id}, ${channel.jurisdiction}, ${channel.provider_department_id}, ${channel.consumer_department_id}, 'running',
        ${channel.state === 'following' ? 'catch_up' : 'buckets'}, ${buckets}, ${now})`)
    await emit('reconciliation.started', { reconciliationId: id })
    return reconciliationView(
      await db.one<ReconciliationRow>(sql`select * from reconciliation where id = ${id}`),
      actor,
    )
  },
})
