import { readReport } from '@huitong/contract/operations'
import { query } from '../../kernel/verb.ts'
import { makeReport, periodOf } from './report.ts'

/** Figures by department, each with its definition, unit and cut-off. */
export const readReportVerb = query<typeof readReport>({
  endpoint: readReport,
  audit: null,
  run: ({ db, actor, now }, input) => makeReport(db, actor, periodOf(input.query, now)),
})
