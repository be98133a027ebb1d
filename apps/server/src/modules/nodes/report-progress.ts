import { reportProgress } from '@huitong/contract/nodes'
import { ApplyProgress, CaptureProgress, ReadProgress } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { place, refuse } from '../../kernel/errors.ts'
import { tick } from '../../kernel/verb.ts'

/** What pages read of a progress has a shape; of the other kinds it is the node's own. */
const SCHEMAS: Readonly<Record<string, TSchema>> = {
  read: ReadProgress,
  apply: ApplyProgress,
  capture: CaptureProgress,
}

/** Keeps the progress of running work and renews its lease; a stale fence is refused. */
export const reportProgressVerb = tick<typeof reportProgress>({
  endpoint: reportProgress,
  async run({ db, actor, now, services }, { params, body }) {
    const work = await db.maybe<{ kind: string }>(
      sql`select kind from node_work where id = ${params.id} and node_id = ${actor.id}`,
    )
    if (!work) refuse('object.not_found')
    const schema = SCHEMAS[work.kind]
    if (schema && !Check(schema, body.progress))
      refuse('request.invalid', { places: [place('/progress', '进度不符合约定', 'not the progress of this kind')] })
    const until = new Date(now.getTime() + services.settings.leaseSeconds * 1000)
    const kept =
      await db.run(sql`update node_work set progress = ${JSON.stringify(body.progress)}, lease_until = ${until}
      where id = ${params.id} and node_id = ${actor.id} and state = 'leased' and fence = ${body.fence}`)
    if (kept === 0) refuse('node.fenced')
    return {}
  },
})
