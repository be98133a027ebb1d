import { Type } from 'typebox'
import { Bilingual, exact, IdParams, oneOf, page, PageQuery, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import {
  CorrectionView,
  Dimension,
  Finding,
  RunDetail,
  RunView,
  Suite,
  SuiteDetail,
  SuiteView,
  ViolationView,
  WorkOrderDetail,
  WorkOrderView,
} from './governance-views.ts'
import { words } from './words.ts'

export * from './governance-views.ts'

export const listRuleKinds = endpoint({
  id: 'governance.rule_kind.list',
  method: 'GET',
  path: '/api/v1/quality/rule-kinds',
  access: 'quality.read',
  words: words('规则类型', 'Kinds of rules'),
  reply: exact({
    items: Type.Array(
      exact({
        kind: Type.String(),
        words: Bilingual,
        dimension: Dimension,
        indicator: Type.String(),
        indicatorWords: Bilingual,
        /** JSON Schema of the parameters. */
        parameters: Type.Unknown(),
      }),
    ),
  }),
})
export const listSuites = endpoint({
  id: 'governance.suite.list',
  method: 'GET',
  path: '/api/v1/quality/suites',
  access: 'quality.read',
  words: words('质量规则列表', 'List rule suites'),
  query: exact({ ...PageQuery, datasetId: Type.Optional(Uuid) }),
  reply: page(SuiteView),
})
export const readSuite = endpoint({
  id: 'governance.suite.read',
  method: 'GET',
  path: '/api/v1/quality/suites/:id',
  access: 'quality.read',
  words: words('质量规则', 'Read a rule suite'),
  params: IdParams,
  reply: SuiteDetail,
})
export const createSuite = endpoint({
  id: 'governance.suite.create',
  method: 'POST',
  path: '/api/v1/quality/suites',
  access: 'quality.manage',
  words: words('建立质量规则', 'Create a rule suite'),
  body: exact({ datasetId: Uuid, ...Suite.properties }),
  reply: SuiteDetail,
  status: 201,
  errors: ['object.not_found', 'object.exists', 'quality.rule_invalid', 'quality.not_landed'],
})
export const updateSuite = endpoint({
  id: 'governance.suite.update',
  method: 'PUT',
  path: '/api/v1/quality/suites/:id',
  access: 'quality.manage',
  words: words('修改质量规则', 'Change a rule suite'),
  params: IdParams,
  body: Suite,
  reply: SuiteDetail,
  ifMatch: true,
  errors: ['object.not_found', 'quality.rule_invalid', 'quality.not_landed'],
})
export const startRun = endpoint({
  id: 'governance.run.start',
  method: 'POST',
  path: '/api/v1/quality/suites/:id/runs',
  access: 'quality.manage',
  words: words('发起质量核验', 'Start a check'),
  params: IdParams,
  reply: RunView,
  status: 201,
  errors: ['object.not_found', 'object.state', 'quality.not_landed'],
})
export const listRuns = endpoint({
  id: 'governance.run.list',
  method: 'GET',
  path: '/api/v1/quality/runs',
  access: 'quality.read',
  words: words('核验任务列表', 'List checks'),
  query: exact({ ...PageQuery, datasetId: Type.Optional(Uuid), kind: Type.Optional(oneOf('full', 'recheck')) }),
  reply: page(RunView),
})
export const readRun = endpoint({
  id: 'governance.run.read',
  method: 'GET',
  path: '/api/v1/quality/runs/:id',
  access: 'quality.read',
  words: words('核验结果', 'Read a check'),
  params: IdParams,
  reply: RunDetail,
})
export const listFindings = endpoint({
  id: 'governance.finding.list',
  method: 'GET',
  path: '/api/v1/quality/runs/:id/findings',
  access: 'finding.read',
  words: words('问题数据', 'List findings'),
  params: IdParams,
  query: exact({ ...PageQuery, rule: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })) }),
  reply: exact({ ...page(Finding).properties, keyItems: Type.Array(Type.String()), valuesShown: Type.Boolean() }),
  errors: ['object.not_found', 'object.state', 'quality.engine'],
})
/** Rows of a workbook of findings; more are for CSV. */
export const WORKBOOK_ROWS_MAX = 100_000
const ExportQuery = exact({
  rule: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })),
  language: Type.Optional(oneOf('zh', 'en')),
})
export const exportFindings = endpoint({
  id: 'governance.finding.export',
  method: 'GET',
  path: '/api/v1/quality/runs/:id/findings.csv',
  access: 'finding.read',
  kind: 'stream',
  words: words('导出问题数据', 'Export the findings'),
  params: IdParams,
  query: ExportQuery,
  reply: Type.Unknown(),
  errors: ['object.not_found', 'object.state', 'quality.engine'],
})
/** As {@link exportFindings}, for those who work in a spreadsheet; at most {@link WORKBOOK_ROWS_MAX} rows. */
export const exportWorkbook = endpoint({
  id: 'governance.finding.export_workbook',
  method: 'GET',
  path: '/api/v1/quality/runs/:id/findings.xlsx',
  access: 'finding.read',
  kind: 'stream',
  words: words('导出问题数据（XLSX）', 'Export the findings as a workbook'),
  params: IdParams,
  query: ExportQuery,
  reply: Type.Unknown(),
  errors: ['object.not_found', 'object.state', 'quality.engine'],
})
export const openWorkOrder = endpoint({
  id: 'governance.work_order.open',
  method: 'POST',
  path: '/api/v1/quality/runs/:id/work-order',
  access: 'quality.manage',
  words: words('下发质量整改工单', 'Send a work order'),
  params: IdParams,
  reply: WorkOrderDetail,
  status: 201,
  errors: ['object.not_found', 'object.exists', 'object.state'],
})
export const listWorkOrders = endpoint({
  id: 'governance.work_order.list',
  method: 'GET',
  path: '/api/v1/quality/work-orders',
  access: 'quality.read',
  words: words('质量整改工单列表', 'List work orders'),
  query: exact({ ...PageQuery, state: Type.Optional(oneOf('unclosed', 'closed')) }),
  reply: page(WorkOrderView),
})
export const readWorkOrder = endpoint({
  id: 'governance.work_order.read',
  method: 'GET',
  path: '/api/v1/quality/work-orders/:id',
  access: 'quality.read',
  words: words('质量整改工单', 'Read a work order'),
  params: IdParams,
  reply: WorkOrderDetail,
})
export const recheckWorkOrder = endpoint({
  id: 'governance.work_order.recheck',
  method: 'POST',
  path: '/api/v1/quality/work-orders/:id/recheck',
  access: 'work_order.handle',
  words: words('申请复核', 'Have the rows rechecked'),
  params: IdParams,
  reply: WorkOrderDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'quality.not_landed'],
})
export const createCorrection = endpoint({
  id: 'governance.correction.create',
  method: 'POST',
  path: '/api/v1/quality/corrections',
  access: 'correction.make',
  words: words('提出校核申请', 'Apply for a correction'),
  body: exact({
    datasetId: Uuid,
    item: text(64, 1),
    /** Which record, and what is wrong with it. */
    record: text(500, 1),
    reason: text(1000, 4),
  }),
  reply: CorrectionView,
  status: 201,
  errors: ['object.not_found', 'dataset.not_published', 'request.invalid'],
})
export const listCorrections = endpoint({
  id: 'governance.correction.list',
  method: 'GET',
  path: '/api/v1/quality/corrections',
  access: 'quality.read',
  words: words('校核申请列表', 'List correction applications'),
  query: exact({ ...PageQuery, state: Type.Optional(oneOf('submitted', 'answered')), datasetId: Type.Optional(Uuid) }),
  reply: page(CorrectionView),
})
export const answerCorrection = endpoint({
  id: 'governance.correction.answer',
  method: 'POST',
  path: '/api/v1/quality/corrections/:id/answer',
  access: 'correction.answer',
  words: words('答复校核申请', 'Answer a correction application'),
  params: IdParams,
  body: exact({ outcome: oneOf('corrected', 'rejected'), answer: text(1000, 4) }),
  reply: CorrectionView,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'permission.denied'],
})
export const listViolations = endpoint({
  id: 'governance.violation.list',
  method: 'GET',
  path: '/api/v1/quality/violations',
  access: 'quality.read',
  words: words('疑似违规列表', 'List suspected violations'),
  query: exact({ ...PageQuery, state: Type.Optional(oneOf('undecided', 'decided')) }),
  reply: page(ViolationView),
})
export const stateViolation = endpoint({
  id: 'governance.violation.state',
  method: 'POST',
  path: '/api/v1/quality/violations/:id/statement',
  access: 'violation.state',
  words: words('提交情况说明', 'Make a statement'),
  params: IdParams,
  body: exact({ statement: text(2000, 4) }),
  reply: ViolationView,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'permission.denied'],
})
export const decideViolation = endpoint({
  id: 'governance.violation.decide',
  method: 'POST',
  path: '/api/v1/quality/violations/:id/decision',
  access: 'violation.decide',
  words: words('认定疑似违规', 'Decide on a suspected violation'),
  params: IdParams,
  body: exact({ decision: oneOf('confirmed', 'dismissed'), reason: text(2000, 4) }),
  reply: ViolationView,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})

export const governanceEndpoints = [
  listRuleKinds,
  listSuites,
  readSuite,
  createSuite,
  updateSuite,
  startRun,
  listRuns,
  readRun,
  listFindings,
  exportFindings,
  exportWorkbook,
  openWorkOrder,
  listWorkOrders,
  readWorkOrder,
  recheckWorkOrder,
  createCorrection,
  listCorrections,
  answerCorrection,
  listViolations,
  stateViolation,
  decideViolation,
] as const
