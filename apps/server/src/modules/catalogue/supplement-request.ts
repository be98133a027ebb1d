import { canonicalJson } from '@huitong/canonical'
import { supplementRequest, type RequestContent } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { attributeOf, requireAskable } from './create-request.ts'
import { goTo } from './decide-request.ts'
import { findDataset } from './dataset-view.ts'
import { findRequest, requestDetail, type RequestRow } from './request-view.ts'

/**
 * The applicant mends a returned request. It goes on at the step that returned it when only the explanation is another;
 * for anything else the head of the applicant signs anew, because the signature was given for what stood there before.
 */
export const supplementRequestVerb = command<typeof supplementRequest>({
  endpoint: supplementRequest,
  audit: ({ params }) => ({ objectKind: 'request', objectId: params.id }),
  async run({ db, actor, now, legalNow, emit }, { params, body, match }) {
    const row = await findRequest(db, actor, params.id)
    if (row.applicant_department_id !== actor.departmentId) refuse('permission.denied')
    if (row.state !== 'supplement' || row.dataset_id !== body.datasetId) refuse('object.state')
    const dataset = await findDataset(db, actor, row.dataset_id)
    if (dataset.live_content === null) refuse('dataset.not_published')
    requireAskable(body, dataset.live_content, { now, legalNow })
    if (row.share_attribute === 'unconditional' && attributeOf(body, dataset.live_content) === 'conditional')
      refuse('object.state', {
        places: [place('/items', '含有条件共享的信息项，请另行申请', 'has conditional items: make another request')],
      })
    const moved =
      await db.run(sql`update access_request set content = ${JSON.stringify(body)}, state = 'running', version = version + 1,
      content_by = ${actor.id}, dataset_version = ${dataset.live_version}, updated_at = ${now} where id = ${row.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    const signedFor = row.dataset_version === dataset.live_version && isSameAct(row.content, body)
    await goTo({ db, legalNow, emit }, row, signedFor ? row.step : SIGNED_AT)
    return requestDetail(db, actor, row.id, legalNow)
  },
})

const SIGNED_AT: RequestRow['step'] = 'head_sign'

/** The same in everything that the head signed; `scenario` only explains it. */
function isSameAct(before: RequestContent, after: RequestContent): boolean {
  const act = ({ scenario: _explains, ...signed }: RequestContent) => canonicalJson(signed as never)
  return act(before) === act(after)
}
