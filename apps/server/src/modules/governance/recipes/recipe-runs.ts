import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { listRecipeRuns, type RecipeRunView, startRecipeRun, undoRecipeRun } from '@huitong/contract/recipes'
import type { Step } from '@huitong/recipes'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader } from '../../../kernel/db.ts'
import { refuse } from '../../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../../kernel/paging.ts'
import { command, query } from '../../../kernel/verb.ts'
import { nextNumber } from '../../catalogue/index.ts'
import { isLakeBehind, lakeTable } from '../../engine/index.ts'
import { qualitySees } from '../sees.ts'
import { recipeScope, stepSpeaker } from './recipe-scope.ts'
import { findRecipe } from './recipes.ts'

export interface RecipeRunRow {
  id: string
  number: string
  jurisdiction: string
  recipe_id: string
  recipe_version: number
  dataset_id: string
  department_id: string
  steps: Step[]
  state: Static<typeof RecipeRunView>['state']
  rows: string | null
  rows_left: string | null
  rows_changed: string | null
  step_rows: number[] | null
  milliseconds: number | null
  problem: { zh: string; en: string } | null
  created_at: Date
  finished_at: Date | null
  undone_at: Date | null
  is_current: boolean
}

/** Where the table of a run lies, from the folder of data on. */
export const governedPath = (runId: string): string => join('lake', 'governed', `${runId}.parquet`)

/** The run whose table is the governed table of dataset `d`: the newest that is done and kept. */
export const CURRENT_RUN = (dataset: `${string}.dataset_id`) =>
  sql.raw(`(select c.id from recipe_run c where c.dataset_id = ${dataset} and c.state = 'done' and c.bytes is not null
    order by c.created_at desc, c.id desc limit 1)`)

const SELECT = sql`select r.*, r.id = ${CURRENT_RUN('r.dataset_id')} as is_current from recipe_run r`

async function viewsOf(db: Reader, actor: Person, rows: readonly RecipeRunRow[]) {
  const says = await stepSpeaker(
    db,
    actor,
    rows[0]?.dataset_id ?? randomUUID(),
    rows.flatMap((row) => row.steps),
  )
  return (row: RecipeRunRow): Static<typeof RecipeRunView> => ({
    id: row.id,
    number: row.number,
    recipeId: row.recipe_id,
    recipeVersion: row.recipe_version,
    state: row.state,
    current: row.is_current === true,
    rows: row.rows,
    left: row.rows_left,
    changed: row.rows_changed,
    steps: row.steps.map((step, at) => ({
      says: says(step),
      rows: row.step_rows === null ? null : String(row.step_rows[at]),
    })),
    milliseconds: row.milliseconds,
    problem: row.problem,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    undoneAt: row.undone_at?.toISOString() ?? null,
  })
}

async function runView(db: Reader, actor: Person, id: string): Promise<Static<typeof RecipeRunView>> {
  const row = await db.one<RecipeRunRow>(sql`${SELECT} where r.id = ${id} and ${qualitySees(actor, 'r.department_id')}`)
  return (await viewsOf(db, actor, [row]))(row)
}

/** Queues a run over all that has landed; one at a time for a recipe. */
export const startRecipeRunVerb = command<typeof startRecipeRun>({
  endpoint: startRecipeRun,
  audit: ({ params }, reply) => ({ objectKind: 'recipe_run', objectId: reply.id, detail: { recipe: params.id } }),
  async run({ db, actor, now, wake }, { params }) {
    const recipe = await findRecipe(db, actor, params.id)
    // The row is held, so that two who start at the same time do not both find it free.
    await db.one(sql`select 1 from recipe where id = ${recipe.id} for update`)
    const busy = await db.maybe(
      sql`select 1 from recipe_run where recipe_id = ${recipe.id} and state in ('queued', 'running')`,
    )
    if (busy) refuse('object.state', { detail: 'a run of this recipe is under way' })
    const { table } = await recipeScope(db, actor, recipe.dataset_id, recipe.steps)
    const isReady = (await lakeTable(db, table.channel_id)) !== null || (await isLakeBehind(db, [table.channel_id]))
    if (!isReady) refuse('quality.not_landed')
    const id = randomUUID()
    await db.run(sql`insert into recipe_run (id, number, jurisdiction, recipe_id, recipe_version, dataset_id, department_id, steps, state,
        requested_by, created_at)
      values (${id}, ${await nextNumber(db, 'QX', now)}, ${recipe.jurisdiction}, ${recipe.id}, ${recipe.version}, ${recipe.dataset_id},
        ${recipe.department_id}, ${JSON.stringify(recipe.steps)}, 'queued', ${actor.id}, ${now})`)
    await wake('job:run-recipes')
    return runView(db, actor, id)
  },
})

/** Runs of a recipe, newest first. */
export const listRecipeRunsVerb = query<typeof listRecipeRuns>({
  endpoint: listRecipeRuns,
  audit: null,
  async run({ db, actor }, { params, query: given }) {
    const at = pageAt(given, [INSTANT_KEY, UUID_KEY])
    await findRecipe(db, actor, params.id)
    const rows = await db.many<RecipeRunRow>(sql`${SELECT} where r.recipe_id = ${params.id}
      ${at.after ? sql`and (date_trunc('milliseconds', r.created_at), r.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', r.created_at) desc, r.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.created_at.toISOString(), row.id], await viewsOf(db, actor, rows))
  },
})

/** Takes back the newest run: the table of the run before it is the governed table again, or there is none. */
export const undoRecipeRunVerb = command<typeof undoRecipeRun>({
  endpoint: undoRecipeRun,
  audit: ({ params }, reply) => ({ objectKind: 'recipe_run', objectId: params.id, detail: { number: reply.number } }),
  async run({ db, actor, now, wake }, { params }) {
    const run = await runView(db, actor, params.id)
    if (!run.current) refuse('object.state', { detail: 'only the run that holds now can be undone' })
    const moved = await db.run(
      sql`update recipe_run set state = 'undone', undone_by = ${actor.id}, undone_at = ${now} where id = ${params.id} and state = 'done'`,
    )
    if (moved === 0) refuse('object.state')
    await wake('job:run-recipes')
    return runView(db, actor, params.id)
  },
})
