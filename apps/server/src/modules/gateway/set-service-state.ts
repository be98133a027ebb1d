import { setServiceState } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { findService, serviceDetail } from './service-view.ts'

/** Stops a service for everybody, or lets it run again. Calls under way are refused from the next account on. */
export const setServiceStateVerb = command<typeof setServiceState>({
  endpoint: setServiceState,
  audit: ({ params, body }) => ({
    objectKind: 'service',
    objectId: params.id,
    detail: { state: body.state, reason: body.reason ?? null },
  }),
  async run({ db, actor, now, legalNow }, { params, body, match }) {
    const row = await findService(db, actor, params.id)
    if (row.state === body.state) refuse('object.state')
    if (body.state === 'stopped' && !body.reason)
      refuse('request.reason_required', { places: [place('/reason', '停用须说明理由', 'say why')] })
    const changed = await db.run(
      sql`update service set state = ${body.state}, version = version + 1 where id = ${params.id} and version = ${match}`,
    )
    if (changed === 0) refuse('object.changed')
    return serviceDetail(db, actor, params.id, { now, legalNow })
  },
})
