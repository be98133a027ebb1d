import { changeOpening } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { serviceDetail } from './service-view.ts'

/** Changes the quota of an opening, suspends it or lets it run again; it takes effect with the next call. */
export const changeOpeningVerb = command<typeof changeOpening>({
  endpoint: changeOpening,
  audit: ({ params, body }) => ({
    objectKind: 'service_opening',
    objectId: params.id,
    detail: {
      suspended: body.suspended,
      reason: body.reason ?? null,
      perSecondMax: body.perSecondMax,
      perDayMax: body.perDayMax,
      totalMax: body.totalMax ?? null,
    },
  }),
  async run({ db, actor, now, legalNow }, { params, body, match }) {
    const row = await db.one<{ service_id: string; suspended_at: Date | null }>(
      sql`select service_id, suspended_at from service_opening where id = ${params.id}`,
    )
    if (body.suspended && row.suspended_at === null && !body.reason)
      refuse('request.reason_required', { places: [place('/reason', '暂停须说明理由', 'say why')] })
    const changed = await db.run(sql`update service_opening set per_second_max = ${body.perSecondMax},
        per_day_max = ${body.perDayMax}, total_max = ${body.totalMax ?? null},
        suspended_at = ${body.suspended ? (row.suspended_at ?? now) : null},
        suspended_reason = ${body.suspended ? (body.reason ?? null) : null},
        suspended_cause = ${body.suspended ? sql`coalesce(suspended_cause, 'person')` : null},
        suspended_figures = ${body.suspended ? sql`suspended_figures` : null},
        released_at = ${body.suspended ? sql`released_at` : now}, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    return serviceDetail(db, actor, row.service_id, { now, legalNow })
  },
})
