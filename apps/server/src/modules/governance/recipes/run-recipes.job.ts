import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import { EngineError, type JobOutput } from '../../../engine-worker/client.ts'
import { systemActor } from '../../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { Refusal } from '../../../kernel/errors.ts'
import { act } from '../../../kernel/execute.ts'
import { job } from '../../../kernel/jobs.ts'
import type { Services } from '../../../kernel/services.ts'
import { isLakeBehind, settleFile } from '../../engine/index.ts'
import { recipeInput, recipeScope } from './recipe-scope.ts'
import { governedPath, type RecipeRunRow } from './recipe-runs.ts'

const ACTOR = systemActor('run-recipes')
/** Files are called by the id of their run. */
const UUID_LENGTH = 36
/** Tables of earlier runs that are kept, so that the newest can be undone. */
const KEPT_MAX = 3

const PROBLEMS = {
  not_landed: { zh: '数据尚未完整归集，不能清洗', en: 'The data has not landed completely' },
  engine: {
    zh: '引擎未能完成清洗，请检查方案后重新执行',
    en: 'The engine could not finish; look at the recipe and run it again',
  },
} as const

/** Runs the recipes that wait, oldest first, one a turn; a run that was killed is made again and makes the same. */
export const runRecipesJob = job({
  name: 'run-recipes',
  everyMs: 5_000,
  async run(services, { signal }) {
    await dropOld(services)
    const waiting = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<RecipeRunRow>(
        sql`select * from recipe_run where state in ('queued', 'running') order by created_at limit 50`,
      ),
    )
    // A table that data is still coming for does not hold up the others.
    for (const run of waiting) {
      const input = await prepare(services, run)
      if (input !== 'wait') return runOne(services, run, input, signal)
    }
    return false
  },
})

async function runOne(
  services: Services,
  run: RecipeRunRow,
  input: Prepared | Problem,
  signal: AbortSignal,
): Promise<true> {
  if ('problem' in input) return end(services, run, input)
  const begun = performance.now()
  const made = await make(services, run, input, signal)
  if ('problem' in made) return end(services, run, made)
  return end(services, run, { ...made, lake: input.lake, milliseconds: Math.round(performance.now() - begun) })
}

type Prepared = Awaited<ReturnType<typeof recipeInput>>
type Problem = { problem: { zh: string; en: string } }

/** What the engine needs; `wait`: the lake has yet to take what was verified. */
function prepare(services: Services, run: RecipeRunRow): Promise<Prepared | 'wait' | Problem> {
  return services.db.read(SYSTEM_ROWS, async (db) => {
    try {
      const found = await recipeScope(db, null, run.dataset_id, run.steps)
      const tables = [found.table, ...found.others.values()]
      const behind = await isLakeBehind(
        db,
        tables.map((one) => one.channel_id),
      )
      return behind ? 'wait' : await recipeInput(db, services.settings.dataDir, run.steps, found)
    } catch (error) {
      if (error instanceof Refusal && error.code === 'quality.not_landed') return { problem: PROBLEMS.not_landed }
      throw error
    }
  })
}

type Made = JobOutput<'run-recipe'> & { bytes: number }

async function make(
  services: Services,
  run: RecipeRunRow,
  { lake: _lake, ...input }: Prepared,
  signal: AbortSignal,
): Promise<Made | Problem> {
  const place = join(services.settings.dataDir, governedPath(run.id))
  const out = `${place}.${randomUUID()}.part`
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
  await services.db.write(SYSTEM_ROWS, (db) =>
    db.run(sql`update recipe_run set state = 'running' where id = ${run.id} and state = 'queued'`),
  )
  try {
    const counts = await services.engine.run('run-recipe', { ...input, out }, { signal })
    await settleFile(out, place)
    return { ...counts, bytes: (await stat(place)).size }
  } catch (error) {
    if (!(error instanceof EngineError) || error.isPassing) throw error
    services.log.warn({ err: error, run: run.id }, 'a recipe failed')
    return { problem: PROBLEMS.engine }
  } finally {
    await rm(out, { force: true })
  }
}

type Outcome = Problem | (Made & { lake: Prepared['lake']; milliseconds: number })

async function end(services: Services, run: RecipeRunRow, outcome: Outcome): Promise<true> {
  await act(services, ACTOR, 'job.run_recipe', async ({ db, now }) => {
    const isOpen = sql`where id = ${run.id} and state in ('queued', 'running')`
    if ('problem' in outcome) {
      const problem = JSON.stringify(outcome.problem)
      await db.run(sql`update recipe_run set state = 'failed', problem = ${problem}, finished_at = ${now} ${isOpen}`)
      return { value: null, audit: { objectKind: 'recipe_run', objectId: run.id, detail: { state: 'failed' } } }
    }
    const { rows, left, changed, steps, bytes, lake, milliseconds } = outcome
    await db.run(sql`update recipe_run set state = 'done', generation = ${lake.generation}, changes = ${lake.changes}, rows = ${rows},
      rows_left = ${left}, rows_changed = ${changed}, step_rows = ${JSON.stringify(steps)}, bytes = ${bytes},
      milliseconds = ${milliseconds}, finished_at = ${now} ${isOpen}`)
    const detail = { state: 'done', rows: String(rows), left: String(left), changed: String(changed) }
    return { value: null, audit: { objectKind: 'recipe_run', objectId: run.id, detail } }
  })
  return true
}

/** Lets go of tables that were undone or that newer ones have replaced. */
async function dropOld(services: Services): Promise<void> {
  const old = await services.db.read(SYSTEM_ROWS, (db) =>
    db.many<{ id: string }>(sql`select id from (select id, state, row_number() over (partition by dataset_id, state
      order by created_at desc, id desc) as place from recipe_run where bytes is not null) r
      where state = 'undone' or place > ${KEPT_MAX}`),
  )
  // The file first: what is named still is removed the next time, what is named no more would stay for ever.
  for (const { id } of old) {
    await rm(join(services.settings.dataDir, governedPath(id)), { force: true })
    await services.db.write(SYSTEM_ROWS, (db) => db.run(sql`update recipe_run set bytes = null where id = ${id}`))
  }
  await dropStray(services)
}

/** Removes tables that no run names: of runs that were killed between their file and their row, and failed afterwards. */
async function dropStray(services: Services): Promise<void> {
  const folder = join(services.settings.dataDir, dirname(governedPath('-')))
  const files = existsSync(folder) ? await readdir(folder) : []
  if (files.length === 0) return
  const named = await services.db.read(SYSTEM_ROWS, (db) =>
    db.many<{ id: string }>(sql`select id from recipe_run where bytes is not null or state in ('queued', 'running')`),
  )
  const ids = new Set(named.map((one) => one.id))
  for (const file of files) if (!ids.has(file.slice(0, UUID_LENGTH))) await rm(join(folder, file), { force: true })
}
