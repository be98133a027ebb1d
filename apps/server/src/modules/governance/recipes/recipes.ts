import { randomUUID } from 'node:crypto'
import {
  createRecipe,
  listRecipes,
  listRecipeVersions,
  listStepKinds,
  readRecipe,
  type RecipeView,
  updateRecipe,
} from '@huitong/contract/recipes'
import { STEP_TYPES, type Step } from '@huitong/recipes'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader, Writer } from '../../../kernel/db.ts'
import { refuse } from '../../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../../kernel/paging.ts'
import { command, query } from '../../../kernel/verb.ts'
import { DATASET_NAME, qualitySees, type Names } from '../sees.ts'
import { recipeScope, requireGood, stepSpeaker, type Example } from './recipe-scope.ts'

export interface RecipeRow {
  id: string
  jurisdiction: string
  dataset_id: string
  dataset_name: Names
  department_id: string
  department_name: Names
  steps: Step[]
  examples: Example[]
  updated_at: Date
  version: number
}

export const SELECT_RECIPE =
  sql.raw(`select r.id, r.jurisdiction, r.dataset_id, ${DATASET_NAME} as dataset_name, r.department_id,
    d.name as department_name, r.steps, r.examples, date_trunc('milliseconds', r.updated_at) as updated_at, r.version
  from recipe r join dataset x on x.id = r.dataset_id join department d on d.id = r.department_id`)

const viewOf = (row: RecipeRow): Static<typeof RecipeView> => ({
  id: row.id,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name,
  departmentName: row.department_name,
  stepCount: row.steps.length,
  version: row.version,
  updatedAt: row.updated_at.toISOString(),
})

export const findRecipe = (db: Reader, actor: Person, id: string): Promise<RecipeRow> =>
  db.one<RecipeRow>(sql`${SELECT_RECIPE} where r.id = ${id} and ${qualitySees(actor, 'r.department_id')}`)

async function detailOf(db: Reader, actor: Person, id: string) {
  const row = await findRecipe(db, actor, id)
  const says = await stepSpeaker(db, actor, row.dataset_id, row.steps)
  const steps = row.steps.map(({ kind, parameters }) => ({ kind, parameters: { ...parameters } }))
  return { ...viewOf(row), steps, examples: row.examples.map(exampleOf), says: steps.map(says) }
}

const exampleOf = ({ given, made }: Example) => ({ given: { ...given }, made: made === null ? null : { ...made } })

/** The kinds of steps that recipes may have, with the schema of their parameters. */
export const listStepKindsVerb = query<typeof listStepKinds>({
  endpoint: listStepKinds,
  audit: null,
  run: async () => ({
    items: [...STEP_TYPES.values()].map(({ kind, words, parameters }) => ({ kind, words: { ...words }, parameters })),
  }),
})

/** Recipes that the viewer may see, the newest first. */
export const listRecipesVerb = query<typeof listRecipes>({
  endpoint: listRecipes,
  audit: null,
  async run({ db, actor }, { query: given }) {
    const at = pageAt(given, [INSTANT_KEY, UUID_KEY])
    const rows = await db.many<RecipeRow>(sql`${SELECT_RECIPE} where ${qualitySees(actor, 'r.department_id')}
      ${given.datasetId ? sql`and r.dataset_id = ${given.datasetId}` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', r.updated_at), r.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', r.updated_at) desc, r.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.updated_at.toISOString(), row.id], viewOf)
  },
})

export const readRecipeVerb = query<typeof readRecipe>({
  endpoint: readRecipe,
  audit: null,
  run: ({ db, actor }, { params }) => detailOf(db, actor, params.id),
})

/** Gives a landed dataset its recipe; its steps are checked against the columns, its examples are tried. */
export const createRecipeVerb = command<typeof createRecipe>({
  endpoint: createRecipe,
  audit: ({ body }, reply) => ({
    objectKind: 'recipe',
    objectId: reply.id,
    detail: { dataset: body.datasetId, steps: body.steps.length },
  }),
  async run({ db, actor, now }, { body }) {
    await db.one(
      sql`select 1 from dataset x where x.id = ${body.datasetId} and ${qualitySees(actor, 'x.department_id')}`,
    )
    const found = await recipeScope(db, actor, body.datasetId, body.steps)
    requireGood(body.steps, found, body.examples)
    const id = randomUUID()
    const { jurisdiction, provider_department_id } = found.table
    await db.run(sql`insert into recipe (id, jurisdiction, dataset_id, department_id, steps, examples, updated_by, updated_at)
      values (${id}, ${jurisdiction}, ${body.datasetId}, ${provider_department_id}, ${JSON.stringify(body.steps)},
        ${JSON.stringify(body.examples)}, ${actor.id}, ${now})`)
    await keepVersion(db, id)
    return detailOf(db, actor, id)
  },
})

/** Changes a recipe; runs that were made keep the steps that they were made with. */
export const updateRecipeVerb = command<typeof updateRecipe>({
  endpoint: updateRecipe,
  audit: ({ params, body }, reply) => ({
    objectKind: 'recipe',
    objectId: params.id,
    detail: { steps: body.steps.length, version: reply.version },
  }),
  async run({ db, actor, now }, { params, body, match }) {
    const { dataset_id } = await findRecipe(db, actor, params.id)
    requireGood(body.steps, await recipeScope(db, actor, dataset_id, body.steps), body.examples)
    const moved =
      await db.run(sql`update recipe set steps = ${JSON.stringify(body.steps)}, examples = ${JSON.stringify(body.examples)},
      updated_by = ${actor.id}, updated_at = ${now}, version = version + 1 where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await keepVersion(db, params.id)
    return detailOf(db, actor, params.id)
  },
})

const keepVersion = (db: Writer, id: string): Promise<number> =>
  db.run(sql`insert into recipe_version (recipe_id, version, steps, examples, by_person, at)
    select id, version, steps, examples, updated_by, updated_at from recipe where id = ${id}`)

interface VersionRow {
  version: number
  at: Date
  by: string
  steps: Step[]
  examples: Example[]
  runs: number
}

/** The versions of a recipe, newest first; taking one back is to keep its steps as a new version. */
export const listRecipeVersionsVerb = query<typeof listRecipeVersions>({
  endpoint: listRecipeVersions,
  audit: null,
  async run({ db, actor }, { params, query: given }) {
    const at = pageAt(given, [/^\d{1,9}$/])
    await findRecipe(db, actor, params.id)
    const rows = await db.many<VersionRow>(sql`select v.version, v.at, p.name as by, v.steps, v.examples,
        (select count(*) from recipe_run n where n.recipe_id = v.recipe_id and n.recipe_version = v.version)::int as runs
      from recipe_version v join person p on p.id = v.by_person where v.recipe_id = ${params.id}
        ${at.after ? sql`and v.version < ${at.after[0]}::int` : sql``} order by v.version desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [String(row.version)],
      (row) => ({
        ...row,
        at: row.at.toISOString(),
        steps: row.steps.map(({ kind, parameters }) => ({ kind, parameters: { ...parameters } })),
        examples: row.examples.map(exampleOf),
      }),
    )
  },
})
