import { readService } from '@huitong/contract/gateway'
import { query } from '../../kernel/verb.ts'
import { serviceDetail } from './service-view.ts'

/** One service with its items, and the openings that the viewer is a party of. */
export const readServiceVerb = query<typeof readService>({
  endpoint: readService,
  audit: null,
  run: ({ db, actor, now, legalNow }, { params }) => serviceDetail(db, actor, params.id, { now, legalNow }),
})
