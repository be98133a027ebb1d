import type { Action } from '@huitong/contract'
import type { RequestContent, RequestDetail, RequestStep, RequestSummary } from '@huitong/contract/catalogue'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { obligationView, SELECT_OBLIGATION, type ObligationRow } from './obligations.ts'
import { STEPS } from './request-steps.ts'

export interface RequestRow {
  id: string
  number: string
  jurisdiction: string
  dataset_id: string
  dataset_version: number
  dataset_name: { zh: string; en?: string }
  applicant_department_id: string
  applicant_name: { zh: string; en?: string }
  provider_department_id: string
  provider_name: { zh: string; en?: string }
  share_attribute: 'unconditional' | 'conditional' | 'refused'
  content: RequestContent
  answered_items: string[] | null
  answer: StoredAnswer | null
  steps: RequestStep[]
  reached_provider: boolean
  step: RequestStep | null
  state: 'draft' | 'running' | 'supplement' | 'agreed' | 'refused' | 'withdrawn' | 'done'
  created_by: string
  /** Who wrote the content last: at the request, or at a supplement. */
  content_by: string
  created_at: Date
  version: number
  grant_id: string | null
  channel_id: string | null
}

/** The provider's answer, kept between the officer's answer and the head's signature. */
export interface StoredAnswer {
  readonly decision: 'agree' | 'refuse'
  readonly reason: string | null
  readonly items: readonly string[]
  readonly rowFilter: RequestContent['rowFilter'] | null
  readonly masks: readonly { item: string; mask: 'name' | 'id_number' | 'phone' | 'last4' | 'year' | 'null' }[]
  readonly rowsPerDayMax: number | null
  readonly by: string
}

const FIELDS: Record<string, string> = {
  applicant: 'r.applicant_department_id',
  provider: 'r.provider_department_id',
  reached_provider: 'r.reached_provider',
}
export const requestSees = (actor: Person) =>
  sql.raw(emitPostgres(VISIBILITY.request(viewerOf(actor)), (field) => FIELDS[field]!))

export const SELECT_REQUEST =
  sql.raw(`select r.*, v.content->'name' as dataset_name, a.name as applicant_name, p.name as provider_name,
    g.id as grant_id, c.id as channel_id
  from access_request r join department a on a.id = r.applicant_department_id join department p on p.id = r.provider_department_id
    join dataset_version v on v.dataset_id = r.dataset_id and v.number = r.dataset_version
    left join access_grant g on g.request_id = r.id
    left join lateral (select id from channel where grant_id = g.id order by created_at desc, id limit 1) c on true`)

export async function findRequest(db: Reader, actor: Person, id: string): Promise<RequestRow> {
  return db.one<RequestRow>(sql`${SELECT_REQUEST} where r.id = ${id} and ${requestSees(actor)}`)
}

/** Whoever made the request, wrote its content last, or wrote the answer, decides no further step of it, whatever other roles he has. */
export const SAME_PERSON = { zh: '前一环节由您本人办理', en: 'You acted in an earlier step yourself' }

/** Is the step at hand this person's to decide? null: yes; otherwise why not. */
export function stepVerdict(row: RequestRow, actor: Person): { zh: string; en: string } | null {
  if (row.step === null || row.state !== 'running') return { zh: '当前没有待办环节', en: 'No step is open' }
  const step = STEPS[row.step]
  if (!actor.permissions.has(step.permission))
    return { zh: '没有办理此环节的权限', en: 'You lack the permission of this step' }
  const side = step.side === 'applicant' ? row.applicant_department_id : row.provider_department_id
  if (step.side !== 'jurisdiction' && side !== actor.departmentId)
    return { zh: '由其他部门办理', en: 'Another department decides' }
  const own = [row.created_by, row.content_by].includes(actor.id) && row.step !== 'applicant_confirm'
  return own || (row.step === 'provider_sign' && row.answer?.by === actor.id) ? SAME_PERSON : null
}

/** Does the request wait for this person: to decide its step, or to supplement it? */
export const isTurnOf = (row: RequestRow, actor: Person): boolean =>
  row.state === 'supplement'
    ? row.applicant_department_id === actor.departmentId && actor.permissions.has('request.make')
    : stepVerdict(row, actor) === null

/** The nearest open deadline of each request or dataset that has one. */
export async function deadlinesOf(
  db: Reader,
  ids: readonly string[],
  legalNow: Date,
  subjectKind: 'request' | 'dataset' = 'request',
): Promise<Map<string, ReturnType<typeof obligationView>>> {
  const rows =
    await db.many<ObligationRow>(sql`${SELECT_OBLIGATION} where o.subject_kind = ${subjectKind} and o.subject_id = any(${[...ids]}::uuid[])
    and o.fulfilled_at is null and o.cancelled_at is null order by coalesce(o.extended_to, o.due_at) desc`)
  return new Map(rows.map((row) => [row.subject_id, obligationView(row, legalNow)]))
}

export function requestSummary(
  row: RequestRow,
  actor: Person,
  deadline: ReturnType<typeof obligationView> | null,
): Static<typeof RequestSummary> {
  return {
    id: row.id,
    number: row.number,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    applicantDepartmentId: row.applicant_department_id,
    applicantDepartmentName: row.applicant_name,
    providerDepartmentId: row.provider_department_id,
    providerDepartmentName: row.provider_name,
    shareAttribute: row.share_attribute,
    state: row.state,
    step: row.step,
    stepWords: row.step === null ? null : STEPS[row.step].words,
    itemCount: row.content.items.length,
    deadline,
    createdAt: row.created_at.toISOString(),
    mine: isTurnOf(row, actor),
  }
}

interface DecisionRow {
  step: RequestStep
  decision: 'agree' | 'refuse' | 'return'
  reason: string | null
  person: string
  department: { zh: string; en?: string }
  at: Date
}

export async function requestDetail(
  db: Reader,
  actor: Person,
  id: string,
  legalNow: Date,
): Promise<Static<typeof RequestDetail>> {
  const row = await findRequest(db, actor, id)
  const deadlines = await deadlinesOf(db, [id], legalNow)
  const decisions =
    await db.many<DecisionRow>(sql`select c.step, c.decision, c.reason, p.name as person, d.name as department, c.at
    from request_decision c join person p on p.id = c.person_id join department d on d.id = c.department_id
    where c.request_id = ${id} order by c.id`)
  const isSigned = row.grant_id !== null || row.state === 'refused'
  const seesAnswer = isSigned || row.provider_department_id === actor.departmentId
  return {
    ...requestSummary(row, actor, deadlines.get(id) ?? null),
    content: row.content,
    answeredItems: row.answered_items,
    answer: seesAnswer ? answerView(row.answer) : null,
    steps: row.steps.map((step) =>
      stepView(row, step, decisions.findLast((one) => one.step === step && (seesAnswer || isOpen(one))) ?? null),
    ),
    grantId: row.grant_id,
    channelId: row.channel_id,
    actions: requestActions(row, actor, deadlines.get(id) ?? null),
    version: row.version,
  }
}

/** What passes between the provider's officer and head is theirs until it is signed; a return goes to the applicant. */
const isOpen = ({ step, decision }: DecisionRow) =>
  (step !== 'provider_answer' && step !== 'provider_sign') || (step === 'provider_answer' && decision === 'return')

function answerView(answer: StoredAnswer | null): Static<typeof RequestDetail>['answer'] {
  if (answer === null) return null
  const { by: _officer, items, masks, rowFilter, ...rest } = answer
  return { ...rest, items: [...items], masks: [...masks], rowFilter: rowFilter ?? null }
}

const OUTCOME = { agree: 'agreed', refuse: 'refused', return: 'returned' } as const

function stepView(
  row: RequestRow,
  step: RequestStep,
  decision: DecisionRow | null,
): Static<typeof RequestDetail>['steps'][number] {
  const current = row.step === step && (row.state === 'running' || row.state === 'supplement')
  // What was agreed further on, before the request went back to this step, is still to be agreed again.
  const ahead = row.step !== null && row.steps.indexOf(step) > row.steps.indexOf(row.step)
  const shown = ahead && decision?.decision === 'agree' ? null : decision
  const past = shown !== null && (!current || row.state === 'supplement')
  return {
    step,
    words: STEPS[step].words,
    state: past ? OUTCOME[shown.decision] : current ? 'current' : 'waiting',
    legal: STEPS[step].legal !== null,
    actor: shown?.person ?? null,
    departmentName: shown?.department ?? null,
    at: shown?.at.toISOString() ?? null,
    reason: shown?.reason ?? null,
  }
}

function requestActions(
  row: RequestRow,
  actor: Person,
  deadline: ReturnType<typeof obligationView> | null,
): Static<typeof Action>[] {
  const own = row.applicant_department_id === actor.departmentId && actor.permissions.has('request.make')
  const running = row.state === 'running' || row.state === 'supplement'
  const verdict = (allowed: boolean, zh: string, en: string) => ({ allowed, reason: allowed ? null : { zh, en } })
  const decide = stepVerdict(row, actor)
  const decisions = row.step === null ? [] : STEPS[row.step].decisions
  return [
    ...decisions.map((decision) => ({ name: decision, allowed: decide === null, reason: decide })),
    {
      name: 'supplement',
      ...verdict(own && row.state === 'supplement', '没有需要补正的内容', 'Nothing to supplement'),
    },
    {
      name: 'withdraw',
      ...verdict(
        own && running && row.grant_id === null,
        '已办结或不是本部门的申请',
        'Ended, or not of your department',
      ),
    },
    {
      name: 'extend',
      ...verdict(
        actor.permissions.has('request.accept') &&
          row.step === 'provider_answer' &&
          deadline !== null &&
          !deadline.overdue &&
          deadline.extendedTo === null,
        '只有主管部门可在答复期内同意延期一次',
        'Only the authority, once, while an answer is due',
      ),
    },
  ]
}
