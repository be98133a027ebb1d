import { mkdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { EngineError, type JobInput, type JobOutput } from '../../engine-worker/client.ts'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS, type Reader } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { isLakeBehind, lakeTable, settleFolder } from '../engine/index.ts'
import { decisionsOf } from './fusion-results.ts'
import { settingsFaults } from './fusion-rules.ts'
import { fusionFolder, type FusionRunRow } from './fusion-run.ts'
import { readableSources } from './fusion-sources.ts'

const WATCH_MS = 1_000

type Problem = { zh: string; en: string }
const PROBLEMS = {
  not_landed: { zh: '有来源表尚未完整归集，不能融合', en: 'A source has not landed completely' },
  granted: {
    zh: '来源表或其信息项的授权已变化，请修改融合定义后重新发起',
    en: 'Grants of the sources have changed; set the definition anew and start again',
  },
  engine: {
    zh: '计算引擎未能完成融合，请检查融合定义后重新发起',
    en: 'The engine could not finish; look at the definition and start again',
  },
} as const

interface Prepared {
  readonly input: JobInput<'fuse-library'>
  /** What of each source is read. */
  readonly read: { channelId: string; generation: number; changes: number }[]
}

/**
 * Runs the fusions that wait, one a turn. No transaction is open while the engine works; a fusion that was cut off by a kill is made
 * again from the start.
 */
export const runFusionJob = job({
  name: 'run-fusion',
  everyMs: 2_000,
  async run(services, { signal }) {
    const waiting = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<FusionRunRow>(
        sql`select * from fusion_run where state in ('queued', 'running', 'stopping') order by created_at limit 50`,
      ),
    )
    // A library that data is still coming for does not hold up the others.
    for (const run of waiting) {
      if (run.state === 'stopping') return end(services, run, { state: 'stopped', problem: null })
      const prepared = await prepare(services, run)
      if (prepared !== 'wait') return runOne(services, run, prepared, signal)
    }
    return false
  },
})

async function runOne(
  services: Services,
  run: FusionRunRow,
  prepared: Prepared | { problem: Problem },
  signal: AbortSignal,
): Promise<true> {
  if ('problem' in prepared) return end(services, run, { state: 'failed', problem: prepared.problem })
  const outcome = await work(services, run, prepared, signal)
  if (outcome === 'stopped') return end(services, run, { state: 'stopped', problem: null })
  if ('problem' in outcome) return end(services, run, { state: 'failed', problem: outcome.problem })
  return end(services, run, { state: 'done', problem: null, read: prepared.read, ...outcome })
}

async function prepare(services: Services, run: FusionRunRow): Promise<Prepared | 'wait' | { problem: Problem }> {
  return services.db.read(SYSTEM_ROWS, async (db) => {
    const { offset_seconds } = await db.one<{ offset_seconds: number }>(sql`select offset_seconds from legal_clock`)
    const now = services.clock.now()
    const moment = { now, legalNow: new Date(now.getTime() + offset_seconds * 1000) }
    const sources = await readableSources(db, services, run.department_id, moment)
    if (settingsFaults(run.settings, sources).length > 0) return { problem: PROBLEMS.granted }
    const channels = run.settings.sources.map((one) => one.channelId)
    if (await isLakeBehind(db, channels)) return 'wait'
    return gather(db, services, run, sources)
  })
}

async function gather(
  db: Reader,
  services: Services,
  run: FusionRunRow,
  readable: Awaited<ReturnType<typeof readableSources>>,
): Promise<Prepared | { problem: Problem }> {
  const at = (path: string) => join(services.settings.dataDir, path)
  const { settings } = run
  const read: Prepared['read'] = []
  const sources: Prepared['input']['sources'] = []
  for (const { channelId, items, updatedItem } of settings.sources) {
    const { row, columns } = readable.find((one) => one.row.id === channelId)!
    const lake = await lakeTable(db, channelId)
    if (lake === null) return { problem: PROBLEMS.not_landed }
    read.push({ channelId, generation: lake.generation, changes: lake.changes.length })
    sources.push({
      name: channelId,
      files: { base: lake.base.map(at), changes: lake.changes.map(at), key: [...row.key] },
      columns: Object.fromEntries(Object.entries(items).map(([field, item]) => [field, columns.get(item)!])),
      updated: updatedItem === null ? null : columns.get(updatedItem)!,
    })
  }
  const previous = await db.maybe<{ id: string }>(sql`select id from fusion_run where library = ${run.library}
    and jurisdiction = ${run.jurisdiction} and state = 'done' order by created_at desc limit 1`)
  const out = at(`${fusionFolder(run.id)}.part`)
  await rm(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true, mode: 0o700 })
  const decisions = join(out, 'decisions.json')
  writeFileSync(decisions, JSON.stringify(await decisionsOf(db, run.jurisdiction, run.library)), { mode: 0o600 })
  const places = new Map(settings.sources.map((one, place) => [one.channelId, place]))
  const survivorship = settings.survivorship.map(({ field, authority, order }) => ({
    field,
    authority: authority.map((one) => places.get(one)!),
    order: [...order],
  }))
  const salt = services.secrets.derive('fusion-record')
  return {
    read,
    input: {
      definition: settings.definition,
      sources,
      survivorship,
      decisions,
      previous: previous === null ? null : at(join(fusionFolder(previous.id), 'records.parquet')),
      asOf: run.as_of,
      salt,
      out,
    },
  }
}

type Done = { summary: JobOutput<'fuse-library'>; milliseconds: number }

async function work(
  services: Services,
  run: FusionRunRow,
  { input }: Prepared,
  signal: AbortSignal,
): Promise<Done | 'stopped' | { problem: Problem }> {
  await services.db.write(SYSTEM_ROWS, (db) =>
    db.run(sql`update fusion_run set state = 'running' where id = ${run.id} and state = 'queued'`),
  )
  const stop = new AbortController()
  const watch = setInterval(() => void watchStop(services, run.id, stop), WATCH_MS)
  const begun = performance.now()
  try {
    const summary = await services.engine.run('fuse-library', input, { signal: AbortSignal.any([signal, stop.signal]) })
    await settleFolder(input.out, join(services.settings.dataDir, fusionFolder(run.id)))
    return { summary, milliseconds: Math.round(performance.now() - begun) }
  } catch (error) {
    if (stop.signal.aborted) return 'stopped'
    if (!(error instanceof EngineError) || error.isPassing) throw error
    services.log.warn({ err: error, run: run.id }, 'a fusion failed')
    return { problem: PROBLEMS.engine }
  } finally {
    clearInterval(watch)
    await rm(input.out, { recursive: true, force: true })
  }
}

async function watchStop(services: Services, id: string, stop: AbortController): Promise<void> {
  const row = await services.db
    .read(SYSTEM_ROWS, (db) => db.maybe<{ state: string }>(sql`select state from fusion_run where id = ${id}`))
    // Asked again in a second.
    .catch(() => null)
  if (row?.state === 'stopping') stop.abort()
}

const ACTOR = systemActor('run-fusion')

type Outcome =
  | { state: 'stopped' | 'failed'; problem: Problem | null }
  | ({ state: 'done'; problem: null; read: Prepared['read'] } & Done)

async function end(services: Services, run: FusionRunRow, outcome: Outcome): Promise<true> {
  const figures = outcome.state === 'done' ? figuresOf(outcome) : null
  const read = outcome.state === 'done' ? JSON.stringify(outcome.read) : null
  await act(services, ACTOR, 'job.run_fusion', async ({ db, now }) => {
    const moved =
      await db.run(sql`update fusion_run set state = ${outcome.state}, figures = ${figures && JSON.stringify(figures)},
      read = ${read}, problem = ${outcome.problem && JSON.stringify(outcome.problem)}, finished_at = ${now}
      where id = ${run.id} and state in ('queued', 'running', 'stopping')`)
    if (moved === 0) return { value: null, audit: null }
    const detail = { state: outcome.state, masters: figures?.masters ?? null, changed: figures?.changed ?? null }
    return { value: null, audit: { objectKind: 'fusion_run', objectId: run.id, detail } }
  })
  return true
}

function figuresOf({ summary, milliseconds }: Done): NonNullable<FusionRunRow['figures']> {
  return {
    records: String(summary.records),
    identified: String(summary.identified),
    masters: String(summary.masters),
    candidatePairs: String(summary.candidatePairs),
    leftOutPairs: String(summary.leftOutPairs.reduce((all, one) => all + one, 0)),
    matchedPairs: String(summary.matchedPairs),
    reviewPairs: String(summary.reviewPairs),
    refusedPairs: String(summary.refusedPairs),
    refusedDecisions: String(summary.refusedDecisions),
    changed: String(summary.changed),
    milliseconds,
  }
}
