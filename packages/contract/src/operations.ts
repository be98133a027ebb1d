import { Type } from 'typebox'
import {
  Action,
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
import { readNode } from './node-detail.ts'
import { words } from './words.ts'
import { WorkView } from './work-view.ts'

export * from './node-detail.ts'
export { WorkView } from './work-view.ts'

export const readHealth = endpoint({
  id: 'operations.health.read',
  method: 'GET',
  path: '/api/v1/health',
  access: 'health.read',
  words: words('运行状态', 'Health'),
  reply: exact({
    at: Instant,
    parts: Type.Array(
      exact({
        name: Type.String(),
        words: Bilingual,
        state: oneOf('up', 'down', 'degraded'),
        detail: nullable(Bilingual),
        since: nullable(Instant),
      }),
    ),
  }),
})

export const listWork = endpoint({
  id: 'operations.work.list',
  method: 'GET',
  path: '/api/v1/work',
  access: 'node.read',
  words: words('节点任务列表', 'List the work of nodes'),
  query: exact({
    ...PageQuery,
    state: Type.Optional(oneOf('queued', 'leased', 'done', 'failed', 'cancelled')),
    nodeId: Type.Optional(Uuid),
  }),
  reply: exact({
    ...page(WorkView).properties,
    /** Of all that the viewer sees: waiting, running, and failed within a day. */
    counts: exact({ queued: Type.Integer(), leased: Type.Integer(), failed: Type.Integer() }),
  }),
})

/** 告警级别: 1 whole platform, 2 a service or a task, 3 to be looked at in working hours. */
export const Level = Type.Integer({ minimum: 1, maximum: 3 })

/** 告警: a cause that a rule sees; it ends when the rule no longer sees it. */
export const AlertView = exact({
  id: Uuid,
  rule: Type.String(),
  ruleName: Bilingual,
  level: Level,
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  subjectKind: Type.String(),
  subjectId: Type.String(),
  subjectName: LanguageMap(256),
  detail: Bilingual,
  /** What whoever looks after it does first. */
  advice: Bilingual,
  openedAt: Instant,
  closedAt: nullable(Instant),
  incident: nullable(exact({ id: Uuid, number: Type.String() })),
})

export const IncidentState = oneOf('open', 'handling', 'recovered', 'closed')
const Person = exact({ id: Uuid, name: Type.String() })
/** One of the two limits of an incident. `remainingMinutes` is negative when it is past. */
const ClockView = exact({
  dueAt: Instant,
  stoppedAt: nullable(Instant),
  late: Type.Boolean(),
  remainingMinutes: Type.Integer(),
  allowedMinutes: Type.Integer(),
})
/** 故障: alerts with one cause, and the clock by which somebody must respond and the service be back. */
export const IncidentView = exact({
  id: Uuid,
  number: Type.String(),
  rule: Type.String(),
  ruleName: Bilingual,
  level: Level,
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  state: IncidentState,
  /** natural: day and night; working: working days only. */
  clock: oneOf('natural', 'working'),
  openedAt: Instant,
  response: ClockView,
  restore: ClockView,
  assignee: nullable(Person),
  alertsOpen: Type.Integer(),
  alertsTotal: Type.Integer(),
  recoveredAt: nullable(Instant),
  closedAt: nullable(Instant),
  closedByItself: Type.Boolean(),
  version: Type.Integer(),
})
export const IncidentDetail = exact({
  ...IncidentView.properties,
  advice: Bilingual,
  alerts: Type.Array(AlertView),
  notes: Type.Array(
    exact({
      kind: oneOf('opened', 'alert', 'acknowledged', 'assigned', 'note', 'recovered', 'reopened', 'closed'),
      person: nullable(Person),
      content: nullable(Type.String()),
      at: Instant,
    }),
  ),
  /** Who can be given the incident; empty for those who may not handle it. */
  candidates: Type.Array(Person),
  actions: Type.Array(Action),
})

export const listAlerts = endpoint({
  id: 'operations.alert.list',
  method: 'GET',
  path: '/api/v1/alerts',
  access: 'alert.read',
  words: words('告警列表', 'List alerts'),
  query: exact({
    ...PageQuery,
    state: Type.Optional(oneOf('open', 'closed')),
    level: Type.Optional(oneOf('1', '2', '3')),
    departmentId: Type.Optional(Uuid),
  }),
  reply: exact({ ...page(AlertView).properties, counts: exact({ open: Type.Integer(), today: Type.Integer() }) }),
})
export const listIncidents = endpoint({
  id: 'operations.incident.list',
  method: 'GET',
  path: '/api/v1/incidents',
  access: 'alert.read',
  words: words('故障列表', 'List incidents'),
  query: exact({
    ...PageQuery,
    state: Type.Optional(oneOf('unclosed', 'closed')),
    level: Type.Optional(oneOf('1', '2', '3')),
    departmentId: Type.Optional(Uuid),
  }),
  reply: exact({ ...page(IncidentView).properties, counts: exact({ unclosed: Type.Integer(), late: Type.Integer() }) }),
})
export const readIncident = endpoint({
  id: 'operations.incident.read',
  method: 'GET',
  path: '/api/v1/incidents/:id',
  access: 'alert.read',
  words: words('故障详情', 'Read an incident'),
  params: IdParams,
  reply: IncidentDetail,
  errors: ['object.not_found'],
})
export const acknowledgeIncident = endpoint({
  id: 'operations.incident.acknowledge',
  method: 'POST',
  path: '/api/v1/incidents/:id/acknowledgement',
  access: 'incident.handle',
  words: words('响应故障', 'Acknowledge an incident'),
  params: IdParams,
  reply: IncidentDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'object.changed'],
})
export const assignIncident = endpoint({
  id: 'operations.incident.assign',
  method: 'POST',
  path: '/api/v1/incidents/:id/assignment',
  access: 'incident.handle',
  words: words('指派故障', 'Assign an incident'),
  params: IdParams,
  body: exact({ personId: Uuid }),
  reply: IncidentDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'object.changed', 'request.invalid'],
})
export const noteIncident = endpoint({
  id: 'operations.incident.note',
  method: 'POST',
  path: '/api/v1/incidents/:id/notes',
  access: 'incident.handle',
  words: words('记录处置过程', 'Note what was done'),
  params: IdParams,
  body: exact({ content: text(2000, 1) }),
  reply: IncidentDetail,
  status: 201,
  errors: ['object.not_found', 'object.state'],
})
export const closeIncident = endpoint({
  id: 'operations.incident.close',
  method: 'POST',
  path: '/api/v1/incidents/:id/closing',
  access: 'incident.handle',
  words: words('关闭故障', 'Close an incident'),
  params: IdParams,
  /** The cause, or why it is none: while an alert lasts, it opens no other incident. */
  body: exact({ reason: text(2000, 2) }),
  reply: IncidentDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'object.changed'],
})

/** One indicator: what it counts, so that nobody has to guess. */
export const IndicatorView = exact({
  name: Type.String(),
  words: Bilingual,
  unit: Bilingual,
  /** 口径 */
  definition: Bilingual,
  /** stock: at the cut-off; flow: within the period; ratio: part of whole within the period, in percent. */
  kind: oneOf('stock', 'flow', 'ratio'),
})
/** A figure: decimal text, null where there is nothing to divide; a ratio with its parts. */
export const Figure = exact({
  value: nullable(Type.String({ pattern: '^-?\\d{1,30}(\\.\\d{1,2})?$' })),
  part: Type.Optional(Type.String({ pattern: '^\\d{1,30}$' })),
  whole: Type.Optional(Type.String({ pattern: '^\\d{1,30}$' })),
})
const PeriodQuery = { from: Type.Optional(Day), until: Type.Optional(Day) }
export const readReport = endpoint({
  id: 'operations.report.read',
  method: 'GET',
  path: '/api/v1/report',
  access: 'report.read',
  words: words('统计报表', 'Statistics report'),
  /** Days of Asia/Shanghai, both within the period; by default from the first of January to now. */
  query: exact(PeriodQuery),
  reply: exact({
    from: Day,
    until: Day,
    /** Nothing after this instant is counted. */
    cutOff: Instant,
    indicators: Type.Array(IndicatorView),
    departments: Type.Array(exact({ id: Uuid, name: LanguageMap(128), figures: Type.Record(Type.String(), Figure) })),
    /** Over the departments that are shown. */
    total: Type.Record(Type.String(), Figure),
  }),
  errors: ['request.invalid'],
})
export const exportReport = endpoint({
  id: 'operations.report.export',
  method: 'GET',
  path: '/api/v1/report.csv',
  access: 'report.read',
  kind: 'stream',
  words: words('导出统计报表', 'Export the statistics report'),
  query: exact({ ...PeriodQuery, language: Type.Optional(oneOf('zh', 'en')) }),
  reply: Type.Unknown(),
  errors: ['request.invalid'],
})

export const operationsEndpoints = [
  readHealth,
  readNode,
  listWork,
  listAlerts,
  listIncidents,
  readIncident,
  acknowledgeIncident,
  assignIncident,
  noteIncident,
  closeIncident,
  readReport,
  exportReport,
] as const
