import { reportProgress } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { tick } from '../../kernel/verb.ts'

/** Keeps the progress of running work and renews its lease; a stale fence is refused. */
export const reportProgressVerb = tick<typeof reportProgress>({
  endpoint: reportProgress,
  async run({ db, actor, now, services }, { params, body }) {
    const until = new Date(now.getTime() + services.settings.leaseSeconds * 1000)
    const kept =
      await db.run(sql`update node_work set progress = ${JSON.stringify(body.progress)}, lease_until = ${until}
      where id = ${params.id} and node_id = ${actor.id} and state = 'leased' and fence = ${body.fence}`)
    if (kept === 0) refuse('node.fenced')
    return {}
  },
})
