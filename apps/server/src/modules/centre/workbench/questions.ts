import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReplyOf } from '@huitong/contract'
import { askQuestion, listQuestions, type QuestionView, readQuestion, stopQuestion } from '@huitong/contract/workbench'
import type { Mask } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader } from '../../../kernel/db.ts'
import { place, refuse } from '../../../kernel/errors.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../../kernel/paging.ts'
import { command, query } from '../../../kernel/verb.ts'
import { askableTables } from './tables.ts'

/** A table as a question keeps it: what its person could see of it when it was asked. */
export interface AskedTable {
  readonly layer: 'collection' | 'governed'
  readonly name: string
  readonly channelId: string
  readonly runId: string | null
  readonly key: readonly string[]
  readonly columns: readonly { name: string; mask: Mask | null }[]
}

export interface QuestionRow {
  id: string
  person_id: string
  text: string
  tables: AskedTable[]
  state: Static<typeof QuestionView>['state']
  faults: { at: number | null; zh: string; en: string }[]
  rows: number | null
  more: boolean
  bytes: string | null
  milliseconds: number | null
  created_at: Date
  finished_at: Date | null
}

/** Where the answer of a question lies, from the folder of data on. */
export const answerPath = (id: string): string => join('answers', `${id}.json`)

const fullName = (one: AskedTable): string => `${one.layer}.${one.name}`

const questionView = (row: QuestionRow): Static<typeof QuestionView> => ({
  id: row.id,
  text: row.text,
  state: row.state,
  tables: row.tables.map(fullName),
  faults: row.faults,
  rows: row.rows,
  more: row.more,
  kept: row.bytes !== null,
  milliseconds: row.milliseconds,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
})

/** Whether a text can mean a table: its name stands there as a whole word, however it is written. */
export function names(text: string, table: string): boolean {
  const folded = text.toLowerCase()
  const name = table.toLowerCase()
  const isOfWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_$]/u.test(character)
  for (let at = folded.indexOf(name); at !== -1; at = folded.indexOf(name, at + 1))
    if (!isOfWord(folded[at - 1]) && !isOfWord(folded[at + name.length])) return true
  return false
}

/** A question of one's own: nobody else reads what somebody asked. */
async function ownQuestion(db: Reader, actor: Person, id: string): Promise<QuestionRow> {
  const row = await db.maybe<QuestionRow>(sql`select * from question where id = ${id} and person_id = ${actor.id}`)
  return row ?? refuse('object.not_found')
}

/**
 * Queues a question. What its person may see of the tables that it names is fixed here; the engine judges the text. The text stays
 * with the question; the audit has its digest, for a text may name people.
 */
export const askQuestionVerb = command<typeof askQuestion>({
  endpoint: askQuestion,
  audit: ({ body }, reply) => ({
    objectKind: 'question',
    objectId: reply.id,
    detail: { tables: reply.tables, digest: createHash('sha256').update(body.text).digest('hex') },
  }),
  async run({ db, actor, services, now, legalNow, wake }, { body }) {
    // The engine need not hear of those that the text cannot mean.
    const named = (await askableTables(db, services, actor, { now, legalNow })).filter((one) =>
      names(body.text, one.name),
    )
    const tables = named.map(({ layer, name, channelId, runId, row, columns }): AskedTable => {
      const seen = columns.map((one) => ({ name: one.name, mask: one.mask }))
      return { layer, name, channelId, runId, key: row.key, columns: seen }
    })
    const id = randomUUID()
    const made =
      await db.run(sql`insert into question (id, jurisdiction, department_id, person_id, text, tables, state, created_at)
      values (${id}, ${actor.jurisdiction}, ${actor.departmentId}, ${actor.id}, ${body.text}, ${JSON.stringify(tables)}, 'queued', ${now})
      on conflict (person_id) where state in ('queued', 'running', 'stopping') do nothing`)
    if (made === 0)
      refuse('object.state', {
        places: [
          place('/text', '您的上一条查询还在执行，请等待或停止它', 'your last question is still being answered'),
        ],
      })
    await wake('job:answer-questions')
    return questionView(await ownQuestion(db, actor, id))
  },
})

/** What one has asked, newest first. */
export const listQuestionsVerb = query<typeof listQuestions>({
  endpoint: listQuestions,
  audit: null,
  async run({ db, actor }, { query: given }) {
    const at = pageAt(given, [INSTANT_KEY, UUID_KEY])
    const rows = await db.many<QuestionRow>(sql`select * from question where person_id = ${actor.id}
      ${at.after ? sql`and (date_trunc('milliseconds', created_at), id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', created_at) desc, id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.created_at.toISOString(), row.id], questionView)
  },
})

/** A question with its answer, as long as that is kept and the tables that it names may still be asked. */
export const readQuestionVerb = query<typeof readQuestion>({
  endpoint: readQuestion,
  audit: ({ params }, reply) =>
    reply.answer === null
      ? null
      : {
          objectKind: 'question',
          objectId: params.id,
          detail: { tables: reply.question.tables, rows: reply.question.rows },
        },
  async run({ db, actor, services, now, legalNow }, { params }) {
    const row = await ownQuestion(db, actor, params.id)
    if (row.bytes === null) return { question: questionView(row), answer: null }
    const askable = await askableTables(db, services, actor, { now, legalNow })
    const isGone = row.tables.some((one) => !askable.some((two) => two.channelId === one.channelId))
    if (isGone) return { question: questionView({ ...row, bytes: null }), answer: null }
    const place = join(services.settings.dataDir, answerPath(row.id))
    return async () => {
      const text = await readFile(place, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        return null
      })
      const answer = text === null ? null : (JSON.parse(text) as NonNullable<ReplyOf<typeof readQuestion>['answer']>)
      return { question: questionView({ ...row, bytes: answer === null ? null : row.bytes }), answer }
    }
  },
})

/** Asks a question to stop: one that waits is over at once, one that runs when the engine has let go. */
export const stopQuestionVerb = command<typeof stopQuestion>({
  endpoint: stopQuestion,
  audit: ({ params }, reply) => ({ objectKind: 'question', objectId: params.id, detail: { state: reply.state } }),
  async run({ db, actor, now }, { params }) {
    await ownQuestion(db, actor, params.id)
    const moved =
      await db.run(sql`update question set state = case state when 'queued' then 'stopped' else 'stopping' end,
      finished_at = case state when 'queued' then ${now}::timestamptz end where id = ${params.id} and state in ('queued', 'running')`)
    if (moved === 0) refuse('object.state')
    return questionView(await ownQuestion(db, actor, params.id))
  },
})
