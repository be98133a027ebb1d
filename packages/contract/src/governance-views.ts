import { Type } from 'typebox'
import { BigInteger, Bilingual, Day, exact, Instant, LanguageMap, nullable, oneOf, text, Uuid } from './common.ts'

/** What a rule was proposed by, where a person took over a proposal: a standard, the catalogue, or what was counted in the data. */
export const RuleOrigin = oneOf('standard', 'catalogue', 'profile')
/** 规则: the parameters' schema belongs to the kind and is served by `governance.rule_kind.list`. */
export const Rule = exact({
  code: Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }),
  kind: text(40, 1),
  name: LanguageMap(128),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  origin: Type.Optional(RuleOrigin),
})
export const Suite = exact({
  rules: Type.Array(Rule, { minItems: 1, maxItems: 512 }),
  /** Working days within which the provider repairs what is found. */
  repairWorkingDays: Type.Integer({ minimum: 1, maximum: 60 }),
})
/** Who and what something of quality belongs to. */
const Subject = {
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
}
/** A total of 0 to 100 with three digits, as text; null where nothing was judged. */
export const Score = nullable(Type.String({ pattern: '^\\d{1,3}\\.\\d{3}$' }))

export const RunState = oneOf('queued', 'running', 'done', 'failed')
export const RunView = exact({
  id: Uuid,
  number: Type.String(),
  suiteId: Uuid,
  ...Subject,
  kind: oneOf('full', 'recheck'),
  state: RunState,
  ruleCount: Type.Integer(),
  rows: nullable(BigInteger),
  findings: nullable(BigInteger),
  score: Score,
  createdAt: Instant,
  finishedAt: nullable(Instant),
})
export const SuiteView = exact({
  id: Uuid,
  ...Subject,
  ruleCount: Type.Integer(),
  updatedAt: Instant,
  version: Type.Integer(),
  /** The latest full check. */
  latest: nullable(exact({ id: Uuid, state: RunState, score: Score, findings: nullable(BigInteger), at: Instant })),
})
export const SuiteDetail = exact({
  ...SuiteView.properties,
  ...Suite.properties,
  /** Each rule with what it asks of the data, in a sentence with the names of the catalogue. */
  rules: Type.Array(exact({ ...Rule.properties, asks: Bilingual })),
})
export const Dimension = oneOf('normative', 'complete', 'accurate', 'consistent', 'timely', 'accessible')
export const RunDetail = exact({
  ...RunView.properties,
  asOf: Day,
  /** The version of the suite that it was made by. */
  suiteVersion: Type.Integer(),
  /** The full copy that was read, and how many files of later changes. */
  generation: nullable(Type.Integer()),
  changes: nullable(Type.Integer()),
  /** How many times the table was read for all rules. */
  scans: nullable(Type.Integer()),
  milliseconds: nullable(Type.Integer()),
  key: nullable(Type.Array(Type.String())),
  problem: nullable(Bilingual),
  workOrderId: nullable(Uuid),
  results: Type.Array(
    exact({
      code: Type.String(),
      name: LanguageMap(128),
      kindWords: Bilingual,
      dimension: Dimension,
      indicator: Type.String(),
      indicatorWords: Bilingual,
      judged: BigInteger,
      broken: BigInteger,
    }),
  ),
  scores: Type.Array(
    exact({ dimension: Dimension, words: Bilingual, judged: BigInteger, right: BigInteger, score: Score }),
  ),
})
/** 问题数据: a row that breaks rules. */
export const Finding = exact({
  key: Type.Array(nullable(Type.String())),
  rules: Type.Array(Type.String()),
  /** Values of the items that the rules read; only for the department whose data it is. */
  values: Type.Array(exact({ item: Type.String(), value: nullable(Type.String()) })),
})
export const WorkOrderView = exact({
  id: Uuid,
  number: Type.String(),
  ...Subject,
  runId: Uuid,
  state: oneOf('open', 'rechecking', 'closed'),
  findings: BigInteger,
  findingsOpen: BigInteger,
  openedAt: Instant,
  dueAt: Instant,
  closedAt: nullable(Instant),
  overdue: Type.Boolean(),
  remainingMinutes: Type.Integer(),
  allowedMinutes: Type.Integer(),
  version: Type.Integer(),
})
export const WorkOrderDetail = exact({
  ...WorkOrderView.properties,
  key: Type.Array(Type.String()),
  causes: Type.Array(
    exact({
      code: Type.String(),
      name: LanguageMap(128),
      /** What is wrong, in words for whoever mends it. */
      advice: Bilingual,
      found: BigInteger,
      open: BigInteger,
    }),
  ),
  rechecks: Type.Array(RunView),
  mine: Type.Boolean(),
})
export const CorrectionView = exact({
  id: Uuid,
  number: Type.String(),
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  providerDepartmentId: Uuid,
  providerDepartmentName: LanguageMap(128),
  applicantDepartmentId: Uuid,
  applicantDepartmentName: LanguageMap(128),
  item: Type.String(),
  /** Which record, for the two departments only. */
  record: nullable(Type.String()),
  reason: Type.String(),
  state: oneOf('submitted', 'corrected', 'rejected'),
  answer: nullable(Type.String()),
  submittedAt: Instant,
  dueAt: Instant,
  answeredAt: nullable(Instant),
  overdue: Type.Boolean(),
  remainingMinutes: Type.Integer(),
  allowedMinutes: Type.Integer(),
  version: Type.Integer(),
  /** The viewer may answer it now. */
  mine: Type.Boolean(),
})
export const ViolationView = exact({
  id: Uuid,
  number: Type.String(),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  rule: Type.String(),
  ruleWords: Bilingual,
  subjectKind: Type.String(),
  subjectId: Uuid,
  subjectName: Type.String(),
  state: oneOf('suspected', 'stated', 'confirmed', 'dismissed'),
  statement: nullable(Type.String()),
  decision: nullable(Type.String()),
  raisedAt: Instant,
  statedAt: nullable(Instant),
  decidedAt: nullable(Instant),
  version: Type.Integer(),
  mayState: Type.Boolean(),
  mayDecide: Type.Boolean(),
})
