import { existsSync, mkdirSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import { EngineError, type JobInput, type JobOutput } from '../../../engine-worker/client.ts'
import { systemActor } from '../../../kernel/actor.ts'
import { type Reader, SYSTEM_ROWS } from '../../../kernel/db.ts'
import { act } from '../../../kernel/execute.ts'
import { job } from '../../../kernel/jobs.ts'
import type { Services } from '../../../kernel/services.ts'
import { lakeTable } from '../../engine/index.ts'
import { governedPath } from '../../governance/index.ts'
import { answerPath, type AskedTable, type QuestionRow } from './questions.ts'

const ACTOR = systemActor('answer-questions')
/** Rows of an answer that are kept for being shown. */
const ROWS_MAX = 1000
const ASK_MS_MAX = 60_000
const WATCH_MS = 500
const KEPT_HOURS = 24
const UUID_LENGTH = 36

type Faults = QuestionRow['faults']
const LATE: Faults = [
  {
    at: null,
    zh: `查询超过 ${ASK_MS_MAX / 1000} 秒，已停止；请先筛选或汇总`,
    en: `it took more than ${ASK_MS_MAX / 1000} s and was stopped; filter or aggregate first`,
  },
]
const FAILED: Faults = [
  { at: null, zh: '引擎未能完成查询，请稍后再试', en: 'the engine could not finish; try again later' },
]
const GONE: Faults = [
  {
    at: null,
    zh: '查询涉及的数据正在重新归集，请稍后再试',
    en: 'data of a table is being collected anew; try again later',
  },
]

/** Answers the questions that wait, oldest first, one a turn; one that was cut off by a kill is asked again. */
export const answerQuestionsJob = job({
  name: 'answer-questions',
  everyMs: 5_000,
  async run(services, { signal }) {
    const row = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<QuestionRow>(
        sql`select * from question where state in ('queued', 'running', 'stopping') order by created_at limit 1`,
      ),
    )
    if (row === null) {
      await dropOld(services)
      return false
    }
    if (row.state === 'stopping') return end(services, row, 'stopped')
    await services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update question set state = 'running' where id = ${row.id} and state = 'queued'`),
    )
    const begun = performance.now()
    const outcome = await ask(services, row, signal)
    return end(services, row, outcome, Math.round(performance.now() - begun))
  },
})

type Outcome = 'stopped' | { faults: Faults } | { rows: number; more: boolean; bytes: number }

async function ask(services: Services, row: QuestionRow, signal: AbortSignal): Promise<Outcome> {
  const tables = await services.db.read(SYSTEM_ROWS, (db) => filesOf(db, services.settings.dataDir, row.tables))
  if (tables === null) return { faults: GONE }
  const stop = new AbortController()
  const watch = setInterval(() => void watchStop(services, row.id, stop), WATCH_MS)
  try {
    const answer = await services.engine.run(
      'run-query',
      { text: row.text, tables, rowsMax: ROWS_MAX },
      { timeoutMs: ASK_MS_MAX, signal: AbortSignal.any([signal, stop.signal]) },
    )
    if (answer.faults.length > 0) return { faults: [...answer.faults] }
    return { rows: answer.rows.length, more: answer.more, bytes: await keep(services, row.id, answer) }
  } catch (error) {
    if (stop.signal.aborted) return 'stopped'
    if (!(error instanceof EngineError) || error.isPassing) throw error
    if (error.code === 'engine.timeout') return { faults: LATE }
    services.log.warn({ err: error, question: row.id }, 'a question failed')
    return { faults: FAILED }
  } finally {
    clearInterval(watch)
  }
}

/** The files of each table now; null when one of them is not whole at this moment. */
async function filesOf(
  db: Reader,
  dataDir: string,
  asked: readonly AskedTable[],
): Promise<JobInput<'run-query'>['tables'] | null> {
  const at = (path: string) => join(dataDir, path)
  const tables: JobInput<'run-query'>['tables'] = []
  for (const { layer, name, channelId, runId, key, columns } of asked) {
    const lake = runId === null ? await lakeTable(db, channelId) : { base: [governedPath(runId)], changes: [] }
    if (lake === null) return null
    const files = { base: lake.base.map(at), changes: lake.changes.map(at), key: [...key] }
    tables.push({ schema: layer, name, columns: columns.map((one) => ({ ...one })), files })
  }
  return tables
}

async function keep(services: Services, id: string, { columns, rows }: JobOutput<'run-query'>): Promise<number> {
  const place = join(services.settings.dataDir, answerPath(id))
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
  const text = JSON.stringify({ columns, rows })
  const file = await open(place, 'w', 0o600)
  try {
    await file.writeFile(text)
  } finally {
    await file.close()
  }
  return Buffer.byteLength(text)
}

async function watchStop(services: Services, id: string, stop: AbortController): Promise<void> {
  const row = await services.db
    .read(SYSTEM_ROWS, (db) => db.maybe<{ state: string }>(sql`select state from question where id = ${id}`))
    // Asked again in a moment.
    .catch(() => null)
  if (row?.state === 'stopping') stop.abort()
}

async function end(services: Services, row: QuestionRow, outcome: Outcome, milliseconds = 0): Promise<true> {
  await act(services, ACTOR, 'job.answer_question', async ({ db, now }) => {
    const state = outcome === 'stopped' ? 'stopped' : 'faults' in outcome ? 'failed' : 'done'
    const faults = outcome !== 'stopped' && 'faults' in outcome ? outcome.faults : []
    const kept = outcome !== 'stopped' && 'rows' in outcome ? outcome : { rows: null, more: false, bytes: null }
    const moved =
      await db.run(sql`update question set state = ${state}, faults = ${JSON.stringify(faults)}, rows = ${kept.rows},
      more = ${kept.more}, bytes = ${kept.bytes}, milliseconds = ${milliseconds}, finished_at = ${now}
      where id = ${row.id} and state in ('queued', 'running', 'stopping')`)
    if (moved === 0) return { value: null, audit: null }
    return { value: null, audit: { objectKind: 'question', objectId: row.id, detail: { state, rows: kept.rows } } }
  })
  return true
}

/** Lets go of answers after a day, and of files that no question names. */
async function dropOld(services: Services): Promise<void> {
  const folder = join(services.settings.dataDir, dirname(answerPath('-')))
  const files = existsSync(folder) ? await readdir(folder) : []
  if (files.length === 0) return
  const kept = await services.db.read(SYSTEM_ROWS, (db) =>
    db.many<{ id: string }>(sql`select id from question where bytes is not null
      and finished_at > now() - make_interval(hours => ${KEPT_HOURS})`),
  )
  const ids = new Set(kept.map((one) => one.id))
  const old = files.map((file) => file.slice(0, UUID_LENGTH)).filter((id) => !ids.has(id))
  // The file first: what is named still is removed the next time, what is named no more would stay for ever.
  for (const id of old) {
    await rm(join(services.settings.dataDir, answerPath(id)), { force: true })
    await services.db.write(SYSTEM_ROWS, (db) => db.run(sql`update question set bytes = null where id::text = ${id}`))
  }
}
