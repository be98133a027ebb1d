import { submitDataset } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { command } from '../../kernel/verb.ts'
import { requireComplete } from './completeness.ts'
import { datasetDetail } from './dataset-view.ts'
import { indexDatasets } from './search-index.ts'
import { requireRule, touch } from './update-dataset.ts'

/** The officer submits the pending version to the head. An incomplete one is refused with every missing field named. */
export const submitDatasetVerb = command<typeof submitDataset>({
  endpoint: submitDataset,
  audit: ({ params }, reply) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: { version: reply.pending?.number ?? 0 },
  }),
  async run({ db, actor, now, emit }, { params, match }) {
    const row = await requireRule(db, actor, params.id, 'submit')
    requireComplete(row.pending_content!)
    await touch(db, params.id, match, now)
    await db.run(sql`update dataset_version set state = 'submitted', submitted_by = ${actor.id}, opinion = null
      where dataset_id = ${params.id} and number = ${row.pending_version}`)
    await emit('dataset.submitted', { datasetId: params.id, departmentId: row.department_id })
    await indexDatasets(db, [params.id])
    return datasetDetail(db, actor, params.id, 'pending')
  },
})
