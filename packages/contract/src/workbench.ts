import { Type } from 'typebox'
import {
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

/** 分析工作台: questions in SQL over the tables of the resource centre that a department may read, masked where they are of people. */

/** What is asked, up to this many characters. */
export const QUESTION_MAX = 20_000
const Question = text(QUESTION_MAX, 1)

/** `collection`: as it was received (归集); `governed`: as the newest cleaning run left it (治理). */
const Layer = oneOf('collection', 'governed')
export const WorkbenchTable = exact({
  /** How a question names it: `layer.name`. */
  layer: Layer,
  name: Type.String(),
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  departmentName: LanguageMap(128),
  columns: Type.Array(
    exact({ name: Type.String(), label: LanguageMap(128), type: Type.String(), masked: Type.Boolean() }),
  ),
})
const QuestionFault = exact({ at: nullable(Type.Integer()), ...Bilingual.properties })
export const QuestionView = exact({
  id: Uuid,
  text: Type.String(),
  state: oneOf('queued', 'running', 'done', 'failed', 'stopping', 'stopped'),
  /** Tables that the text names. */
  tables: Type.Array(Type.String()),
  /** Why it failed, `at` the character of the text where this is known. */
  faults: Type.Array(QuestionFault),
  /** Rows that are kept for being shown; `more`: there were more. */
  rows: nullable(Type.Integer()),
  more: Type.Boolean(),
  /** The answer can be read: for a day, and as long as its tables may be asked. */
  kept: Type.Boolean(),
  milliseconds: nullable(Type.Integer()),
  createdAt: Instant,
  finishedAt: nullable(Instant),
})
const Answer = exact({
  columns: Type.Array(exact({ name: Type.String(), type: Type.String(), numeric: Type.Boolean() })),
  rows: Type.Array(Type.Array(nullable(Type.String()))),
})
/** How an answer is drawn: columns by their place. */
const Chart = exact({
  kind: oneOf('bar', 'line', 'pie'),
  x: Type.Integer({ minimum: 0, maximum: 199 }),
  y: Type.Array(Type.Integer({ minimum: 0, maximum: 199 }), { minItems: 1, maxItems: 8 }),
})
const SavedQuestion = exact({
  name: text(80, 1),
  text: Question,
  chart: nullable(Chart),
  /** Everybody of the department may open it, and asks it with their own rights. */
  shared: Type.Boolean(),
})
export const SavedQuestionView = exact({
  id: Uuid,
  ...SavedQuestion.properties,
  own: Type.Boolean(),
  by: Type.String(),
  version: Type.Integer(),
  updatedAt: Instant,
})

export const listWorkbenchTables = endpoint({
  id: 'centre.workbench_table.list',
  method: 'GET',
  path: '/api/v1/centre/workbench/tables',
  access: 'workbench.use',
  words: words('可分析的数据表', 'Tables that can be asked'),
  reply: exact({
    items: Type.Array(WorkbenchTable),
    /** There are more than are listed; these too can be asked by their names. */
    more: Type.Boolean(),
  }),
})
export const askQuestion = endpoint({
  id: 'centre.question.ask',
  method: 'POST',
  path: '/api/v1/centre/workbench/questions',
  access: 'workbench.use',
  words: words('执行查询', 'Ask a question in SQL'),
  body: exact({ text: Question }),
  reply: QuestionView,
  status: 201,
  errors: ['object.state'],
})
export const listQuestions = endpoint({
  id: 'centre.question.list',
  method: 'GET',
  path: '/api/v1/centre/workbench/questions',
  access: 'workbench.use',
  words: words('查询记录', 'Questions that were asked'),
  query: exact(PageQuery),
  reply: page(QuestionView),
})
export const readQuestion = endpoint({
  id: 'centre.question.read',
  method: 'GET',
  path: '/api/v1/centre/workbench/questions/:id',
  access: 'workbench.use',
  words: words('查询结果', 'A question and its answer'),
  params: IdParams,
  reply: exact({ question: QuestionView, answer: nullable(Answer) }),
  errors: ['object.not_found'],
})
export const stopQuestion = endpoint({
  id: 'centre.question.stop',
  method: 'POST',
  path: '/api/v1/centre/workbench/questions/:id/stop',
  access: 'workbench.use',
  words: words('停止查询', 'Stop a question'),
  params: IdParams,
  reply: QuestionView,
  errors: ['object.not_found', 'object.state'],
})
export const listSavedQuestions = endpoint({
  id: 'centre.saved_question.list',
  method: 'GET',
  path: '/api/v1/centre/workbench/saved',
  access: 'workbench.use',
  words: words('保存的查询', 'Saved questions'),
  query: exact(PageQuery),
  reply: page(SavedQuestionView),
})
export const saveQuestion = endpoint({
  id: 'centre.saved_question.create',
  method: 'POST',
  path: '/api/v1/centre/workbench/saved',
  access: 'workbench.use',
  words: words('保存查询', 'Save a question'),
  body: SavedQuestion,
  reply: SavedQuestionView,
  status: 201,
  errors: ['object.state'],
})
export const updateSavedQuestion = endpoint({
  id: 'centre.saved_question.update',
  method: 'PUT',
  path: '/api/v1/centre/workbench/saved/:id',
  access: 'workbench.use',
  words: words('修改保存的查询', 'Change a saved question'),
  params: IdParams,
  body: SavedQuestion,
  reply: SavedQuestionView,
  ifMatch: true,
  errors: ['object.not_found'],
})
export const deleteSavedQuestion = endpoint({
  id: 'centre.saved_question.delete',
  method: 'DELETE',
  path: '/api/v1/centre/workbench/saved/:id',
  access: 'workbench.use',
  words: words('删除保存的查询', 'Delete a saved question'),
  params: IdParams,
  reply: exact({ id: Uuid }),
  errors: ['object.not_found'],
})

export const workbenchEndpoints = [
  listWorkbenchTables,
  askQuestion,
  listQuestions,
  readQuestion,
  stopQuestion,
  listSavedQuestions,
  saveQuestion,
  updateSavedQuestion,
  deleteSavedQuestion,
] as const
