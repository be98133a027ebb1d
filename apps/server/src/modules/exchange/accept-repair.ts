import { acceptRepair } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { findReconciliation } from './read-reconciliation.ts'
import { reconciliationView, repairVerdict, type ReconciliationRow } from './reconciliation-view.ts'

/** The consumer accepts or declines the proposed repair. An accepted one flows as sealed changes of just these rows. */
export const acceptRepairVerb = command<typeof acceptRepair>({
  endpoint: acceptRepair,
  audit: ({ params, body }) => ({
    objectKind: 'reconciliation',
    objectId: params.id,
    detail: { decision: body.decision },
  }),
  async run({ db, actor, now, legalNow, emit }, { params, body, match }) {
    const row = await findReconciliation(db, actor, params.id)
    const reason = repairVerdict(row, actor)
    if (reason)
      refuse(row.consumer_department_id === actor.departmentId ? 'object.state' : 'permission.denied', {
        places: [{ path: '', problem: reason }],
      })
    const accepted = body.decision === 'accept'
    if (accepted) {
      const channel = await db.one<{ grant_id: string }>(sql`select grant_id from channel where id = ${row.channel_id}`)
      activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
    }
    const repair = { ...row.repair, state: accepted ? 'running' : 'declined' }
    const moved = await db.run(sql`update reconciliation set repair = ${JSON.stringify(repair)}, version = version + 1,
      state = ${accepted ? 'repairing' : 'different'} where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    if (accepted) await emit('repair.accepted', { reconciliationId: params.id })
    return reconciliationView(
      await db.one<ReconciliationRow>(sql`select * from reconciliation where id = ${params.id}`),
      actor,
    )
  },
})
