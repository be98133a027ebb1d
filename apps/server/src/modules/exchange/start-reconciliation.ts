import { startReconciliation } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { beginReconciliation } from './begin-reconciliation.ts'
import { CHANNEL_RULES, findChannel } from './channel-view.ts'
import { reconciliationView, type ReconciliationRow } from './reconciliation-view.ts'

/** Starts a 对账: both ends digest what the grant covers, the platform compares. */
export const startReconciliationVerb = command<typeof startReconciliation>({
  endpoint: startReconciliation,
  audit: ({ params }, reply) => ({ objectKind: 'reconciliation', objectId: reply.id, detail: { channel: params.id } }),
  async run(context, { params }) {
    const { db, actor } = context
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
    const id = await beginReconciliation(context, channel, Number(channel.rows_applied))
    if (id === null) return refuse('object.state', { detail: 'a reconciliation runs' })
    return reconciliationView(
      await db.one<ReconciliationRow>(sql`select * from reconciliation where id = ${id}`),
      actor,
    )
  },
})
