import { randomUUID } from 'node:crypto'
import {
  listWorkOrders,
  openWorkOrder,
  readWorkOrder,
  recheckWorkOrder,
  type WorkOrderDetail,
  type WorkOrderView,
} from '@huitong/contract/governance'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'
import { nextNumber } from '../catalogue/index.ts'
import { allowedMinutes, dueAfter, remainingMinutes } from '../standards/index.ts'
import { queueRun, runView, SELECT_RUN, type RunRow } from './runs.ts'
import { ruleSpeaker } from './rule-words.ts'
import type { NamedRule } from './scope.ts'
import { DATASET_NAME, qualitySees, type Names } from './sees.ts'

interface OrderRow {
  id: string
  number: string
  jurisdiction: string
  dataset_id: string
  dataset_name: Names
  department_id: string
  department_name: Names
  run_id: string
  state: Static<typeof WorkOrderView>['state']
  findings: string
  findings_open: string
  opened_at: Date
  due_at: Date
  closed_at: Date | null
  version: number
}

const SELECT = sql.raw(`select o.*, ${DATASET_NAME} as dataset_name, d.name as department_name
  from work_order o join dataset x on x.id = o.dataset_id join department d on d.id = o.department_id`)

function viewOf(row: OrderRow, legalNow: Date): Static<typeof WorkOrderView> {
  const at = row.closed_at ?? legalNow
  return {
    id: row.id,
    number: row.number,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    departmentId: row.department_id,
    departmentName: row.department_name,
    runId: row.run_id,
    state: row.state,
    findings: row.findings,
    findingsOpen: row.findings_open,
    openedAt: row.opened_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    overdue: at >= row.due_at,
    remainingMinutes: remainingMinutes(at, row.due_at),
    allowedMinutes: allowedMinutes(row.opened_at, row.due_at),
    version: row.version,
  }
}

const find = (db: Reader, actor: Person, id: string): Promise<OrderRow> =>
  db.one<OrderRow>(sql`${SELECT} where o.id = ${id} and ${qualitySees(actor, 'o.department_id')}`)

async function detailOf(
  db: Reader,
  actor: Person,
  row: OrderRow,
  legalNow: Date,
): Promise<Static<typeof WorkOrderDetail>> {
  const run = await db.one<RunRow>(sql`${SELECT_RUN} where r.id = ${row.run_id}`)
  const rechecks = await db.many<RunRow>(
    sql`${SELECT_RUN} where r.work_order_id = ${row.id} order by r.created_at desc limit 50`,
  )
  const last = rechecks.find((one) => one.state === 'done')
  const found = await brokenOf(db, run.id)
  const left = last ? await brokenOf(db, last.id) : found
  const speaker = await ruleSpeaker(db, actor, row.dataset_id, run.rules)
  return {
    ...viewOf(row, legalNow),
    key: run.key ?? [],
    causes: run.rules
      .map((rule: NamedRule, at) => ({
        code: rule.code,
        name: rule.name,
        advice: speaker.finding(rule),
        found: found.get(at) ?? '0',
        open: left.get(at) ?? '0',
      }))
      .filter((one) => one.found !== '0' || one.open !== '0'),
    rechecks: rechecks.map(runView),
    mine:
      row.state === 'open' && actor.departmentId === row.department_id && actor.permissions.has('work_order.handle'),
  }
}

const brokenOf = async (db: Reader, runId: string): Promise<Map<number, string>> => {
  const rows = await db.many<{ position: number; broken: string }>(
    sql`select position, broken from check_result where run_id = ${runId}`,
  )
  return new Map(rows.map((row) => [row.position, row.broken]))
}

/** Feeds the findings of a full check back to the provider, once. */
export const openWorkOrderVerb = command<typeof openWorkOrder>({
  endpoint: openWorkOrder,
  audit: ({ params }, reply) => ({
    objectKind: 'work_order',
    objectId: reply.id,
    detail: { run: params.id, findings: reply.findings, department: reply.departmentId },
  }),
  async run({ db, actor, now, legalNow }, { params }) {
    const run = await db.one<RunRow & { repair_working_days: number }>(sql`select r.*, s.repair_working_days
      from check_run r join rule_suite s on s.id = r.suite_id where r.id = ${params.id} and ${qualitySees(actor, 'r.department_id')}`)
    if (run.state !== 'done' || run.kind !== 'full' || run.findings === '0') refuse('object.state')
    const id = randomUUID()
    await db.run(sql`insert into work_order (id, number, jurisdiction, dataset_id, department_id, run_id, state, findings, findings_open,
        opened_at, due_at, created_by)
      values (${id}, ${await nextNumber(db, 'ZG', now)}, ${run.jurisdiction}, ${run.dataset_id}, ${run.department_id}, ${run.id}, 'open',
        ${run.findings}, ${run.findings}, ${legalNow}, ${dueAfter(legalNow, run.repair_working_days)}, ${actor.id})`)
    return detailOf(db, actor, await find(db, actor, id), legalNow)
  },
})

/** Work orders that the viewer may see, newest first. */
export const listWorkOrdersVerb = query<typeof listWorkOrders>({
  endpoint: listWorkOrders,
  audit: null,
  async run({ db, actor, legalNow }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state } = input.query
    const rows = await db.many<OrderRow>(sql`${SELECT} where ${qualitySees(actor, 'o.department_id')}
      ${state === 'closed' ? sql`and o.state = 'closed'` : sql``} ${state === 'unclosed' ? sql`and o.state <> 'closed'` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', o.opened_at), o.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', o.opened_at) desc, o.id desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.opened_at.toISOString(), row.id],
      (row) => viewOf(row, legalNow),
    )
  },
})

/** Orders that the viewer's department has still to mend; while a recheck runs they stay, because their limit does. */
export async function workOrdersToMend(
  db: Reader,
  actor: Person,
  legalNow: Date,
  max: number,
): Promise<Static<typeof WorkOrderView>[]> {
  if (!actor.permissions.has('work_order.handle')) return []
  const rows = await db.many<OrderRow>(sql`${SELECT} where ${qualitySees(actor, 'o.department_id')}
    and o.department_id = ${actor.departmentId} and o.state <> 'closed' order by o.due_at, o.id limit ${max}`)
  return rows.map((row) => viewOf(row, legalNow))
}

export const readWorkOrderVerb = query<typeof readWorkOrder>({
  endpoint: readWorkOrder,
  audit: null,
  run: async ({ db, actor, legalNow }, { params }) => detailOf(db, actor, await find(db, actor, params.id), legalNow),
})

/** The provider repaired at the source and what it repaired has arrived: only the rows named are judged again. */
export const recheckWorkOrderVerb = command<typeof recheckWorkOrder>({
  endpoint: recheckWorkOrder,
  audit: ({ params }) => ({ objectKind: 'work_order', objectId: params.id, detail: { recheck: true } }),
  async run({ db, actor, now, legalNow, wake }, { params, match }) {
    const row = await find(db, actor, params.id)
    if (row.department_id !== actor.departmentId) refuse('permission.denied')
    if (row.state !== 'open') refuse('object.state')
    const moved = await db.run(
      sql`update work_order set state = 'rechecking', version = version + 1 where id = ${row.id} and version = ${match}`,
    )
    if (moved === 0) refuse('object.changed')
    const suite = await db.one<
      Parameters<typeof queueRun>[1]['suite']
    >(sql`select suite_id as id, jurisdiction, dataset_id, department_id,
        suite_version as version, rules from check_run where id = ${row.run_id}`)
    await queueRun(db, { suite, workOrderId: row.id, by: actor.id, now })
    await wake('job:run-checks')
    return detailOf(db, actor, await find(db, actor, row.id), legalNow)
  },
})
