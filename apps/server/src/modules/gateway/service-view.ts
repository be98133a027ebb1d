import type { ReplyOf, Words } from '@huitong/contract'
import type { ApplicationView, Operation, readService, ServiceOpening, ServiceSummary } from '@huitong/contract/gateway'
import { emitPostgres, validityAt, VISIBILITY, type GrantDocument, type Times } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { seenWords, type Anomaly, type Figures } from './anomaly.ts'
import { itemOf, selectLanded, type LandedRow, type Names } from '../exchange/index.ts'

type ServiceItem = ReplyOf<typeof readService>['items'][number]

export interface ServiceRow {
  id: string
  code: string
  name: Names
  description: string | null
  dataset_id: string
  dataset_name: Names
  dataset_code: string
  provider_department_id: string
  provider_name: Names
  items: ServiceItem[]
  key: string[]
  kind: 'dataset' | 'proxied'
  state: 'running' | 'stopped'
  openings: number
  created_at: Date
  version: number
}

const FIELDS: Record<string, string> = { applicant: 'o.department_id', provider: 'o.provider_department_id' }
const openingSees = (actor: Person) =>
  sql.raw(emitPostgres(VISIBILITY.opening(viewerOf(actor)), (field) => FIELDS[field]!))
export const applicationSees = (actor: Person) =>
  sql.raw(emitPostgres(VISIBILITY.application(viewerOf(actor)), () => 'a.department_id'))

export const selectServices = (actor: Person) => sql`select s.id, s.code, s.name, s.description, s.dataset_id,
    v.content->'name' as dataset_name, d.code as dataset_code, s.provider_department_id, p.name as provider_name,
    s.items, s.key, s.kind, s.state, s.created_at, s.version,
    (select count(*)::int from service_opening o where o.service_id = s.id and ${openingSees(actor)}) as openings
  from service s join dataset d on d.id = s.dataset_id
    join dataset_version v on v.dataset_id = d.id and v.number = d.live_version
    join department p on p.id = s.provider_department_id`

export const serviceSummary = (row: ServiceRow): Static<typeof ServiceSummary> => ({
  id: row.id,
  code: row.code,
  name: row.name,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name,
  datasetCode: row.dataset_code,
  providerDepartmentId: row.provider_department_id,
  providerDepartmentName: row.provider_name,
  kind: row.kind,
  state: row.state,
  itemCount: row.items.length,
  openingCount: row.openings,
  createdAt: row.created_at.toISOString(),
})

interface OpeningRow {
  id: string
  service_id: string
  grant_id: string
  grant_number: string
  document: string
  department_id: string
  department_name: Names
  matter: { code: string; name: string }
  valid_from: Date
  valid_until: Date
  revoked_at: Date | null
  suspended_at: Date | null
  suspended_cause: 'person' | Anomaly | null
  suspended_reason: string | null
  suspended_figures: Figures | null
  provider_department_id: string
  per_second_max: number
  per_day_max: number
  total_max: string | null
  day_calls: string
  total_calls: string
  version: number
}

async function openingsOf(db: Reader, actor: Person, serviceId: string): Promise<OpeningRow[]> {
  return db.many<OpeningRow>(sql`select o.id, o.service_id, o.grant_id, g.number as grant_number, g.document, o.department_id,
      u.name as department_name, r.content->'matter' as matter, g.valid_from, g.valid_until, g.revoked_at, o.suspended_at,
      o.suspended_cause, o.suspended_reason, o.suspended_figures, o.provider_department_id,
      o.per_second_max, o.per_day_max, o.total_max, o.version,
      (case when w.day = floor((extract(epoch from now()) + 28800) / 86400) then w.day_calls else 0 end)::text as day_calls,
      coalesce(w.total_calls, 0)::text as total_calls
    from service_opening o left join service_use w on w.opening_id = o.id join access_grant g on g.id = o.grant_id join access_request r on r.id = g.request_id
      join department u on u.id = o.department_id
    where o.service_id = ${serviceId} and ${openingSees(actor)} order by o.created_at desc, o.id`)
}

function suspensionOf(row: OpeningRow): Static<typeof ServiceOpening>['suspension'] {
  if (row.suspended_at === null || row.suspended_cause === null) return null
  const { suspended_cause: cause, suspended_figures: figures } = row
  return {
    at: row.suspended_at.toISOString(),
    cause,
    reason: row.suspended_reason,
    seen: cause === 'person' || figures === null ? null : seenWords(cause, figures),
  }
}

/** Whose data it is, and whoever looks after services of the whole jurisdiction, may let it run again. */
export const mayRelease = (
  actor: Person,
  row: { suspended_cause: string | null; provider_department_id: string },
): boolean =>
  actor.permissions.has('service.release') &&
  (actor.wide.has('service.release') || row.provider_department_id === actor.departmentId) &&
  (row.suspended_cause === 'misses' || row.suspended_cause === 'growth')

function stateOf(row: OpeningRow, times: Times): Static<typeof ServiceOpening>['state'] {
  if (row.revoked_at !== null) return 'revoked'
  const state = validityAt({ from: row.valid_from, until: row.valid_until }, times)
  return state === 'active' && row.suspended_at !== null ? 'suspended' : state
}

function openingView(
  row: OpeningRow,
  key: readonly string[],
  times: Times,
  actor: Person,
): Static<typeof ServiceOpening> {
  const grant = JSON.parse(row.document) as GrantDocument
  const masks = new Map(grant.masks.map((one) => [one.item, one.mask]))
  return {
    id: row.id,
    serviceId: row.service_id,
    grantId: row.grant_id,
    grantNumber: row.grant_number,
    departmentId: row.department_id,
    departmentName: row.department_name,
    matter: row.matter,
    purpose: grant.purpose,
    items: grant.items.map((code) => ({ code, mask: masks.get(code) ?? null })),
    byKey: key.length > 0 && key.every((item) => grant.items.includes(item) && !masks.has(item)),
    validFrom: row.valid_from.toISOString(),
    validUntil: row.valid_until.toISOString(),
    state: stateOf(row, times),
    perSecondMax: row.per_second_max,
    perDayMax: row.per_day_max,
    totalMax: row.total_max,
    rowsPerDayMax: grant.rowsPerDayMax,
    callsToday: row.day_calls,
    callsTotal: row.total_calls,
    suspension: suspensionOf(row),
    releasable: mayRelease(actor, row),
    version: row.version,
  }
}

const because = (zh: string, en: string): Words => ({ zh, en })

/** May the actor do it now? null: yes; otherwise why not. */
export const SERVICE_RULES = {
  stop: (row: ServiceRow, actor: Person): Words | null =>
    mayManage(actor) ?? (row.state === 'running' ? null : because('已停用', 'It is stopped')),
  resume: (row: ServiceRow, actor: Person): Words | null =>
    mayManage(actor) ?? (row.state === 'stopped' ? null : because('正在运行', 'It is running')),
  open: (_row: ServiceRow, actor: Person): Words | null =>
    actor.permissions.has('request.configure') ? null : because('没有开通共享接口的权限', 'You may not open services'),
} as const

const mayManage = (actor: Person): Words | null =>
  actor.permissions.has('service.manage') ? null : because('没有管理共享接口的权限', 'You may not manage services')

export const findService = (db: Reader, actor: Person, id: string): Promise<ServiceRow> =>
  db.one<ServiceRow>(sql`select * from (${selectServices(actor)}) x where x.id = ${id}`)

/** The items of a landed table, as the catalogue names them. */
export function shapeOf(row: LandedRow): { items: ServiceItem[]; key: string[] } {
  const { masks } = JSON.parse(row.document) as GrantDocument
  const items = row.columns.map((column) => {
    const { code, name } = itemOf(row, column.item)
    const landedMasked = masks.some((one) => one.item === code)
    return { code, name, type: column.type, key: row.key.includes(column.as), landedMasked }
  })
  return { items, key: row.key.map((as) => row.columns.find((column) => column.as === as)!.item) }
}

export async function serviceDetail(
  db: Reader,
  actor: Person,
  id: string,
  times: Times,
): Promise<ReplyOf<typeof readService>> {
  const row = await findService(db, actor, id)
  const openings = await openingsOf(db, actor, id)
  return {
    ...serviceSummary(row),
    description: row.description,
    items: row.items,
    key: row.key,
    proxied: row.kind === 'proxied' ? await proxiedView(db, actor, id) : null,
    openings: openings.map((one) => openingView(one, row.key, times, actor)),
    actions: Object.entries(SERVICE_RULES).map(([name, rule]) => {
      const reason = rule(row, actor)
      return { name, allowed: reason === null, reason }
    }),
    version: row.version,
  }
}

interface ProxiedRow {
  base_url: string
  operations: Operation[]
  timeout_ms: number
  reply_bytes_max: number
  node_id: string | null
}

/** The address of a department's system is for those who manage services and for the department itself. */
async function proxiedView(db: Reader, actor: Person, id: string) {
  const row = await db.one<ProxiedRow & { provider_department_id: string }>(
    sql`select base_url, operations, timeout_ms, reply_bytes_max, node_id, provider_department_id from proxied_service
      where service_id = ${id}`,
  )
  const mayKnow = actor.permissions.has('service.manage') || actor.departmentId === row.provider_department_id
  return {
    baseUrl: mayKnow ? row.base_url : null,
    operations: row.operations,
    timeoutMs: row.timeout_ms,
    replyBytesMax: row.reply_bytes_max,
    nodeId: row.node_id,
  }
}

/** The landed channel that a service is made from, as those see it who make services. */
export const findLanded = (db: Reader, database: string, channelId: string): Promise<LandedRow> =>
  db.one<LandedRow>(sql`select * from (${selectLanded(database)}) x where x.id = ${channelId}`)

interface ApplicationRow {
  id: string
  app_id: string
  name: string
  department_id: string
  department_name: Names
  created_by_name: string
  created_at: Date
  secret_at: Date
  revoked_at: Date | null
  last_call_at: Date | null
  version: number
}

const SELECT_APPLICATION = sql.raw(`select a.id, a.app_id, a.name, a.department_id, d.name as department_name,
    coalesce(p.name, '') as created_by_name, a.created_at, a.secret_at, a.revoked_at, a.version,
    greatest((select max(minute) from call_count k where k.application_id = a.id),
      (select max(at) from service_call k where k.application_id = a.id and k.root_id is null)) as last_call_at
  from application a join department d on d.id = a.department_id left join person p on p.id = a.created_by`)

function applicationView(row: ApplicationRow): Static<typeof ApplicationView> {
  return {
    id: row.id,
    appId: row.app_id,
    name: row.name,
    departmentId: row.department_id,
    departmentName: row.department_name,
    createdBy: row.created_by_name,
    createdAt: row.created_at.toISOString(),
    secretAt: row.secret_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
    lastCallAt: row.last_call_at?.toISOString() ?? null,
    version: row.version,
  }
}

export { applicationView, SELECT_APPLICATION, type ApplicationRow }
export const findApplication = async (db: Reader, actor: Person, id: string) =>
  applicationView(
    await db.one<ApplicationRow>(sql`${SELECT_APPLICATION} where a.id = ${id} and ${applicationSees(actor)}`),
  )
