import { Type, type Static } from 'typebox'
import {
  Action,
  BigInteger,
  Bilingual,
  Day,
  exact,
  IdParams,
  Instant,
  LanguageMap,
  nullable,
  oneOf,
  page,
  PageQuery,
  text,
  Uuid,
} from './common.ts'
import { endpoint } from './endpoint.ts'
import { Predicate } from './predicate.ts'
import { words } from './words.ts'

/** 共享属性, 条例 14. */
export const ShareAttribute = oneOf('unconditional', 'conditional', 'refused')
export const UpdateCycle = oneOf(
  'realtime',
  'daily',
  'weekly',
  'monthly',
  'quarterly',
  'half_yearly',
  'yearly',
  'other',
)
export const ItemType = oneOf('text', 'integer', 'decimal', 'money', 'date', 'datetime', 'boolean', 'memo', 'binary')
/** GB/T 43697-2024: 核心, 重要, 一般 (1–4, 4 the most sensitive). */
export const DataLevel = oneOf('core', 'important', 'general_4', 'general_3', 'general_2', 'general_1')
export const ShareMethod = oneOf('table', 'file', 'service')
export const FormatClass = oneOf(
  'electronic_file',
  'spreadsheet',
  'database',
  'image',
  'stream',
  'self_describing',
  'service',
)

export const ItemContent = exact({
  /** Stable within the dataset; letters, digits and underscore. */
  code: Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }),
  name: LanguageMap(128),
  type: Type.Optional(ItemType),
  length: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  key: Type.Optional(Type.Boolean()),
  nullable: Type.Optional(Type.Boolean()),
  shareAttribute: Type.Optional(ShareAttribute),
  level: Type.Optional(DataLevel),
  personal: Type.Optional(Type.Boolean()),
  open: Type.Optional(Type.Boolean()),
  description: Type.Optional(text(1000)),
})

/**
 * The content of a catalogue entry. Every field but the name is optional, so that a draft can be saved at any
 * time; what is mandatory (条例 13–15, 编制指南) is checked at submission and named field by field.
 */
export const DatasetContent = exact({
  name: LanguageMap(128),
  summary: Type.Optional(LanguageMap(1000)),
  classification: Type.Optional(Type.String({ pattern: '^[1-3]\\d{2}\\d{3}[0-9A-Za-z]{0,32}$' })),
  format: Type.Optional(exact({ class: FormatClass, type: text(32, 1) })),
  updateCycle: Type.Optional(UpdateCycle),
  shareAttribute: Type.Optional(ShareAttribute),
  shareMethods: Type.Optional(Type.Array(ShareMethod, { maxItems: 3 })),
  useConditions: Type.Optional(text(1000)),
  shareScope: Type.Optional(text(500)),
  shareUse: Type.Optional(text(500)),
  refusalReason: Type.Optional(text(1000)),
  refusalBasis: Type.Optional(
    exact({
      kind: oneOf('law', 'administrative_regulation', 'state_council_decision'),
      title: text(200, 1),
      article: text(64, 1),
    }),
  ),
  open: Type.Optional(oneOf('unconditional', 'conditional', 'closed')),
  openConditions: Type.Optional(text(500)),
  level: Type.Optional(DataLevel),
  system: Type.Optional(text(128)),
  contact: Type.Optional(exact({ name: text(64, 1), phone: text(32, 1) })),
  secrecyAssessment: Type.Optional(exact({ number: text(64, 1), on: Day, conclusion: text(500, 1) })),
  privacyAssessment: Type.Optional(exact({ number: text(64, 1), on: Day, conclusion: text(500, 1) })),
  items: Type.Optional(Type.Array(ItemContent, { maxItems: 1600 })),
})
export type DatasetContent = Static<typeof DatasetContent>
export type ItemContent = Static<typeof ItemContent>

export const VersionState = oneOf('draft', 'submitted', 'signed', 'published', 'returned', 'superseded')

const Missing = exact({ path: Type.String(), words: Bilingual, source: Type.String() })
const VersionRef = exact({
  number: Type.Integer(),
  state: VersionState,
  changedAt: Instant,
  opinion: nullable(Type.String()),
})
/**
 * The convention of front databases: the last operation on a row (I, U, D), when it was, and the batch it came with. These
 * fields are technical: no items, and never granted. A row with operation D is a tombstone and in no full copy.
 */
export const MountedConvention = exact({
  operation: nullable(text(63)),
  updatedAt: text(63),
  batch: nullable(text(63)),
  /** The exchange mark: when the platform had taken a row; the node writes it. */
  mark: Type.Optional(nullable(text(63))),
})
const DistributionView = exact({
  id: Uuid,
  kind: ShareMethod,
  sourceId: Uuid,
  sourceName: LanguageMap(128),
  schema: Type.String(),
  table: Type.String(),
  mapping: Type.Array(exact({ item: Type.String(), field: Type.String(), type: Type.String() })),
  key: Type.Array(Type.String()),
  rowEstimate: nullable(BigInteger),
  convention: nullable(MountedConvention),
})

export const DatasetSummary = exact({
  id: Uuid,
  code: Type.String(),
  officialCode: nullable(Type.String()),
  name: LanguageMap(128),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  shareAttribute: nullable(ShareAttribute),
  updateCycle: nullable(UpdateCycle),
  itemCount: Type.Integer(),
  state: oneOf('draft', 'published', 'withdrawn'),
  pendingState: nullable(VersionState),
  publishedAt: nullable(Instant),
  updatedAt: Instant,
})
export const DatasetDetail = exact({
  ...DatasetSummary.properties,
  /** Content that the caller may see: the published version, or the pending one for its own department and the authority. */
  content: DatasetContent,
  live: nullable(VersionRef),
  pending: nullable(VersionRef),
  missing: Type.Array(Missing),
  distributions: Type.Array(DistributionView),
  actions: Type.Array(Action),
  version: Type.Integer(),
})

export const listDatasets = endpoint({
  id: 'catalogue.dataset.list',
  method: 'GET',
  path: '/api/v1/datasets',
  access: 'catalogue.read',
  words: words('目录列表', 'List datasets'),
  query: exact({
    ...PageQuery,
    q: Type.Optional(text(64)),
    departmentId: Type.Optional(Uuid),
    shareAttribute: Type.Optional(ShareAttribute),
    state: Type.Optional(oneOf('draft', 'published', 'pending')),
    mine: Type.Optional(oneOf('true')),
  }),
  reply: page(DatasetSummary),
})
export const readDataset = endpoint({
  id: 'catalogue.dataset.read',
  method: 'GET',
  path: '/api/v1/datasets/:id',
  access: 'catalogue.read',
  words: words('查看目录', 'Read dataset'),
  params: IdParams,
  query: exact({ version: Type.Optional(oneOf('live', 'pending')) }),
  reply: DatasetDetail,
  errors: ['object.not_found'],
})
export const createDataset = endpoint({
  id: 'catalogue.dataset.create',
  method: 'POST',
  path: '/api/v1/datasets',
  access: 'dataset.compile',
  words: words('编制目录', 'Compile a dataset'),
  body: DatasetContent,
  reply: DatasetDetail,
  status: 201,
  errors: ['object.exists', 'department.abolished'],
})
export const updateDataset = endpoint({
  id: 'catalogue.dataset.update',
  method: 'PUT',
  path: '/api/v1/datasets/:id',
  access: 'dataset.compile',
  words: words('修改目录（形成待发布版本）', 'Change a dataset (makes a pending version)'),
  params: IdParams,
  body: DatasetContent,
  reply: DatasetDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'object.exists'],
})
export const submitDataset = endpoint({
  id: 'catalogue.dataset.submit',
  method: 'POST',
  path: '/api/v1/datasets/:id/submission',
  access: 'dataset.compile',
  words: words('提交目录', 'Submit a dataset'),
  params: IdParams,
  reply: DatasetDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'dataset.incomplete'],
})
export const signDataset = endpoint({
  id: 'catalogue.dataset.sign',
  method: 'POST',
  path: '/api/v1/datasets/:id/signature',
  access: 'dataset.sign',
  words: words('负责人签发目录', 'Head signs a dataset'),
  params: IdParams,
  body: exact({ decision: oneOf('agree', 'return'), opinion: Type.Optional(text(1000)) }),
  reply: DatasetDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'request.reason_required', 'request.same_person'],
})
export const reviewDataset = endpoint({
  id: 'catalogue.dataset.review',
  method: 'POST',
  path: '/api/v1/datasets/:id/review',
  access: 'dataset.review',
  words: words('主管部门审核发布', 'Authority reviews and publishes'),
  params: IdParams,
  body: exact({ decision: oneOf('publish', 'return'), opinion: Type.Optional(text(1000)) }),
  reply: DatasetDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'request.reason_required', 'dataset.incomplete', 'request.same_person'],
})
export const listDatasetVersions = endpoint({
  id: 'catalogue.version.list',
  method: 'GET',
  path: '/api/v1/datasets/:id/versions',
  access: 'catalogue.read',
  words: words('目录版本', 'Versions of a dataset'),
  params: IdParams,
  reply: exact({ items: Type.Array(exact({ ...VersionRef.properties, changedBy: nullable(Type.String()) })) }),
  errors: ['object.not_found'],
})
export const diffDatasetVersions = endpoint({
  id: 'catalogue.version.diff',
  method: 'GET',
  path: '/api/v1/datasets/:id/versions/diff',
  access: 'catalogue.read',
  words: words('目录版本比较', 'Difference of two versions'),
  params: IdParams,
  query: exact({ from: Type.String({ pattern: '^\\d{1,9}$' }), to: Type.String({ pattern: '^\\d{1,9}$' }) }),
  reply: exact({
    from: Type.Integer(),
    to: Type.Integer(),
    changes: Type.Array(
      exact({
        path: Type.String(),
        words: Bilingual,
        kind: oneOf('added', 'removed', 'changed'),
        before: Type.Unknown(),
        after: Type.Unknown(),
      }),
    ),
  }),
  errors: ['object.not_found'],
})

/** Request steps in their order; which of them a share attribute uses is a template. */
export const RequestStep = oneOf(
  'head_sign',
  'form_check',
  'authority_accept',
  'provider_answer',
  'provider_sign',
  'centre_configure',
  'applicant_confirm',
)
export type RequestStep = Static<typeof RequestStep>

export const RequestContent = exact({
  datasetId: Uuid,
  items: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }), {
    minItems: 1,
    maxItems: 1600,
    uniqueItems: true,
  }),
  /** 事项 for which the data are used. */
  matter: exact({ code: text(64, 1), name: text(128, 1) }),
  purpose: text(1000, 1),
  legalBasis: text(1000, 1),
  scenario: text(1000, 1),
  scope: text(500, 1),
  method: ShareMethod,
  rowFilter: Type.Optional(Predicate),
  frequency: Type.Optional(UpdateCycle),
  from: Day,
  until: Day,
  /** 真实性、合法性、必要性声明, 条例 20. */
  declared: Type.Literal(true),
})
export type RequestContent = Static<typeof RequestContent>

const ItemMask = exact({
  item: Type.String(),
  mask: oneOf('name', 'id_number', 'phone', 'last4', 'year', 'null'),
})
const StepView = exact({
  step: RequestStep,
  words: Bilingual,
  state: oneOf('waiting', 'current', 'agreed', 'refused', 'returned', 'skipped'),
  legal: Type.Boolean(),
  actor: nullable(Type.String()),
  departmentName: nullable(LanguageMap(128)),
  at: nullable(Instant),
  reason: nullable(Type.String()),
})
export const ObligationView = exact({
  id: Uuid,
  rule: Type.String(),
  words: Bilingual,
  subjectKind: oneOf('dataset', 'request', 'correction'),
  subjectId: Uuid,
  subjectName: Type.String(),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  startedAt: Instant,
  dueAt: Instant,
  extendedTo: nullable(Instant),
  fulfilledAt: nullable(Instant),
  overdue: Type.Boolean(),
  /** Remaining working time in minutes (8 working hours a day are not assumed: 24 h per working day). */
  remainingMinutes: Type.Integer(),
  allowedMinutes: Type.Integer(),
})
export const RequestSummary = exact({
  id: Uuid,
  number: Type.String(),
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  applicantDepartmentId: Uuid,
  applicantDepartmentName: LanguageMap(128),
  providerDepartmentId: Uuid,
  providerDepartmentName: LanguageMap(128),
  shareAttribute: ShareAttribute,
  state: oneOf('draft', 'running', 'supplement', 'agreed', 'refused', 'withdrawn', 'done'),
  step: nullable(RequestStep),
  stepWords: nullable(Bilingual),
  itemCount: Type.Integer(),
  deadline: nullable(ObligationView),
  createdAt: Instant,
  mine: Type.Boolean(),
})
export const RequestDetail = exact({
  ...RequestSummary.properties,
  content: RequestContent,
  answeredItems: nullable(Type.Array(Type.String())),
  /** What the provider answers: its own people see it before the head signs, everybody else afterwards. */
  answer: nullable(
    exact({
      decision: oneOf('agree', 'refuse'),
      reason: nullable(Type.String()),
      items: Type.Array(Type.String()),
      rowFilter: nullable(Predicate),
      masks: Type.Array(ItemMask),
      rowsPerDayMax: nullable(Type.Integer()),
    }),
  ),
  steps: Type.Array(StepView),
  grantId: nullable(Uuid),
  channelId: nullable(Uuid),
  actions: Type.Array(Action),
  version: Type.Integer(),
})

export const listRequests = endpoint({
  id: 'catalogue.request.list',
  method: 'GET',
  path: '/api/v1/requests',
  access: 'request.read',
  words: words('共享申请列表', 'List access requests'),
  query: exact({ ...PageQuery, box: Type.Optional(oneOf('todo', 'done', 'sent', 'overdue')) }),
  reply: page(RequestSummary),
})
export const readRequest = endpoint({
  id: 'catalogue.request.read',
  method: 'GET',
  path: '/api/v1/requests/:id',
  access: 'request.read',
  words: words('查看共享申请', 'Read access request'),
  params: IdParams,
  reply: RequestDetail,
  errors: ['object.not_found'],
})
export const createRequest = endpoint({
  id: 'catalogue.request.create',
  method: 'POST',
  path: '/api/v1/requests',
  access: 'request.make',
  words: words('提出共享申请', 'Make an access request'),
  body: RequestContent,
  reply: RequestDetail,
  status: 201,
  errors: ['object.not_found', 'dataset.not_published', 'request.item_refused'],
})
export const decideRequest = endpoint({
  id: 'catalogue.request.decide',
  method: 'POST',
  path: '/api/v1/requests/:id/decisions',
  /** The permission of the step at hand is checked by the verb; this is the least one. */
  access: 'request.read',
  words: words('办理共享申请', 'Decide a step of a request'),
  params: IdParams,
  body: exact({
    step: RequestStep,
    decision: oneOf('agree', 'refuse', 'return'),
    reason: Type.Optional(text(1000)),
    /** provider_answer only: partial approval names the items that are agreed. */
    items: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 1600, uniqueItems: true })),
    rowFilter: Type.Optional(Predicate),
    masks: Type.Optional(Type.Array(ItemMask, { maxItems: 1600 })),
    rowsPerDayMax: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  reply: RequestDetail,
  ifMatch: true,
  errors: [
    'object.not_found',
    'object.state',
    'request.reason_required',
    'request.item_refused',
    'request.same_person',
    'permission.denied',
  ],
})
export const supplementRequest = endpoint({
  id: 'catalogue.request.supplement',
  method: 'PUT',
  path: '/api/v1/requests/:id',
  access: 'request.make',
  words: words('补正共享申请', 'Supplement a returned request'),
  params: IdParams,
  body: RequestContent,
  reply: RequestDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'request.item_refused'],
})
export const withdrawRequest = endpoint({
  id: 'catalogue.request.withdraw',
  method: 'POST',
  path: '/api/v1/requests/:id/withdrawal',
  access: 'request.make',
  words: words('撤回共享申请', 'Withdraw a request'),
  params: IdParams,
  reply: RequestDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})
export const extendRequest = endpoint({
  id: 'catalogue.request.extend',
  method: 'POST',
  path: '/api/v1/requests/:id/extension',
  access: 'request.accept',
  words: words('同意延长答复期限', 'Consent to a longer answer time'),
  params: IdParams,
  body: exact({ workingDays: Type.Integer({ minimum: 1, maximum: 10 }), reason: text(1000, 1) }),
  reply: RequestDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'deadline.extension'],
})
export const readTemplate = endpoint({
  id: 'catalogue.template.read',
  method: 'GET',
  path: '/api/v1/request-templates/:attribute',
  access: 'request.read',
  words: words('审批流程模板', 'Approval template'),
  params: exact({ attribute: oneOf('unconditional', 'conditional') }),
  reply: exact({
    attribute: Type.String(),
    steps: Type.Array(exact({ step: RequestStep, words: Bilingual, legal: Type.Boolean() })),
    version: Type.Integer(),
  }),
})
export const setTemplate = endpoint({
  id: 'catalogue.template.set',
  method: 'PUT',
  path: '/api/v1/request-templates/:attribute',
  access: 'request.template',
  words: words('设置审批流程模板', 'Set an approval template'),
  params: exact({ attribute: oneOf('unconditional', 'conditional') }),
  body: exact({ steps: Type.Array(RequestStep, { minItems: 1, maxItems: 7, uniqueItems: true }) }),
  reply: exact({
    attribute: Type.String(),
    steps: Type.Array(exact({ step: RequestStep, words: Bilingual, legal: Type.Boolean() })),
    version: Type.Integer(),
  }),
  ifMatch: true,
  errors: ['request.step_required'],
})

export const GrantView = exact({
  id: Uuid,
  number: Type.String(),
  requestId: Uuid,
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  grantorDepartmentId: Uuid,
  granteeDepartmentId: Uuid,
  granteeDepartmentName: LanguageMap(128),
  state: oneOf('active', 'revoked', 'expired', 'not_yet'),
  document: Type.Unknown(),
  signature: Type.String(),
  keyId: Type.String(),
  validFrom: Instant,
  validUntil: Instant,
  version: Type.Integer(),
})
export const listGrants = endpoint({
  id: 'catalogue.grant.list',
  method: 'GET',
  path: '/api/v1/grants',
  access: 'grant.read',
  words: words('授权列表', 'List grants'),
  query: exact({ ...PageQuery }),
  reply: page(GrantView),
})
export const readGrant = endpoint({
  id: 'catalogue.grant.read',
  method: 'GET',
  path: '/api/v1/grants/:id',
  access: 'grant.read',
  words: words('查看授权', 'Read grant'),
  params: IdParams,
  reply: GrantView,
  errors: ['object.not_found'],
})
export const revokeGrant = endpoint({
  id: 'catalogue.grant.revoke',
  method: 'POST',
  path: '/api/v1/grants/:id/revocation',
  access: 'grant.revoke',
  words: words('撤销授权', 'Revoke a grant'),
  params: IdParams,
  body: exact({ reason: text(1000, 1) }),
  reply: GrantView,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})
export const listObligations = endpoint({
  id: 'catalogue.obligation.list',
  method: 'GET',
  path: '/api/v1/obligations',
  access: 'obligation.read',
  words: words('法定时限', 'Legal deadlines'),
  query: exact({ ...PageQuery, state: Type.Optional(oneOf('open', 'overdue', 'fulfilled')) }),
  reply: page(ObligationView),
})

export const catalogueEndpoints = [
  listDatasets,
  readDataset,
  createDataset,
  updateDataset,
  submitDataset,
  signDataset,
  reviewDataset,
  listDatasetVersions,
  diffDatasetVersions,
  listRequests,
  readRequest,
  createRequest,
  decideRequest,
  supplementRequest,
  withdrawRequest,
  extendRequest,
  readTemplate,
  setTemplate,
  listGrants,
  readGrant,
  revokeGrant,
  listObligations,
] as const
