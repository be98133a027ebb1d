import type { Job } from '../../kernel/jobs.ts'
import type { Subscriber } from '../../kernel/subscribers.ts'
import type { Verb } from '../../kernel/verb.ts'
import { bindItemsVerb, listCoverageVerb, readBindingsVerb } from './bindings.ts'
import { answerCorrectionVerb, createCorrectionVerb, listCorrectionsVerb } from './corrections.ts'
import { compareRunsVerb } from './compare-runs.ts'
import { exportFindingsVerb, exportWorkbookVerb } from './export-findings.ts'
import { listFindingsVerb } from './findings.ts'
import { listChangedFindingsVerb } from './list-changed-findings.ts'
import { listColumnsVerb, proposeRulesVerb } from './propose-rules.ts'
import { raiseViolations } from './raise-violations.subscriber.ts'
import { listRuleKindsVerb } from './rule-kinds.ts'
import { recipeVerbs, runRecipesJob } from './recipes/index.ts'
import { runChecksJob } from './run-checks.job.ts'
import { listRunsVerb, readRunVerb, startRunVerb } from './runs.ts'
import { createSuiteVerb, listSuitesVerb, listSuiteVersionsVerb, readSuiteVerb, updateSuiteVerb } from './suites.ts'
import { tryRulesVerb } from './try-rules.ts'
import { decideViolationVerb, listViolationsVerb, stateViolationVerb } from './violations.ts'
import { listWorkOrdersVerb, openWorkOrderVerb, readWorkOrderVerb, recheckWorkOrderVerb } from './work-orders.ts'

export { qualitySees } from './sees.ts'
export { qualityDuties } from './duties.ts'
export { governedPath, type GovernedTable, governedTables } from './recipes/index.ts'

export const governanceVerbs: readonly Verb[] = [
  readBindingsVerb,
  bindItemsVerb,
  listCoverageVerb,
  listColumnsVerb,
  proposeRulesVerb,
  tryRulesVerb,
  listRuleKindsVerb,
  listSuitesVerb,
  readSuiteVerb,
  createSuiteVerb,
  updateSuiteVerb,
  listSuiteVersionsVerb,
  startRunVerb,
  listRunsVerb,
  readRunVerb,
  listFindingsVerb,
  exportFindingsVerb,
  exportWorkbookVerb,
  compareRunsVerb,
  listChangedFindingsVerb,
  openWorkOrderVerb,
  listWorkOrdersVerb,
  readWorkOrderVerb,
  recheckWorkOrderVerb,
  createCorrectionVerb,
  listCorrectionsVerb,
  answerCorrectionVerb,
  listViolationsVerb,
  stateViolationVerb,
  decideViolationVerb,
  ...recipeVerbs,
]
export const governanceJobs: readonly Job[] = [runChecksJob, runRecipesJob]
export const governanceSubscribers: readonly Subscriber[] = [raiseViolations]
