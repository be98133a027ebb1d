import { randomUUID } from 'node:crypto'
import { listRuns, readRun, startRun, type RunDetail, type RunView } from '@huitong/contract/governance'
import { DIMENSIONS, INDICATORS, type Dimension, type IndicatorCode, RULE_TYPES } from '@huitong/quality'
import { shanghaiDate } from '@huitong/codes'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader, Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'
import { nextNumber } from '../catalogue/index.ts'
import { isLakeBehind, lakeTable, landedTable } from '../engine/index.ts'
import type { NamedRule } from './scope.ts'
import { DATASET_NAME, qualitySees, type Names } from './sees.ts'

export interface RunRow {
  id: string
  number: string
  jurisdiction: string
  suite_id: string
  suite_version: number
  dataset_id: string
  dataset_name: Names
  department_id: string
  department_name: Names
  kind: 'full' | 'recheck'
  state: Static<typeof RunView>['state']
  work_order_id: string | null
  rules: NamedRule[]
  as_of: string
  generation: number | null
  changes: number | null
  rows: string | null
  findings: string | null
  scans: number | null
  milliseconds: number | null
  key: string[] | null
  total_score: string | null
  problem: { zh: string; en: string } | null
  created_at: Date
  finished_at: Date | null
}

export const SELECT_RUN = sql.raw(`select r.*, ${DATASET_NAME} as dataset_name, d.name as department_name
  from check_run r join dataset x on x.id = r.dataset_id join department d on d.id = r.department_id`)

export const runView = (row: RunRow): Static<typeof RunView> => ({
  id: row.id,
  number: row.number,
  suiteId: row.suite_id,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name,
  departmentId: row.department_id,
  departmentName: row.department_name,
  kind: row.kind,
  state: row.state,
  ruleCount: row.rules.length,
  rows: row.rows,
  findings: row.findings,
  score: row.total_score,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
})

/** Queues a check with its own copy of the rules; its job waits for what has been verified and is not in the lake yet. */
export async function queueRun(
  db: Writer,
  given: {
    suite: {
      id: string
      jurisdiction: string
      dataset_id: string
      department_id: string
      version: number
      rules: readonly NamedRule[]
    }
    workOrderId: string | null
    by: string
    now: Date
  },
): Promise<string> {
  const { suite, now } = given
  const table = (await landedTable(db, suite.dataset_id)) ?? refuse('quality.not_landed')
  const isReady = (await lakeTable(db, table.channel_id)) !== null || (await isLakeBehind(db, [table.channel_id]))
  if (!isReady) refuse('quality.not_landed')
  const id = randomUUID()
  await db.run(sql`insert into check_run (id, number, jurisdiction, suite_id, dataset_id, department_id, kind, work_order_id, suite_version,
      rules, state, as_of, requested_by, created_at)
    values (${id}, ${await nextNumber(db, 'HY', now)}, ${suite.jurisdiction}, ${suite.id}, ${suite.dataset_id}, ${suite.department_id},
      ${given.workOrderId === null ? 'full' : 'recheck'}, ${given.workOrderId}, ${suite.version}, ${JSON.stringify(suite.rules)}, 'queued',
      ${shanghaiDate(now)}, ${given.by}, ${now})`)
  return id
}

/** Starts a check of a whole table; one at a time for a suite. */
export const startRunVerb = command<typeof startRun>({
  endpoint: startRun,
  audit: ({ params }, reply) => ({ objectKind: 'check_run', objectId: reply.id, detail: { suite: params.id } }),
  async run({ db, actor, now, wake }, { params }) {
    const suite = await db.one<
      Parameters<typeof queueRun>[1]['suite']
    >(sql`select s.id, s.jurisdiction, s.dataset_id, s.department_id,
        s.version, s.rules from rule_suite s where s.id = ${params.id} and ${qualitySees(actor, 's.department_id')} for update`)
    const busy = await db.maybe(
      sql`select 1 from check_run where suite_id = ${suite.id} and kind = 'full' and state in ('queued', 'running')`,
    )
    if (busy) refuse('object.state', { detail: 'a check of this suite is under way' })
    const id = await queueRun(db, { suite, workOrderId: null, by: actor.id, now })
    await wake('job:run-checks')
    return runView(await db.one<RunRow>(sql`${SELECT_RUN} where r.id = ${id}`))
  },
})

/** Checks that the viewer may see, newest first. */
export const listRunsVerb = query<typeof listRuns>({
  endpoint: listRuns,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { datasetId, kind } = input.query
    const rows = await db.many<RunRow>(sql`${SELECT_RUN} where ${qualitySees(actor, 'r.department_id')}
      ${datasetId ? sql`and r.dataset_id = ${datasetId}` : sql``} ${kind ? sql`and r.kind = ${kind}` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', r.created_at), r.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', r.created_at) desc, r.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.created_at.toISOString(), row.id], runView)
  },
})

/** One check with what each rule judged and found, and the scores made from it. */
export const readRunVerb = query<typeof readRun>({
  endpoint: readRun,
  audit: null,
  async run({ db, actor }, { params }) {
    const row = await db.one<RunRow>(
      sql`${SELECT_RUN} where r.id = ${params.id} and ${qualitySees(actor, 'r.department_id')}`,
    )
    const order = await db.maybe<{ id: string }>(sql`select id from work_order where run_id = ${row.id}`)
    return {
      ...runView(row),
      asOf: row.as_of,
      suiteVersion: row.suite_version,
      generation: row.generation,
      changes: row.changes,
      scans: row.scans,
      milliseconds: row.milliseconds,
      key: row.key,
      problem: row.problem,
      workOrderId: order?.id ?? row.work_order_id,
      results: await resultsOf(db, row),
      scores: await scoresOf(db, row.id),
    }
  },
})

type Results = Static<typeof RunDetail>['results']

/** What each rule of a check judged and found, in the order of its suite. */
export async function resultsOf(db: Reader, run: RunRow): Promise<Results> {
  const rows = await db.many<{
    position: number
    code: string
    indicator: IndicatorCode
    judged: string
    broken: string
  }>(sql`select position, code, indicator, judged, broken from check_result where run_id = ${run.id} order by position`)
  return rows.map(({ position, code, indicator, judged, broken }) => {
    const { dimension, zh, en } = INDICATORS[indicator]
    const rule = run.rules[position]!
    const kindWords = RULE_TYPES.get(rule.kind)!.words
    return { code, name: rule.name, kindWords, dimension, indicator, indicatorWords: { zh, en }, judged, broken }
  })
}

/** The scores of a check, in the order of the dimensions. */
export async function scoresOf(db: Reader, id: string): Promise<Static<typeof RunDetail>['scores']> {
  const rows = await db.many<{ dimension: Dimension; judged: string; right_count: string; score: string | null }>(
    sql`select dimension, judged, right_count, score from check_score where run_id = ${id}`,
  )
  const order = Object.keys(DIMENSIONS)
  return rows
    .toSorted((one, other) => order.indexOf(one.dimension) - order.indexOf(other.dimension))
    .map(({ dimension, judged, right_count, score }) => ({
      dimension,
      words: DIMENSIONS[dimension],
      judged,
      right: right_count,
      score,
    }))
}
