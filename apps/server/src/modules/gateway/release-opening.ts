import { releaseOpening } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { mayRelease, serviceDetail } from './service-view.ts'

interface Row {
  service_id: string
  provider_department_id: string
  suspended_cause: string | null
  version: number
}

/** Lets an opening run again that the platform suspended; what was seen before does not suspend it anew. */
export const releaseOpeningVerb = command<typeof releaseOpening>({
  endpoint: releaseOpening,
  audit: ({ params, body }) => ({
    objectKind: 'service_opening',
    objectId: params.id,
    detail: { reason: body.reason },
  }),
  async run({ db, actor, now, legalNow }, { params, match }) {
    const row = await db.one<Row>(
      sql`select service_id, provider_department_id, suspended_cause, version from service_opening where id = ${params.id}`,
    )
    if (!actor.wide.has('service.release') && row.provider_department_id !== actor.departmentId)
      refuse('permission.denied')
    if (row.version !== match) refuse('object.changed')
    if (!mayRelease(actor, row)) refuse('object.state')
    const changed = await db.run(sql`update service_opening set suspended_at = null, suspended_reason = null,
        suspended_cause = null, suspended_figures = null, released_at = ${now}, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    return serviceDetail(db, actor, row.service_id, { now, legalNow })
  },
})
