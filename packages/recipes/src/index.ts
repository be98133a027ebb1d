export { NARROW, SPACE_RE2, WIDE } from './characters.ts'
export { type ColumnOrigin, inputsOf, lineageOf, type RecipeLineage } from './lineage.ts'
export {
  CellTooLong,
  followRecipe,
  originsOf,
  planRecipe,
  type RecipePlan,
  recipeFaults,
  sayStep,
  STEPS_MAX,
} from './recipe.ts'
export { type Step, type StepInput, type StepNames, type StepScope, type StepType, type Way } from './step.ts'
export { STEP_TYPES } from './steps/index.ts'
