import type { ObligationView } from '@huitong/contract/catalogue'
import { readHome } from '@huitong/contract/portal'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { query } from '../../kernel/verb.ts'
import {
  DATASET_RULES,
  datasetSees,
  deadlinesOf,
  requestSees,
  SELECT_DATASET,
  SELECT_REQUEST,
  STEPS,
  todoOf,
  type DatasetRow,
  type RequestRow,
} from '../catalogue/index.ts'
import { qualityDuties } from '../governance/index.ts'
import { alertSees, ruleOf } from '../operations/index.ts'

type Home = Static<(typeof readHome)['reply']>
type Todo = Home['todo'][number]
type Deadline = NonNullable<Todo['deadline']>
const LISTED_MAX = 50
const TITLE_CHARACTERS_MAX = 200

/** What this person must do now, nearest deadline first, and the figures of the home page. */
export const readHomeVerb = query<typeof readHome>({
  endpoint: readHome,
  audit: null,
  async run({ db, actor, legalNow }) {
    const todo = [
      ...(await datasetTodos(db, actor, legalNow)),
      ...(await requestTodos(db, actor, legalNow)),
      ...(await repairTodos(db, actor)),
      ...(await tableTodos(db, actor)),
      ...(await qualityTodos(db, actor, legalNow)),
      ...(await incidentTodos(db, actor)),
    ]
    // What has no deadline stands behind what has one, the longest waiting first.
    const due = (one: Todo) => `${one.deadline?.extendedTo ?? one.deadline?.dueAt ?? '9'} ${one.since}`
    return {
      todo: todo.sort((a, b) => (due(a) < due(b) ? -1 : due(a) > due(b) ? 1 : 0)),
      counts: await counts(db, actor, legalNow),
      demo: await demoProgress(db),
    }
  },
})

const DATASET_TODO = [
  ['sign', 'dataset_sign', { zh: '签发目录', en: 'Sign a dataset' }],
  ['review', 'dataset_review', { zh: '审核发布目录', en: 'Review a dataset' }],
  ['submit', 'dataset_submit', { zh: '完善并提交目录', en: 'Complete and submit a dataset' }],
] as const

/** Only the states in which this person can act are read, so that the limit never hides a duty behind foreign ones. */
async function datasetTodos(db: Reader, actor: Person, legalNow: Date): Promise<Todo[]> {
  const may = (permission: string, ...states: string[]) => (actor.permissions.has(permission) ? states : [])
  const own = [...may('dataset.sign', 'submitted'), ...may('dataset.compile', 'draft', 'returned')]
  const any = may('dataset.review', 'signed')
  const rows = await db.many<DatasetRow>(sql`${SELECT_DATASET} where ${datasetSees(actor)}
    and ((v.department_id = ${actor.departmentId} and v.pending_state = any(${own}::text[])) or v.pending_state = any(${any}::text[]))
    order by v.updated_at limit ${LISTED_MAX}`)
  const deadlines = await deadlinesOf(
    db,
    rows.map((row) => row.id),
    legalNow,
    'dataset',
  )
  return rows.flatMap((row) => {
    const turn = DATASET_TODO.find(([rule]) => DATASET_RULES[rule](row, actor) === null)
    if (!turn || !row.pending_content) return []
    return [
      {
        kind: turn[1],
        words: turn[2],
        title: row.pending_content.name.zh,
        link: `/datasets/${row.id}`,
        since: row.updated_at.toISOString(),
        deadline: turn[0] === 'review' ? statutory(deadlines.get(row.id)) : null,
      },
    ]
  })
}

async function requestTodos(db: Reader, actor: Person, legalNow: Date): Promise<Todo[]> {
  const rows = await db.many<RequestRow>(
    sql`${SELECT_REQUEST} where ${requestSees(actor)} ${todoOf(actor)} order by (
      select min(coalesce(o.extended_to, o.due_at)) from obligation o where o.subject_kind = 'request' and o.subject_id = r.id
        and o.fulfilled_at is null and o.cancelled_at is null) nulls last, r.created_at limit ${LISTED_MAX}`,
  )
  const deadlines = await deadlinesOf(
    db,
    rows.map((row) => row.id),
    legalNow,
  )
  return rows.map((row) => ({
    kind:
      row.state === 'supplement'
        ? 'request_supplement'
        : row.step === 'centre_configure'
          ? 'channel_configure'
          : 'request_step',
    words:
      row.state === 'supplement' || row.step === null
        ? { zh: '补正共享申请', en: 'Supplement a request' }
        : STEPS[row.step].words,
    title: `${row.number} ${row.dataset_name.zh}`,
    link: `/requests/${row.id}`,
    since: row.created_at.toISOString(),
    deadline: statutory(deadlines.get(row.id)),
  }))
}

async function repairTodos(db: Reader, actor: Person): Promise<Todo[]> {
  if (!actor.permissions.has('repair.accept')) return []
  const rows = await db.many<{
    channel_id: string
    started_at: Date
    name: string
  }>(sql`select r.channel_id, r.started_at, c.number as name
    from reconciliation r join channel c on c.id = r.channel_id
    where r.consumer_department_id = ${actor.departmentId} and r.state = 'different' and r.repair->>'state' = 'proposed' limit ${LISTED_MAX}`)
  return rows.map((row) => ({
    kind: 'repair_accept',
    words: { zh: '确认对账修复', en: 'Decide on a repair' },
    title: row.name,
    link: `/channels/${row.channel_id}`,
    since: row.started_at.toISOString(),
    deadline: null,
  }))
}

/** Tables that are no longer what was mounted: changes that stopped an exchange, and fields that came by themselves. */
async function tableTodos(db: Reader, actor: Person): Promise<Todo[]> {
  if (!actor.permissions.has('dataset.mount')) return []
  const held = await db.many<{
    id: string
    number: string
    at: string
  }>(sql`select id, number, drift->>'at' as at from channel
    where provider_department_id = ${actor.departmentId} and drift is not null and state in ('failed', 'stopped')
    order by drift->>'at' limit ${LISTED_MAX}`)
  const grown = await db.many<{
    dataset_id: string
    at: string
    fields: string[]
    name: string
  }>(sql`select b.dataset_id,
      b.unlisted->>'at' as at, b.unlisted->'fields' as fields, t.table_name as name
    from distribution b join source_table t on t.id = b.table_id
    where b.department_id = ${actor.departmentId} and b.unlisted is not null order by at limit ${LISTED_MAX}`)
  return [
    ...held.map((row) => ({
      kind: 'drift_approve' as const,
      words: { zh: '核对表结构变化', en: 'Look at a changed table' },
      title: row.number,
      link: `/channels/${row.id}`,
      since: row.at,
      deadline: null,
    })),
    ...grown.map((row) => ({
      kind: 'fields_unlisted' as const,
      words: { zh: '库表新增字段，目录未登记', en: 'A table has fields that the catalogue does not list' },
      title: `${row.name}：${row.fields.join('、')}`.slice(0, TITLE_CHARACTERS_MAX),
      link: `/datasets/${row.dataset_id}`,
      since: row.at,
      deadline: null,
    })),
  ]
}

const limitOf = (
  rule: string | null,
  one: Omit<Deadline, 'rule' | 'extendedTo' | 'fulfilledAt'> & { readonly extendedTo?: string | null },
): Deadline => ({
  rule,
  dueAt: one.dueAt,
  extendedTo: one.extendedTo ?? null,
  fulfilledAt: null,
  overdue: one.overdue,
  remainingMinutes: one.remainingMinutes,
  allowedMinutes: one.allowedMinutes,
})

const statutory = (one: Static<typeof ObligationView> | undefined): Deadline | null =>
  one ? limitOf(one.rule, one) : null

/** Findings to mend at the source, applications to answer, suspected violations to explain or to decide. */
async function qualityTodos(db: Reader, actor: Person, legalNow: Date): Promise<Todo[]> {
  const { workOrders, corrections, violations } = await qualityDuties(db, actor, legalNow, LISTED_MAX)
  return [
    ...workOrders.map((one) => ({
      kind: one.state === 'open' ? ('work_order_mend' as const) : ('work_order_recheck' as const),
      words:
        one.state === 'open'
          ? { zh: '整改问题数据', en: 'Repair bad rows' }
          : { zh: '整改复核中', en: 'Repair being rechecked' },
      title: `${one.number} ${one.datasetName.zh}`,
      link: `/quality/work-orders/${one.id}`,
      since: one.openedAt,
      deadline: limitOf(null, one),
    })),
    ...corrections.map((one) => ({
      kind: 'correction_answer' as const,
      words: { zh: '答复校核申请', en: 'Answer a correction' },
      title: `${one.number} ${one.datasetName.zh}`,
      link: '/quality/corrections',
      since: one.submittedAt,
      deadline: limitOf('D6', one),
    })),
    ...violations.map((one) => ({
      kind: one.mayState ? ('violation_state' as const) : ('violation_decide' as const),
      words: one.mayState
        ? { zh: '说明疑似违规', en: 'Explain a suspected violation' }
        : { zh: '认定疑似违规', en: 'Decide on a suspected violation' },
      title: `${one.number} ${one.ruleWords.zh} ${one.subjectName}`,
      link: '/quality/violations',
      since: one.statedAt ?? one.raisedAt,
      deadline: null,
    })),
  ]
}

/** Incidents that wait for anybody who handles them, and those given to this person. */
async function incidentTodos(db: Reader, actor: Person): Promise<Todo[]> {
  if (!actor.permissions.has('incident.handle')) return []
  const rows = await db.many<{
    id: string
    number: string
    rule: string
    state: 'open' | 'handling'
    opened_at: Date
  }>(sql`select i.id, i.number, i.rule, i.state, i.opened_at from incident i
    where ${alertSees(actor, 'i.department_id')} and ((i.state = 'open' and coalesce(i.assignee_id, ${actor.id}) = ${actor.id})
      or (i.state = 'handling' and i.assignee_id = ${actor.id}))
    order by i.response_due_at limit ${LISTED_MAX}`)
  return rows.map((row) => ({
    kind: 'incident_handle',
    words:
      row.state === 'open'
        ? { zh: '响应故障', en: 'Acknowledge an incident' }
        : { zh: '处置故障', en: 'Handle an incident' },
    title: `${row.number} ${ruleOf(row.rule).words.zh}`,
    link: `/incidents/${row.id}`,
    since: row.opened_at.toISOString(),
    deadline: null,
  }))
}

const CHANNEL_FIELDS = { applicant: 'c.consumer_department_id', provider: 'c.provider_department_id' }
const visible = (kind: 'channel' | 'obligation', actor: Person, fields: Readonly<Record<string, string>>) =>
  sql.raw(emitPostgres(VISIBILITY[kind](viewerOf(actor)), (field) => fields[field]!))

/** Figures of what this person may see, by the same policy as the lists. */
async function counts(db: Reader, actor: Person, legalNow: Date): Promise<Home['counts']> {
  const row = await db.one<{
    datasets: number
    items: number
    requests: number
    channels: number
    overdue: number
  }>(sql`with shown as (${SELECT_DATASET} where ${datasetSees(actor)} and v.state = 'published')
    select (select count(*)::int from shown) as datasets,
    (select count(*)::int from data_item i join shown d on d.id = i.dataset_id and d.live_version = i.dataset_version) as items,
    (select count(*)::int from (${SELECT_REQUEST} where ${requestSees(actor)} and r.state in ('running', 'supplement')) q) as requests,
    (select count(*)::int from channel c where ${visible('channel', actor, CHANNEL_FIELDS)} and c.state = 'running') as channels,
    (select count(*)::int from obligation o where ${visible('obligation', actor, { department: 'o.department_id' })}
      and o.fulfilled_at is null and o.cancelled_at is null and coalesce(o.extended_to, o.due_at) <= ${legalNow}) as overdue`)
  return {
    datasets: row.datasets,
    items: row.items,
    requestsRunning: row.requests,
    channelsRunning: row.channels,
    overdue: row.overdue,
  }
}

async function demoProgress(db: Reader): Promise<Home['demo']> {
  const row = await db.maybe<{ value: { percent: number; words: { zh: string; en: string } } }>(
    sql`select value from setting where name = 'demo_progress'`,
  )
  return row && row.value.percent < 100 ? row.value : null
}
