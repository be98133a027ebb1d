import type { Operation } from '@huitong/contract/gateway'
import type { TransitColumn } from '@huitong/contract/work'
import type { GrantDocument } from '@huitong/policy'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import { tableOf } from '../exchange/index.ts'

/** What a call needs to know of its application. */
export interface KnownApplication {
  readonly id: string
  readonly appId: string
  readonly name: string
  readonly departmentId: string
  readonly jurisdiction: string
  readonly secret: Buffer
  readonly revoked: boolean
  readonly version: number
}

/** A service under one grant. */
export interface Opening {
  readonly id: string
  readonly version: number
  readonly grantId: string
  readonly grantVersion: number
  readonly grant: GrantDocument
  readonly revoked: boolean
  readonly departmentId: string
  readonly matterCode: string
  readonly suspended: boolean
  /** The platform itself suspended it, because of what it saw. */
  readonly anomalous: boolean
  readonly perSecondMax: number
  readonly perDayMax: number
  readonly totalMax: bigint | null
}

/** A service with its openings and the landed table behind it. */
export interface KnownService {
  readonly id: string
  readonly code: string
  readonly version: number
  readonly state: 'running' | 'stopped'
  readonly jurisdiction: string
  readonly providerDepartmentId: string
  readonly openings: readonly Opening[]
  /** The landed table; empty for a proxied service. */
  readonly table: string
  readonly columns: ReadonlyMap<string, TransitColumn>
  /** Items of the key, in the order of the table's own. */
  readonly key: readonly string[]
  /** The grant under which the table landed: when it ends, nothing of the table is served. Null for a proxied service. */
  readonly landing: {
    readonly id: string
    readonly version: number
    readonly grant: GrantDocument
    readonly revoked: boolean
  } | null
  /** The department's own service behind a proxied one; null for one that was made from a table. */
  readonly proxied: Proxied | null
}

/** Where a department's service is, and what may be asked of it. */
export interface Proxied {
  readonly baseUrl: string
  readonly operations: readonly Operation[]
  readonly timeoutMs: number
  readonly replyBytesMax: number
  readonly credential: readonly [header: string, value: string] | null
  /** The node that calls it; null: the gateway itself. */
  readonly nodeId: string | null
}

/** What was read is good until the account of a call shows another version; what was not found is looked up again soon. */
const KEEP_MS = 60_000
const LOOK_AGAIN_MS = 1_000
const KEPT_MAX = 5_000

interface Kept<T> {
  readonly at: number
  readonly value: Promise<T | null>
}

/** A bounded memory of what the platform's database says. */
class Memory<T> {
  readonly #kept = new Map<string, Kept<T>>()
  readonly #read: (key: string) => Promise<T | null>
  constructor(read: (key: string) => Promise<T | null>) {
    this.#read = read
  }
  /** `freshMs`: how old the answer may be. */
  async get(key: string, freshMs: number): Promise<T | null> {
    const now = performance.now()
    const known = this.#kept.get(key)
    if (known && now - known.at < freshMs) return known.value
    if (this.#kept.size >= KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!)
    const value = this.#read(key)
    this.#kept.set(key, { at: now, value })
    value.catch(() => this.#kept.delete(key))
    return value
  }
  forget(key: string): void {
    this.#kept.delete(key)
  }
}

/** Applications and services as calls need them. */
export interface Registry {
  /** `again`: something about the remembered answer was refused; look anew unless that was just done. */
  application(appId: string, again?: boolean): Promise<KnownApplication | null>
  service(code: string, again?: boolean): Promise<KnownService | null>
  /** How far legal time is ahead of the clock; zero but in a demonstration. */
  legalOffsetMs(): Promise<number>
  /** Forgets what turned out to be older than the database. */
  forget(appId: string, code: string): void
}

export function openRegistry(services: Services): Registry {
  const applications = new Memory((appId) => services.db.tick((db) => readApplication(services, db, appId)))
  const known = new Memory((code) => services.db.tick((db) => readService(services, db, code)))
  const clock = new Memory((_name) =>
    services.db.tick((db) => db.one<{ offset_seconds: number }>(sql`select offset_seconds from legal_clock`)),
  )
  return {
    application: (appId, again = false) => applications.get(appId, again ? LOOK_AGAIN_MS : KEEP_MS),
    service: (code, again = false) => known.get(code, again ? LOOK_AGAIN_MS : KEEP_MS),
    legalOffsetMs: async () => ((await clock.get('legal', LOOK_AGAIN_MS))?.offset_seconds ?? 0) * 1000,
    forget(appId, code) {
      applications.forget(appId)
      known.forget(code)
    },
  }
}

export const secretContext = (applicationId: string) => `application/${applicationId}`

async function readApplication(services: Services, db: Reader, appId: string): Promise<KnownApplication | null> {
  const row = await db.maybe<{
    id: string
    name: string
    department_id: string
    jurisdiction: string
    secret: Buffer
    revoked_at: Date | null
    version: number
  }>(
    sql`select id, name, department_id, jurisdiction, secret, revoked_at, version from application where app_id = ${appId}`,
  )
  if (!row) return null
  return {
    id: row.id,
    appId,
    name: row.name,
    departmentId: row.department_id,
    jurisdiction: row.jurisdiction,
    secret: services.secrets.open(row.secret, secretContext(row.id)),
    revoked: row.revoked_at !== null,
    version: row.version,
  }
}

interface ServiceRow {
  id: string
  code: string
  version: number
  state: 'running' | 'stopped'
  jurisdiction: string
  provider_department_id: string
  items: { code: string; type: string }[]
  target_schema: string | null
  target_table: string | null
  columns: TransitColumn[] | null
  key: string[] | null
  landing_id: string
  landing_version: number
  landing_document: string
  landing_revoked: boolean
  base_url: string | null
  operations: Operation[]
  timeout_ms: number
  reply_bytes_max: number
  node_id: string | null
  credential_header: string | null
  credential: Buffer | null
}
interface OpeningRow {
  id: string
  version: number
  grant_id: string
  grant_version: number
  document: string
  revoked: boolean
  department_id: string
  matter_code: string
  suspended: boolean
  anomalous: boolean
  per_second_max: number
  per_day_max: number
  total_max: string | null
}

async function readService(services: Services, db: Reader, code: string): Promise<KnownService | null> {
  const row =
    await db.maybe<ServiceRow>(sql`select s.id, s.code, s.version, s.state, s.jurisdiction, s.provider_department_id, s.items,
      c.target_schema, c.target_table, c.columns, c.key, g.id as landing_id, g.version as landing_version,
      g.document as landing_document, g.revoked_at is not null as landing_revoked,
      p.base_url, p.operations, p.timeout_ms, p.reply_bytes_max, p.credential_header, p.credential, p.node_id
    from service s left join channel c on c.id = s.channel_id left join access_grant g on g.id = c.grant_id
      left join proxied_service p on p.service_id = s.id where s.code = ${code}`)
  if (!row) return null
  const openings =
    await db.many<OpeningRow>(sql`select o.id, o.version, o.grant_id, g.version as grant_version, g.document,
      g.revoked_at is not null as revoked, o.department_id, o.matter_code, o.suspended_at is not null as suspended,
      coalesce(o.suspended_cause <> 'person', false) as anomalous,
      o.per_second_max, o.per_day_max, o.total_max
    from service_opening o join access_grant g on g.id = o.grant_id where o.service_id = ${row.id} order by o.created_at desc`)
  return {
    id: row.id,
    code: row.code,
    version: row.version,
    state: row.state,
    jurisdiction: row.jurisdiction,
    providerDepartmentId: row.provider_department_id,
    ...behind(services, row),
    openings: openings.map(openingOf),
  }
}

/** What a service reads from: a landed table under its own grant, or a department's service. */
function behind(
  services: Services,
  row: ServiceRow,
): Pick<KnownService, 'table' | 'columns' | 'key' | 'landing' | 'proxied'> {
  const { target_schema, target_table, columns, key } = row
  if (target_schema === null || target_table === null || columns === null || key === null)
    return { table: '', columns: columnsOf(row), key: [], landing: null, proxied: proxiedOf(services, row) }
  return {
    table: tableOf({ target_schema, target_table }),
    columns: new Map(columns.map((column) => [column.item, column])),
    key: key.map((as) => columns.find((column) => column.as === as)!.item),
    landing: {
      id: row.landing_id,
      version: row.landing_version,
      grant: JSON.parse(row.landing_document) as GrantDocument,
      revoked: row.landing_revoked,
    },
    proxied: null,
  }
}

/** Items of a proxied service stand for themselves: there is no table with columns of other names. */
const columnsOf = ({ items }: ServiceRow): KnownService['columns'] =>
  new Map(items.map(({ code, type }) => [code, { item: code, field: code, as: code, type, nullable: true }]))

export const credentialContext = (serviceId: string) => `proxied_service/${serviceId}`

function proxiedOf(services: Services, row: ServiceRow): Proxied {
  const { credential_header: header, credential } = row
  return {
    baseUrl: row.base_url!,
    operations: row.operations,
    timeoutMs: row.timeout_ms,
    replyBytesMax: row.reply_bytes_max,
    nodeId: row.node_id,
    credential:
      header && credential
        ? [header, services.secrets.open(credential, credentialContext(row.id)).toString('utf8')]
        : null,
  }
}

const openingOf = (row: OpeningRow): Opening => ({
  id: row.id,
  version: row.version,
  grantId: row.grant_id,
  grantVersion: row.grant_version,
  grant: JSON.parse(row.document) as GrantDocument,
  revoked: row.revoked,
  departmentId: row.department_id,
  matterCode: row.matter_code,
  suspended: row.suspended,
  anomalous: row.anomalous,
  perSecondMax: row.per_second_max,
  perDayMax: row.per_day_max,
  totalMax: row.total_max === null ? null : BigInt(row.total_max),
})
