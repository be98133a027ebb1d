import { signDataset } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { datasetDetail } from './dataset-view.ts'
import { openObligation } from './obligations.ts'
import { indexDatasets } from './search-index.ts'
import { requireRule, touch } from './update-dataset.ts'

/** The head of the department signs the submission (条例 13) or returns it with a reason; never the officer who submitted. */
export const signDatasetVerb = command<typeof signDataset>({
  endpoint: signDataset,
  audit: ({ params, body }) => ({ objectKind: 'dataset', objectId: params.id, detail: { decision: body.decision } }),
  async run({ db, actor, now, legalNow }, { params, body, match }) {
    const row = await requireRule(db, actor, params.id, 'sign')
    if (body.decision === 'return' && !body.opinion)
      refuse('request.reason_required', { places: [place('/opinion', '退回必须说明理由', 'say why')] })
    await touch(db, params.id, match, now)
    await db.run(sql`update dataset_version set state = ${body.decision === 'agree' ? 'signed' : 'returned'}, opinion = ${body.opinion ?? null},
        signed_by = ${body.decision === 'agree' ? actor.id : null}
      where dataset_id = ${params.id} and number = ${row.pending_version}`)
    // D2: the authority reviews an updated entry within its limit; it starts when the signed version arrives.
    if (body.decision === 'agree')
      await openObligation(db, {
        rule: 'D2',
        subjectKind: 'dataset',
        subjectId: params.id,
        debtor: 'authority',
        jurisdiction: row.jurisdiction,
        at: legalNow,
      })
    await indexDatasets(db, [params.id])
    return datasetDetail(db, actor, params.id, 'pending')
  },
})
