import { extendRequest } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { dueAfter } from '../standards/index.ts'
import { findRequest, requestDetail } from './request-view.ts'

interface Row {
  id: string
  due_at: Date
  extended_to: Date | null
  extension_max: number
}

/** The authority consents to a longer answer time (条例 21: once, at most 10 working days); all parties see it in the request. */
export const extendRequestVerb = command<typeof extendRequest>({
  endpoint: extendRequest,
  audit: ({ params, body }) => ({
    objectKind: 'request',
    objectId: params.id,
    detail: { workingDays: body.workingDays, reason: body.reason },
  }),
  async run({ db, actor, now, legalNow }, { params, body, match }) {
    const request = await findRequest(db, actor, params.id)
    if (request.step !== 'provider_answer') refuse('object.state')
    const row = await db.maybe<Row>(sql`select o.id, o.due_at, o.extended_to, r.extension_max
      from obligation o join deadline_rule r on r.jurisdiction = o.jurisdiction and r.code = o.rule
      where o.subject_kind = 'request' and o.subject_id = ${params.id} and o.rule in ('D3', 'D4') and o.fulfilled_at is null and o.cancelled_at is null`)
    if (!row || row.extended_to !== null || legalNow >= row.due_at) refuse('deadline.extension')
    if (body.workingDays > row.extension_max)
      refuse('deadline.extension', {
        places: [
          place('/workingDays', `最多延长 ${row.extension_max} 个工作日`, `at most ${row.extension_max} working days`),
        ],
      })
    const moved = await db.run(
      sql`update access_request set version = version + 1, updated_at = ${now} where id = ${params.id} and version = ${match}`,
    )
    if (moved === 0) refuse('object.changed')
    // The last instant of the limit counts as the day from which the extension runs on.
    const extended = dueAfter(new Date(row.due_at.getTime() - 1), body.workingDays)
    await db.run(sql`update obligation set extended_to = ${extended}, version = version + 1 where id = ${row.id}`)
    return requestDetail(db, actor, params.id, legalNow)
  },
})
