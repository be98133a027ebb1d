import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dimensionScores, measureOf, totalScore, typeOf } from '@huitong/quality'
import { sql } from 'kysely'
import { EngineError, type JobInput, type JobOutput } from '../../engine-worker/client.ts'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS, type Reader, type Writer } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { Refusal } from '../../kernel/errors.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { isLakeBehind, lakeTable, type LakeTable, type LandedTable, settleFile } from '../engine/index.ts'
import type { RunRow } from './runs.ts'
import { columnsOf, scopeOf, type SuiteScope } from './scope.ts'

/** Where the failing rows of a check lie, from the folder of data on. */
export const findingsPath = (runId: string): string => join('lake', 'findings', `${runId}.parquet`)

type Check = JobOutput<'check-quality'>
interface Prepared {
  readonly input: JobInput<'check-quality'>
  readonly lake: LakeTable
}

/** Runs the checks that wait, oldest first, one a turn. A check may be run again after a kill: it writes the same. */
export const runChecksJob = job({
  name: 'run-checks',
  everyMs: 2_000,
  async run(services, { signal }) {
    const waiting = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<RunRow>(sql`select * from check_run where state in ('queued', 'running') order by created_at limit 50`),
    )
    // A table that data is still coming for does not hold up the others.
    for (const run of waiting) {
      const prepared = await prepare(services, run)
      if (prepared !== 'wait') return runOne(services, run, prepared, signal)
    }
    return false
  },
})

async function runOne(
  services: Services,
  run: RunRow,
  prepared: Prepared | { problem: Problem },
  signal: AbortSignal,
): Promise<true> {
  if ('problem' in prepared) return fail(services, run, prepared.problem)
  const begun = performance.now()
  const check = await judge(services, run, prepared.input, signal)
  if ('problem' in check) return fail(services, run, check.problem)
  await record(services, run, { check, lake: prepared.lake, milliseconds: Math.round(performance.now() - begun) })
  return true
}

type Problem = { zh: string; en: string }
const PROBLEMS = {
  not_landed: { zh: '数据尚未完整归集，不能核验', en: 'The data has not landed completely' },
  engine: {
    zh: '核验引擎未能完成，请检查规则后重新发起',
    en: 'The engine could not finish; look at the rules and start again',
  },
} as const

/** What the engine needs; `wait`: the lake has yet to take what was verified. */
async function prepare(services: Services, run: RunRow): Promise<Prepared | 'wait' | { problem: Problem }> {
  return services.db.read(SYSTEM_ROWS, async (db) => {
    try {
      const suite = await scopeOf(db, run.dataset_id, run.rules, new Date(`${run.as_of}T04:00:00Z`))
      const tables = [suite.table, ...suite.others.values()]
      if (
        await isLakeBehind(
          db,
          tables.map((one) => one.channel_id),
        )
      )
        return 'wait'
      return await gather(db, services, run, suite)
    } catch (error) {
      if (error instanceof Refusal && error.code === 'quality.not_landed') return { problem: PROBLEMS.not_landed }
      throw error
    }
  })
}

async function gather(
  db: Reader,
  services: Services,
  run: RunRow,
  { table, others, scope }: SuiteScope,
): Promise<Prepared> {
  const at = (path: string) => join(services.settings.dataDir, path)
  const filesOf = async (one: LandedTable) => {
    const lake = await lakeTable(db, one.channel_id)
    if (lake === null) throw new Refusal('quality.not_landed')
    return { lake, files: { base: lake.base.map(at), changes: lake.changes.map(at), key: one.key } }
  }
  const own = await filesOf(table)
  const tables: JobInput<'check-quality'>['tables'] = {}
  for (const [id, one] of others) tables[id] = { columns: columnsOf(one), files: (await filesOf(one)).files }
  const first = run.work_order_id
    ? await db.one<{ run_id: string }>(sql`select run_id from work_order where id = ${run.work_order_id}`)
    : null
  const input = {
    rules: run.rules.map(({ code, kind, parameters }) => ({ code, kind, parameters })),
    columns: scope.columns,
    table: own.files,
    tables,
    sets: Object.fromEntries(Object.entries(scope.sets).map(([name, codes]) => [name, [...codes]])),
    asOf: run.as_of,
    only: first === null ? null : at(findingsPath(first.run_id)),
    out: at(`${findingsPath(run.id)}.part`),
  }
  return { input, lake: own.lake }
}

async function judge(
  services: Services,
  run: RunRow,
  input: Prepared['input'],
  signal: AbortSignal,
): Promise<Check | { problem: Problem }> {
  mkdirSync(dirname(input.out), { recursive: true, mode: 0o700 })
  await services.db.write(SYSTEM_ROWS, (db) =>
    db.run(sql`update check_run set state = 'running' where id = ${run.id} and state = 'queued'`),
  )
  try {
    const check = await services.engine.run('check-quality', input, { signal })
    await settleFile(input.out, join(services.settings.dataDir, findingsPath(run.id)))
    return check
  } catch (error) {
    if (!(error instanceof EngineError) || error.isPassing) throw error
    services.log.warn({ err: error, run: run.id }, 'a check failed')
    return { problem: PROBLEMS.engine }
  } finally {
    await rm(input.out, { force: true })
  }
}

const ACTOR = systemActor('run-checks')

async function fail(services: Services, run: RunRow, problem: Problem): Promise<true> {
  await act(services, ACTOR, 'job.run_check', async ({ db, now }) => {
    await db.run(sql`update check_run set state = 'failed', problem = ${JSON.stringify(problem)}, finished_at = ${now}
      where id = ${run.id} and state in ('queued', 'running')`)
    if (run.work_order_id)
      await db.run(
        sql`update work_order set state = 'open', version = version + 1 where id = ${run.work_order_id} and state = 'rechecking'`,
      )
    return { value: null, audit: { objectKind: 'check_run', objectId: run.id, detail: { state: 'failed' } } }
  })
  return true
}

interface Outcome {
  readonly check: Check
  readonly lake: LakeTable
  readonly milliseconds: number
}

async function record(services: Services, run: RunRow, { check, lake, milliseconds }: Outcome): Promise<void> {
  const key = await services.db.read(SYSTEM_ROWS, (db) => scopeOf(db, run.dataset_id, [], services.clock.now()))
  const measures = run.rules.map((rule, at) => {
    const { judged, broken } = check.rules[at]!
    return measureOf(typeOf(rule).indicator, BigInt(judged), BigInt(broken))
  })
  const scores = dimensionScores(measures)
  const total = totalScore(scores)?.toFixed(3) ?? null
  await act(services, ACTOR, 'job.run_check', async ({ db, now, legalNow }) => {
    const moved =
      await db.run(sql`update check_run set state = 'done', generation = ${lake.generation}, changes = ${lake.changes.length},
        rows = ${check.rows}, findings = ${check.findings}, scans = ${check.scans}, milliseconds = ${milliseconds},
        key = ${[...key.table.key]}::text[], total_score = ${total}, finished_at = ${now}
      where id = ${run.id} and state in ('queued', 'running')`)
    const detail = { state: 'done', rows: check.rows, findings: check.findings, score: total }
    const audit = { objectKind: 'check_run', objectId: run.id, detail }
    if (moved === 0) return { value: null, audit: null }
    for (const [at, rule] of run.rules.entries())
      await db.run(sql`insert into check_result (run_id, position, code, indicator, judged, broken)
        values (${run.id}, ${at}, ${rule.code}, ${measures[at]!.indicator}, ${check.rules[at]!.judged}, ${check.rules[at]!.broken})`)
    for (const one of scores)
      await db.run(sql`insert into check_score (run_id, dimension, judged, right_count, score)
        values (${run.id}, ${one.dimension}, ${one.judged.toString()}, ${one.right.toString()}, ${one.score?.toFixed(3) ?? null})`)
    if (run.work_order_id) await moveOrder(db, run.work_order_id, check.findings, legalNow)
    return { value: null, audit }
  })
}

/** What a recheck found decides: nothing left closes the order, otherwise it is open again. */
async function moveOrder(db: Writer, id: string, left: string, legalNow: Date): Promise<void> {
  const closed = left === '0'
  await db.run(sql`update work_order set findings_open = ${left}, state = ${closed ? 'closed' : 'open'},
    closed_at = ${closed ? legalNow : null}, version = version + 1 where id = ${id} and state = 'rechecking'`)
}
