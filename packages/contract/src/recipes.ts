import { Type } from 'typebox'
import {
  BigInteger,
  Bilingual,
  exact,
  IdParams,
  Instant,
  LanguageMap,
  nullable,
  oneOf,
  page,
  PageQuery,
  text,
  Uuid,
} from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** 清洗 recipes: typed steps over a landed dataset, their preview, versions and runs into the governed layer (治理层). */

const Step = exact({
  kind: Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }),
  parameters: Type.Record(Type.String(), Type.Unknown()),
})
const Cells = Type.Record(Type.String({ maxLength: 63 }), nullable(text(2000)))
/** A row that was typed in, and what must become of it; `made` null: it must be taken away. Tested whenever the recipe is kept. */
const Example = exact({ given: Cells, made: nullable(Cells) })
const Recipe = exact({
  steps: Type.Array(Step, { minItems: 1, maxItems: 60 }),
  examples: Type.Array(Example, { maxItems: 50 }),
})
export const RecipeView = exact({
  id: Uuid,
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  departmentName: LanguageMap(128),
  stepCount: Type.Integer(),
  version: Type.Integer(),
  updatedAt: Instant,
})
export const RecipeRunView = exact({
  id: Uuid,
  number: Type.String(),
  recipeId: Uuid,
  recipeVersion: Type.Integer(),
  state: oneOf('queued', 'running', 'done', 'failed', 'undone'),
  /** The table of this run is the governed table of the dataset now. */
  current: Type.Boolean(),
  rows: nullable(BigInteger),
  left: nullable(BigInteger),
  changed: nullable(BigInteger),
  /** For each step what it does, and how many of the rows that are left it changed, or how many rows it took away. */
  steps: Type.Array(exact({ says: Bilingual, rows: nullable(BigInteger) })),
  milliseconds: nullable(Type.Integer()),
  problem: nullable(Bilingual),
  createdAt: Instant,
  finishedAt: nullable(Instant),
  undoneAt: nullable(Instant),
})
const RecipeDetail = exact({
  ...RecipeView.properties,
  ...Recipe.properties,
  says: Type.Array(Bilingual),
})
const errors = ['object.not_found', 'request.invalid', 'recipe.invalid', 'quality.not_landed'] as const

export const listStepKinds = endpoint({
  id: 'governance.step_kind.list',
  method: 'GET',
  path: '/api/v1/quality/step-kinds',
  access: 'quality.read',
  words: words('清洗步骤类型', 'Kinds of cleaning steps'),
  reply: exact({
    items: Type.Array(
      exact({
        kind: Type.String(),
        words: Bilingual,
        /** JSON Schema of the parameters. */
        parameters: Type.Unknown(),
      }),
    ),
  }),
})
export const listRecipes = endpoint({
  id: 'governance.recipe.list',
  method: 'GET',
  path: '/api/v1/quality/recipes',
  access: 'quality.read',
  words: words('清洗方案列表', 'List cleaning recipes'),
  query: exact({ ...PageQuery, datasetId: Type.Optional(Uuid) }),
  reply: page(RecipeView),
})
export const readRecipe = endpoint({
  id: 'governance.recipe.read',
  method: 'GET',
  path: '/api/v1/quality/recipes/:id',
  access: 'quality.read',
  words: words('清洗方案', 'Read a cleaning recipe'),
  params: IdParams,
  reply: RecipeDetail,
})
export const createRecipe = endpoint({
  id: 'governance.recipe.create',
  method: 'POST',
  path: '/api/v1/quality/recipes',
  access: 'quality.manage',
  words: words('建立清洗方案', 'Create a cleaning recipe'),
  body: exact({ datasetId: Uuid, ...Recipe.properties }),
  reply: RecipeDetail,
  status: 201,
  errors: [...errors, 'object.exists'],
})
export const updateRecipe = endpoint({
  id: 'governance.recipe.update',
  method: 'PUT',
  path: '/api/v1/quality/recipes/:id',
  access: 'quality.manage',
  words: words('修改清洗方案', 'Change a cleaning recipe'),
  params: IdParams,
  body: Recipe,
  reply: RecipeDetail,
  ifMatch: true,
  errors,
})
export const listRecipeVersions = endpoint({
  id: 'governance.recipe_version.list',
  method: 'GET',
  path: '/api/v1/quality/recipes/:id/versions',
  access: 'quality.read',
  words: words('清洗方案版本', 'Versions of a cleaning recipe'),
  params: IdParams,
  query: exact(PageQuery),
  reply: page(
    exact({
      version: Type.Integer(),
      at: Instant,
      by: Type.String(),
      ...Recipe.properties,
      /** Runs that were made by it. */
      runs: Type.Integer(),
    }),
  ),
})
export const previewRecipe = endpoint({
  id: 'governance.recipe.preview',
  method: 'POST',
  path: '/api/v1/quality/datasets/:id/recipe-preview',
  access: 'quality.manage',
  words: words('预览清洗效果', 'Preview a cleaning recipe'),
  params: IdParams,
  body: exact({ steps: Recipe.properties.steps }),
  reply: exact({
    /** Rows that were looked at: all, or some of a large table. */
    rows: Type.Integer(),
    /** Counts are null where the sample is hidden. */
    left: nullable(Type.Integer()),
    changed: nullable(Type.Integer()),
    steps: Type.Array(exact({ says: Bilingual, rows: nullable(Type.Integer()) })),
    columns: Type.Array(
      exact({ column: Type.String(), name: LanguageMap(128), masked: Type.Boolean(), made: Type.Boolean() }),
    ),
    /**
     * Rows before and after, values in the order of the columns; `after` null: taken away. Empty where the recipe reads values
     * that the viewer sees masked: which rows it changes, and how many, would spell them out.
     */
    sample: Type.Array(
      exact({
        before: Type.Array(nullable(Type.String())),
        after: nullable(Type.Array(nullable(Type.String()))),
        steps: Type.Array(Type.Integer()),
      }),
    ),
    sampleHidden: Type.Boolean(),
  }),
  errors: [...errors, 'quality.engine'],
})
export const groupValues = endpoint({
  id: 'governance.value_group.list',
  method: 'POST',
  path: '/api/v1/quality/datasets/:id/value-groups',
  access: 'quality.manage',
  words: words('字段取值与相近写法', 'Values of a column, and those that are probably one'),
  params: IdParams,
  body: exact({ column: text(63, 1) }),
  reply: exact({
    rows: Type.Integer(),
    distinct: Type.Integer(),
    /** The viewer sees the values of this column masked: none are listed. */
    hidden: Type.Boolean(),
    /** So many different values that they were not compared. */
    tooMany: Type.Boolean(),
    values: Type.Array(exact({ value: nullable(Type.String()), rows: Type.Integer() })),
    groups: Type.Array(exact({ values: Type.Array(exact({ value: Type.String(), rows: Type.Integer() })) })),
  }),
  errors: ['object.not_found', 'request.invalid', 'quality.not_landed', 'quality.engine'],
})
export const startRecipeRun = endpoint({
  id: 'governance.recipe_run.start',
  method: 'POST',
  path: '/api/v1/quality/recipes/:id/runs',
  access: 'quality.manage',
  words: words('执行清洗', 'Run a cleaning recipe'),
  params: IdParams,
  reply: RecipeRunView,
  status: 201,
  errors: ['object.not_found', 'object.state', 'quality.not_landed'],
})
export const listRecipeRuns = endpoint({
  id: 'governance.recipe_run.list',
  method: 'GET',
  path: '/api/v1/quality/recipes/:id/runs',
  access: 'quality.read',
  words: words('清洗记录', 'Runs of a cleaning recipe'),
  params: IdParams,
  query: exact(PageQuery),
  reply: page(RecipeRunView),
})
export const undoRecipeRun = endpoint({
  id: 'governance.recipe_run.undo',
  method: 'POST',
  path: '/api/v1/quality/recipe-runs/:id/undo',
  access: 'quality.manage',
  words: words('撤销清洗', 'Undo a cleaning run'),
  params: IdParams,
  reply: RecipeRunView,
  errors: ['object.not_found', 'object.state'],
})

export const recipeEndpoints = [
  listStepKinds,
  listRecipes,
  readRecipe,
  createRecipe,
  updateRecipe,
  listRecipeVersions,
  previewRecipe,
  groupValues,
  startRecipeRun,
  listRecipeRuns,
  undoRecipeRun,
] as const
