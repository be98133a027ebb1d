import { planReconciliation } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, findChannel } from './channel-view.ts'

/** Says when a channel is compared by itself; a job begins what is due (`reconcile-channels.job.ts`). */
export const planReconciliationVerb = command<typeof planReconciliation>({
  endpoint: planReconciliation,
  audit: ({ params, body }) => ({ objectKind: 'channel', objectId: params.id, detail: { ...body } }),
  async run({ db, actor, wake }, { params, body, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.plan(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const moved = await db.run(sql`update channel set reconcile_after_copy = ${body.afterCopy},
      reconcile_every_hours = ${body.everyHours}, version = version + 1 where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await wake('job:reconcile-channels')
    return body
  },
})
