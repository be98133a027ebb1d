import { createHash, randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type pg from 'pg'
import { completeContent, requestContent } from '../harness/catalogue.ts'
import { DIVISION } from '../harness/platform.ts'

/** Another city on the same platform: nothing of it may be seen from here. */
const ELSEWHERE = '330200'

export interface Department {
  id: string
  jurisdiction: string
  name: string
}
export interface Person {
  id: string
  department: Department
  roles: readonly string[]
  cookie: string
}
export interface Dataset {
  id: string
  department: Department
  published: boolean
  pending: 'draft' | 'submitted' | 'signed' | 'returned' | null
  /** What the catalogue says of it now: of the live version, or of the pending one where nothing is live. */
  told: Told
}
/** Content by which a dataset is found and counted; what is undefined is not said. */
export interface Told {
  readonly subject: string
  readonly item: string
  readonly share: 'unconditional' | 'conditional' | undefined
  readonly open: 'unconditional' | 'conditional' | 'closed' | undefined
  readonly cycle: 'daily' | 'monthly' | undefined
}
export interface Request {
  id: string
  applicant: Department
  provider: Department
  reachedProvider: boolean
}
export interface Grant {
  id: string
  applicant: Department
  provider: Department
  from: Date
  until: Date
  revoked: boolean
}
export interface World {
  /** All of the platform by now, other than what the people of the test city belong to. */
  departments: Department[]
  people: Person[]
  datasets: Dataset[]
  requests: Request[]
  grants: Grant[]
}

const BUSINESS = ['data_officer', 'department_head', 'authority', 'data_centre', 'operator', 'developer'] as const
const roles = fc.oneof(
  { weight: 8, arbitrary: fc.subarray([...BUSINESS], { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom([], ['system_admin'], ['security_admin'], ['audit_admin']) },
)
const at = fc.nat(1_000_000)
const PENDING = ['draft', 'submitted', 'signed', 'returned'] as const
const datasetState = fc.oneof(
  fc.constant({ published: true, pending: null }),
  fc.record({ published: fc.boolean(), pending: fc.constantFrom(...PENDING) }),
)
const ITEMS = ['code', 'name', 'province_code', 'phone']
export const SUBJECTS = ['低保名单', '企业登记', '不动产', '低保企业'] as const
export const ITEM_WORDS = ['发放金额', '登记机关', '坐落'] as const
const told: fc.Arbitrary<Told> = fc.record({
  subject: fc.constantFrom(...SUBJECTS),
  item: fc.constantFrom(...ITEM_WORDS),
  share: fc.constantFrom('unconditional', 'conditional', undefined),
  open: fc.constantFrom('unconditional', 'conditional', 'closed', undefined),
  cycle: fc.constantFrom('daily', 'monthly', undefined),
})
/** Searches: words (parts of subjects, items, names of departments, both kinds of names), and choices in facets. */
const searches = fc.array(
  fc.record(
    {
      q: fc.constantFrom('低保', '企业', '登记', '低保 金额', '坐落', '部门', 'live', 'pending', '没有', '村委会'),
      share: fc.constantFrom('unconditional', 'conditional,none', 'none'),
      open: fc.constantFrom('closed', 'none,unconditional'),
      cycle: fc.constantFrom('daily', 'daily,monthly', 'none'),
    },
    { requiredKeys: [] },
  ),
  { minLength: 2, maxLength: 2 },
)
export type Search = typeof searches extends fc.Arbitrary<(infer T)[]> ? T : never
const rowFilter = fc.oneof(
  fc.constant({ op: 'true' as const }),
  fc.string({ maxLength: 12 }).map((value) => ({
    op: 'eq' as const,
    field: 'province_code',
    value: { type: 'text' as const, value: value.replaceAll('\0', '') },
  })),
)
const day = fc.integer({ min: 2020, max: 2040 }).map((year) => `${year}-06-15`)

/** What a world is made from; the indices are taken modulo what there is to choose from. */
export const plans = fc.record({
  departments: fc.array(fc.constantFrom(DIVISION, DIVISION, DIVISION, ELSEWHERE), { minLength: 3, maxLength: 5 }),
  people: fc.array(fc.record({ department: at, roles }), { minLength: 4, maxLength: 6 }),
  datasets: fc.array(fc.record({ department: at, state: datasetState, second: fc.nat(2), live: told, next: told }), {
    minLength: 8,
    maxLength: 14,
  }),
  searches,
  requests: fc.array(
    fc.record({
      dataset: at,
      applicant: at,
      reached: fc.boolean(),
      items: fc.subarray(ITEMS, { minLength: 1 }),
      rowFilter,
      days: fc.tuple(day, day),
      granted: fc.boolean(),
      revoked: fc.boolean(),
      second: fc.nat(2),
    }),
    { minLength: 4, maxLength: 10 },
  ),
})
export type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never

let made = 0

/** Names that a reader must, or must not, meet. */
export const liveName = (id: string) => `live-${id}`
export const pendingName = (id: string) => `pending-${id}`

/** Removes what an earlier world left, other than its people. */
export async function clear(db: pg.Client): Promise<void> {
  for (const table of ['dataset_search', 'access_grant', 'access_request', 'data_item', 'dataset_version', 'dataset'])
    await db.query(`delete from ${table}`)
}

/** Builds a world with SQL, past every verb: visibility must not rest on how things came to be. */
export async function build(db: pg.Client, plan: Plan): Promise<World> {
  const departments: Department[] = []
  for (const jurisdiction of plan.departments) {
    const id = randomUUID()
    await db.query(
      `insert into department (id, jurisdiction, division, name, credit_code, kind, valid_from)
       values ($1, $2, $3, $4, $5, 'department', '2020-01-01')`,
      [id, jurisdiction, DIVISION, { zh: `部门${++made}` }, `X${String(made).padStart(17, '0')}`],
    )
    departments.push({ id, jurisdiction, name: `部门${made}` })
  }
  const pick = <T>(list: readonly T[], index: number) => list[index % list.length]!
  const people: Person[] = []
  for (const one of plan.people) people.push(await person(db, pick(departments, one.department), one.roles))
  const datasets: Dataset[] = []
  for (const one of plan.datasets)
    datasets.push(await dataset(db, pick(departments, one.department), one, instant(one.second)))
  const world: World = { departments, people, datasets, requests: [], grants: [] }
  const open = datasets.filter((one) => one.published)
  for (const one of open.length === 0 ? [] : plan.requests) {
    const target = pick(open, one.dataset)
    const neighbours = departments.filter(({ jurisdiction }) => jurisdiction === target.department.jurisdiction)
    const made = await request(db, target, pick(neighbours, one.applicant), people[0]!.id, one)
    world.requests.push(made)
    if (one.granted) world.grants.push(await grant(db, target, made, one))
  }
  return world
}

/** Few different instants, so that pages must break ties. */
const instant = (second: number) => new Date(Date.UTC(2026, 2, 2, 1, 0, second))

async function person(db: pg.Client, department: Department, roles: readonly string[]): Promise<Person> {
  const id = randomUUID()
  const token = randomBytes(32).toString('base64url')
  await db.query('insert into person (id, jurisdiction, department_id, account, name) values ($1, $2, $3, $4, $4)', [
    id,
    department.jurisdiction,
    department.id,
    `world-${++made}`,
  ])
  for (const role of roles) await db.query('insert into person_role (person_id, role) values ($1, $2)', [id, role])
  await db.query(`insert into credential (person_id, password, changed_at) values ($1, 'none', now())`, [id])
  await db.query(
    `insert into session (token_hash, person_id, created_at, seen_at, expires_at)
     values ($1, $2, now(), now(), now() + interval '1 hour')`,
    [createHash('sha256').update(token).digest(), id],
  )
  return { id, department, roles, cookie: `huitong_session=${token}` }
}

async function dataset(
  db: pg.Client,
  department: Department,
  plan: Plan['datasets'][number],
  updatedAt: Date,
): Promise<Dataset> {
  const id = randomUUID()
  const { published, pending } = plan.state
  await db.query(
    `insert into dataset (id, jurisdiction, department_id, code, state, live_version, pending_version, created_at, updated_at, published_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
    [
      id,
      department.jurisdiction,
      department.id,
      `D${++made}`,
      published ? 'published' : 'draft',
      published ? 1 : null,
      pending ? (published ? 2 : 1) : null,
      updatedAt,
      published ? updatedAt : null,
    ],
  )
  const version = async (number: number, kind: string, name: string, said: Told) => {
    const content = contentOf(name, said)
    await db.query(
      `insert into dataset_version (dataset_id, number, jurisdiction, department_id, state, content, name_zh, changed_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, number, department.jurisdiction, department.id, kind, content, content.name.zh, updatedAt],
    )
    if (kind !== 'published') return
    await db.query(
      `insert into data_item (dataset_id, dataset_version, jurisdiction, position, code, name, type, share_attribute, level, is_key)
       select $1, $2, $3, n, i->>'code', i->'name', 'text', 'conditional', 'general_2', false
       from jsonb_array_elements($4::jsonb) with ordinality as items (i, n)`,
      [id, number, department.jurisdiction, JSON.stringify(content.items)],
    )
  }
  if (published) await version(1, 'published', liveName(id), plan.live)
  if (pending) await version(published ? 2 : 1, pending, pendingName(id), plan.next)
  return { id, department, published, pending, told: published ? plan.live : plan.next }
}

/** Four items as everywhere, and a fifth that is named by a word of the plan. */
function contentOf(name: string, { subject, item, share, open, cycle }: Told) {
  const { shareAttribute: _share, open: _open, updateCycle: _cycle, items, ...rest } = completeContent()
  const more = { code: 'extra', name: { zh: item }, type: 'text', shareAttribute: 'conditional', level: 'general_2' }
  return {
    ...rest,
    name: { zh: `${subject} ${name}` },
    items: [...(items ?? []), more],
    ...(share ? { shareAttribute: share } : {}),
    ...(open ? { open } : {}),
    ...(cycle ? { updateCycle: cycle } : {}),
  }
}

type RequestPlan = Plan['requests'][number]

function period({ days }: RequestPlan): { from: string; until: string } {
  const [from, until] = [...days].sort()
  return { from: from!, until: until! }
}

async function request(
  db: pg.Client,
  target: Dataset,
  applicant: Department,
  by: string,
  plan: RequestPlan,
): Promise<Request> {
  const id = randomUUID()
  const { items, rowFilter } = plan
  await db.query(
    `insert into access_request (id, number, jurisdiction, dataset_id, dataset_version, applicant_department_id, provider_department_id,
       share_attribute, content, steps, step, state, reached_provider, created_by, content_by, created_at, updated_at)
     values ($1, $2, $3, $4, 1, $5, $6, 'conditional', $7, $8, $9, $10, $11, $12, $12, $13, $13)`,
    [
      id,
      `SQ${++made}`,
      target.department.jurisdiction,
      target.id,
      applicant.id,
      target.department.id,
      requestContent(target, { items, rowFilter, ...period(plan) }),
      ['head_sign', 'provider_answer'],
      plan.granted ? null : plan.reached ? 'provider_answer' : 'head_sign',
      plan.granted ? 'done' : 'running',
      plan.reached,
      by,
      instant(plan.second),
    ],
  )
  return { id, applicant, provider: target.department, reachedProvider: plan.reached }
}

async function grant(db: pg.Client, target: Dataset, of: Request, plan: RequestPlan): Promise<Grant> {
  const id = randomUUID()
  const [from, until] = [new Date(`${period(plan).from}T00:00:00Z`), new Date(`${period(plan).until}T16:00:00Z`)]
  const document = { v: 1, id, items: plan.items, rowFilter: plan.rowFilter }
  await db.query(
    `insert into access_grant (id, number, jurisdiction, request_id, dataset_id, grantor_department_id, grantee_department_id,
       document, signature, key_id, valid_from, valid_until, revoked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, '\\x00', 'none', $9, $10, $11)`,
    [
      id,
      `SJ${String(++made).padStart(9, '0')}`,
      target.department.jurisdiction,
      of.id,
      target.id,
      of.provider.id,
      of.applicant.id,
      JSON.stringify(document),
      from,
      until,
      plan.revoked ? from : null,
    ],
  )
  return { id, applicant: of.applicant, provider: of.provider, from, until, revoked: plan.revoked }
}
