export { followRecipe, origins, planRecipe, type RecipePlan, recipeFaults, sayStep, STEPS_MAX } from './recipe.ts'
export { type Step, type StepNames, type StepScope, type StepType } from './step.ts'
export { STEP_TYPES } from './steps/index.ts'
