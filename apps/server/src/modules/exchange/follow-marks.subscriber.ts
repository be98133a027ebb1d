import { type MarkInput, MarkResult } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import { subscriber } from '../../kernel/subscribers.ts'
import type { Problem } from './fail-stream.ts'
import { LOOK_AGAIN_MS } from './mark-front-tables.job.ts'

interface Ordered {
  state: 'done' | 'failed'
  input: MarkInput
  result: unknown
  problem: Problem | null
  distribution_id: string
  dataset_id: string
}

const MALFORMED: Problem = {
  code: 'request.invalid',
  message: { zh: '节点返回的结果不符合约定', en: 'The node sent a malformed result' },
}

/** Keeps what a node has marked and cleaned in a push table, or what kept it from doing so. */
export const followMarks = subscriber<'work.finished'>({
  name: 'exchange_marks',
  on: ['work.finished'],
  async handle({ db, now, wake }, { payload }) {
    if (payload.kind !== 'mark') return null
    const work =
      await db.maybe<Ordered>(sql`select w.state, w.input, w.result, w.problem, f.distribution_id, b.dataset_id
      from node_work w join front_table f on f.work_id = w.id join distribution b on b.id = f.distribution_id
      where w.id = ${payload.workId} for update of f`)
    if (work === null) return null
    const { result, input } = work
    const at = { objectKind: 'dataset', objectId: work.dataset_id }
    if (work.state === 'failed' || !Check(MarkResult, result)) {
      const { code, message } = work.problem ?? MALFORMED
      await db.run(sql`update front_table set work_id = null, next_at = ${new Date(now.getTime() + LOOK_AGAIN_MS)},
        problem = ${JSON.stringify({ code, message, at: now.toISOString() })} where distribution_id = ${work.distribution_id}`)
      return { ...at, detail: { frontTable: input.table.name, state: 'failed', code } }
    }
    const { list, clean } = input
    if (list !== null)
      await db.run(sql`update channel set taken = taken || '{"marked": true}'
        where id = ${list.channel} and taken->>'stream' = ${list.stream} and taken->'generation' = ${String(list.generation)}::jsonb`)
    await db.run(sql`update front_table set work_id = null, problem = null, looked_at = ${now}, in_table = ${JSON.stringify(result.inTable)},
      marked_at = case when ${result.marked !== '0'} then ${now} else marked_at end,
      cleaned_at = case when ${clean !== null} then ${now} else cleaned_at end,
      cleaned = cleaned + ${result.cleaned}::numeric,
      next_at = case when ${list !== null} then ${now} else next_at end where distribution_id = ${work.distribution_id}`)
    if (list !== null) await wake('job:mark-front-tables')
    if (result.marked === '0' && result.cleaned === '0') return null
    return { ...at, detail: { frontTable: input.table.name, marked: result.marked, cleaned: result.cleaned } }
  },
})
