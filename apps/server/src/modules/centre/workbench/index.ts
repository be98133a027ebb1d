import type { Verb } from '../../../kernel/verb.ts'
import { askQuestionVerb, listQuestionsVerb, readQuestionVerb, stopQuestionVerb } from './questions.ts'
import {
  deleteSavedQuestionVerb,
  listSavedQuestionsVerb,
  saveQuestionVerb,
  updateSavedQuestionVerb,
} from './saved-questions.ts'
import { listWorkbenchTablesVerb } from './tables.ts'

export { answerQuestionsJob } from './answer-questions.job.ts'

export const workbenchVerbs: readonly Verb[] = [
  listWorkbenchTablesVerb,
  askQuestionVerb,
  listQuestionsVerb,
  readQuestionVerb,
  stopQuestionVerb,
  listSavedQuestionsVerb,
  saveQuestionVerb,
  updateSavedQuestionVerb,
  deleteSavedQuestionVerb,
]
