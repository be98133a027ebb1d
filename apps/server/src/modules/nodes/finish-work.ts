import { finishWork } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import type { WorkKind } from './work.ts'

interface Row {
  kind: WorkKind
  subject_kind: string
  subject_id: string
  state: string
  fence: string
}

/** A node ends its work. A repeated report of the same end is harmless; a stale fence is refused. */
export const finishWorkVerb = command<typeof finishWork>({
  endpoint: finishWork,
  audit: ({ params, body }) => ({
    objectKind: 'node_work',
    objectId: params.id,
    detail: { state: body.state, problem: body.problem?.code ?? null },
  }),
  async run({ db, actor, now, emit }, { params, body }) {
    const work = await db.one<Row>(sql`select kind, subject_kind, subject_id, state, fence from node_work
      where id = ${params.id} and node_id = ${actor.id} for update`)
    if (work.fence !== body.fence) refuse('node.fenced')
    if (work.state === body.state) return {}
    if (work.state !== 'leased') refuse('object.state', { detail: work.state })
    await db.run(sql`update node_work set state = ${body.state}, result = ${JSON.stringify(body.result ?? null)},
      problem = ${body.problem ? JSON.stringify(body.problem) : null}, finished_at = ${now} where id = ${params.id}`)
    await emit('work.finished', {
      workId: params.id,
      kind: work.kind,
      subjectKind: work.subject_kind,
      subjectId: work.subject_id,
      state: body.state,
    })
    return {}
  },
})
