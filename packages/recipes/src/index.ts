export { NARROW, SPACE_RE2, WIDE } from './characters.ts'
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
export { type Step, type StepNames, type StepScope, type StepType } from './step.ts'
export { STEP_TYPES } from './steps/index.ts'
