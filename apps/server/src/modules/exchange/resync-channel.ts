import { randomUUID } from 'node:crypto'
import { resyncChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, findChannel } from './channel-view.ts'
import { requireConsent } from '../nodes/index.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { bucketsFor } from './begin-reconciliation.ts'

/**
 * After a gap of the log: a new slot, whose snapshot is compared with the receiving table; only the rows that differ travel,
 * and the log is followed from the same point. The work is handed to the nodes by a subscriber.
 */
export const resyncChannelVerb = command<typeof resyncChannel>({
  endpoint: resyncChannel,
  audit: ({ params }, reply) => ({
    objectKind: 'channel',
    objectId: params.id,
    detail: { reconciliation: reply.reconciliationId },
  }),
  async run({ db, actor, now, legalNow, emit }, { params, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.resync(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
    await requireConsent(db, channel.source_id, now)
    const busy = await db.maybe(
      sql`select 1 from reconciliation where channel_id = ${params.id} and state in ('running', 'repairing')`,
    )
    if (busy) refuse('object.state', { detail: 'a reconciliation runs' })
    const moved = await db.run(
      sql`update channel set version = version + 1 where id = ${params.id} and version = ${match}`,
    )
    if (moved === 0) refuse('object.changed')
    const id = randomUUID()
    await db.run(sql`insert into reconciliation (id, channel_id, jurisdiction, provider_department_id, consumer_department_id, state,
        phase, buckets, resync, started_at)
      values (${id}, ${params.id}, ${channel.jurisdiction}, ${channel.provider_department_id}, ${channel.consumer_department_id},
        'running', 'slot', ${bucketsFor(Number(channel.rows_applied))}, true, ${now})`)
    await emit('reconciliation.started', { reconciliationId: id })
    return { reconciliationId: id }
  },
})
