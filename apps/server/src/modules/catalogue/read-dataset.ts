import { readDataset } from '@huitong/contract/catalogue'
import { query } from '../../kernel/verb.ts'
import { datasetDetail } from './dataset-view.ts'

/** One dataset with its items, mounting and what the caller may do with it. */
export const readDatasetVerb = query<typeof readDataset>({
  endpoint: readDataset,
  audit: null,
  run: ({ db, actor }, input) => datasetDetail(db, actor, input.params.id, input.query.version),
})
