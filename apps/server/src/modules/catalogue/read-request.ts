import { readRequest } from '@huitong/contract/catalogue'
import { query } from '../../kernel/verb.ts'
import { requestDetail } from './request-view.ts'

/** One request with its steps, deadline and what the caller may do. */
export const readRequestVerb = query<typeof readRequest>({
  endpoint: readRequest,
  audit: null,
  run: ({ db, actor, legalNow }, { params }) => requestDetail(db, actor, params.id, legalNow),
})
