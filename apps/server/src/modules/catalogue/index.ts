import type { Job } from '../../kernel/jobs.ts'
import type { Subscriber } from '../../kernel/subscribers.ts'
import type { Verb } from '../../kernel/verb.ts'
import { createDatasetVerb } from './create-dataset.ts'
import { createRequestVerb } from './create-request.ts'
import { decideRequestVerb } from './decide-request.ts'
import { diffVersionsVerb } from './diff-versions.ts'
import { extendRequestVerb } from './extend-request.ts'
import { followExchange } from './follow-exchange.subscriber.ts'
import { listGrantsVerb, readGrantVerb, revokeGrantVerb } from './grants.ts'
import { listDatasetsVerb } from './list-datasets.ts'
import { listObligationsVerb } from './list-obligations.ts'
import { listRequestsVerb } from './list-requests.ts'
import { listVersionsVerb } from './list-versions.ts'
import { readDatasetVerb } from './read-dataset.ts'
import { readRequestVerb } from './read-request.ts'
import { rebuildSearchVerb } from './rebuild-search.ts'
import { refreshSearchJob } from './refresh-search.job.ts'
import { reviewDatasetVerb } from './review-dataset.ts'
import { searchDatasetsVerb } from './search-datasets.ts'
import { searchFacetsVerb } from './search-facets.ts'
import { seedCatalogue } from './seed-jurisdiction.subscriber.ts'
import { signDatasetVerb } from './sign-dataset.ts'
import { submitDatasetVerb } from './submit-dataset.ts'
import { suggestDatasetsVerb } from './suggest-datasets.ts'
import { supplementRequestVerb } from './supplement-request.ts'
import { readTemplateVerb, setTemplateVerb } from './templates.ts'
import { updateDatasetVerb } from './update-dataset.ts'
import { watchDeadlinesJob } from './watch-deadlines.job.ts'
import { withdrawRequestVerb } from './withdraw-request.ts'

export {
  DATASET_RULES,
  datasetDetail,
  datasetSees,
  findDataset,
  SELECT_DATASET,
  type DatasetRow,
} from './dataset-view.ts'
export { GRANT_DOMAIN, signDocument } from './issue-grant.ts'
export { nextNumber } from './numbers.ts'
export {
  closeObligations,
  obligationView,
  openObligation,
  SELECT_OBLIGATION,
  type ObligationRow,
} from './obligations.ts'
export { STEPS } from './request-steps.ts'
export { deadlinesOf, requestSees, SELECT_REQUEST, stepVerdict, type RequestRow } from './request-view.ts'
export { todoOf } from './list-requests.ts'
export { requireRule } from './update-dataset.ts'

export const catalogueVerbs: readonly Verb[] = [
  listDatasetsVerb,
  readDatasetVerb,
  createDatasetVerb,
  updateDatasetVerb,
  submitDatasetVerb,
  signDatasetVerb,
  reviewDatasetVerb,
  listVersionsVerb,
  diffVersionsVerb,
  listRequestsVerb,
  readRequestVerb,
  createRequestVerb,
  decideRequestVerb,
  supplementRequestVerb,
  withdrawRequestVerb,
  extendRequestVerb,
  readTemplateVerb,
  setTemplateVerb,
  listGrantsVerb,
  readGrantVerb,
  revokeGrantVerb,
  listObligationsVerb,
  searchDatasetsVerb,
  searchFacetsVerb,
  suggestDatasetsVerb,
  rebuildSearchVerb,
]
export const catalogueJobs: readonly Job[] = [watchDeadlinesJob, refreshSearchJob]
export const catalogueSubscribers: readonly Subscriber[] = [seedCatalogue, followExchange]
