import { withdrawRequest } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { closeObligations } from './obligations.ts'
import { findRequest, requestDetail } from './request-view.ts'

/** The applicant takes its request back, as long as nothing was granted. */
export const withdrawRequestVerb = command<typeof withdrawRequest>({
  endpoint: withdrawRequest,
  audit: ({ params }) => ({ objectKind: 'request', objectId: params.id }),
  async run({ db, actor, now, legalNow, emit }, { params, match }) {
    const row = await findRequest(db, actor, params.id)
    if (row.applicant_department_id !== actor.departmentId) refuse('permission.denied')
    if (row.grant_id !== null || (row.state !== 'running' && row.state !== 'supplement')) refuse('object.state')
    const moved =
      await db.run(sql`update access_request set state = 'withdrawn', step = null, version = version + 1, updated_at = ${now}
      where id = ${row.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await closeObligations(db, { subjectKind: 'request', subjectId: row.id, at: legalNow, cancelled: true })
    await emit('request.stepped', { requestId: row.id, step: null, state: 'withdrawn' })
    return requestDetail(db, actor, row.id, legalNow)
  },
})
