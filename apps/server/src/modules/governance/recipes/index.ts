import type { Verb } from '../../../kernel/verb.ts'
import { groupValuesVerb, previewRecipeVerb } from './preview-recipe.ts'
import { listRecipeRunsVerb, startRecipeRunVerb, undoRecipeRunVerb } from './recipe-runs.ts'
import {
  createRecipeVerb,
  listRecipesVerb,
  listRecipeVersionsVerb,
  listStepKindsVerb,
  readRecipeVerb,
  updateRecipeVerb,
} from './recipes.ts'

export { type GovernedTable, governedTables } from './governed-tables.ts'
export { governedPath } from './recipe-runs.ts'
export { runRecipesJob } from './run-recipes.job.ts'

export const recipeVerbs: readonly Verb[] = [
  listStepKindsVerb,
  listRecipesVerb,
  readRecipeVerb,
  createRecipeVerb,
  updateRecipeVerb,
  listRecipeVersionsVerb,
  previewRecipeVerb,
  groupValuesVerb,
  startRecipeRunVerb,
  listRecipeRunsVerb,
  undoRecipeRunVerb,
]
