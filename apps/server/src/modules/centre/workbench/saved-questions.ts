import { randomUUID } from 'node:crypto'
import {
  deleteSavedQuestion,
  listSavedQuestions,
  type SavedQuestionView,
  saveQuestion,
  updateSavedQuestion,
} from '@huitong/contract/workbench'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader } from '../../../kernel/db.ts'
import { place, refuse } from '../../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../../kernel/paging.ts'
import { command, query } from '../../../kernel/verb.ts'

type View = Static<typeof SavedQuestionView>
interface Row {
  id: string
  person_id: string
  by_name: string
  name: string
  text: string
  chart: View['chart']
  shared: boolean
  version: number
  updated_at: Date
}

const SAVED_MAX = 500

const viewOf =
  (actor: Person) =>
  (row: Row): View => ({
    id: row.id,
    name: row.name,
    text: row.text,
    chart: row.chart,
    shared: row.shared,
    own: row.person_id === actor.id,
    by: row.by_name,
    version: row.version,
    updatedAt: row.updated_at.toISOString(),
  })

/** Those of one's own, and those that others of the department share. */
const SEEN = (
  actor: Person,
) => sql`select q.*, p.name as by_name from saved_question q join person p on p.id = q.person_id
  where (q.person_id = ${actor.id} or (q.shared and q.department_id = ${actor.departmentId}))`

async function savedQuestion(db: Reader, actor: Person, id: string): Promise<View> {
  const row = await db.maybe<Row>(sql`${SEEN(actor)} and q.id = ${id}`)
  return row === null ? refuse('object.not_found') : viewOf(actor)(row)
}

const named = (id: string) => ({ objectKind: 'saved_question', objectId: id })

/** Saved questions, those changed last first. */
export const listSavedQuestionsVerb = query<typeof listSavedQuestions>({
  endpoint: listSavedQuestions,
  audit: null,
  async run({ db, actor }, { query: given }) {
    const at = pageAt(given, [INSTANT_KEY, UUID_KEY])
    const rows = await db.many<Row>(sql`${SEEN(actor)}
      ${at.after ? sql`and (date_trunc('milliseconds', q.updated_at), q.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', q.updated_at) desc, q.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.updated_at.toISOString(), row.id], viewOf(actor))
  },
})

export const saveQuestionVerb = command<typeof saveQuestion>({
  endpoint: saveQuestion,
  audit: (_input, reply) => ({ ...named(reply.id), detail: { shared: reply.shared } }),
  async run({ db, actor, now }, { body }) {
    const { count } = await db.one<{ count: number }>(
      sql`select count(*)::int as count from saved_question where person_id = ${actor.id}`,
    )
    if (count >= SAVED_MAX)
      refuse('object.state', {
        places: [place('/name', `最多保存 ${SAVED_MAX} 条，请先删除不用的`, `delete some of your ${SAVED_MAX} first`)],
      })
    const id = randomUUID()
    await db.run(sql`insert into saved_question (id, jurisdiction, department_id, person_id, name, text, chart, shared, created_at, updated_at)
      values (${id}, ${actor.jurisdiction}, ${actor.departmentId}, ${actor.id}, ${body.name}, ${body.text},
        ${body.chart && JSON.stringify(body.chart)}, ${body.shared}, ${now}, ${now})`)
    return savedQuestion(db, actor, id)
  },
})

export const updateSavedQuestionVerb = command<typeof updateSavedQuestion>({
  endpoint: updateSavedQuestion,
  audit: ({ params }, reply) => ({ ...named(params.id), detail: { version: reply.version, shared: reply.shared } }),
  async run({ db, actor, now }, { params, body, match }) {
    if (!(await savedQuestion(db, actor, params.id)).own) refuse('object.not_found')
    const written = await db.run(sql`update saved_question set name = ${body.name}, text = ${body.text},
      chart = ${body.chart && JSON.stringify(body.chart)}, shared = ${body.shared}, version = version + 1, updated_at = ${now}
      where id = ${params.id} and version = ${match}`)
    if (written === 0) refuse('object.changed')
    return savedQuestion(db, actor, params.id)
  },
})

export const deleteSavedQuestionVerb = command<typeof deleteSavedQuestion>({
  endpoint: deleteSavedQuestion,
  audit: ({ params }) => named(params.id),
  async run({ db, actor }, { params }) {
    const gone = await db.run(sql`delete from saved_question where id = ${params.id} and person_id = ${actor.id}`)
    if (gone === 0) refuse('object.not_found')
    return { id: params.id }
  },
})
