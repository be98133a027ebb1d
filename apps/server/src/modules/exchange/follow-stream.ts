import { followStream } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { poll } from '../../kernel/verb.ts'
import { appliedSequence } from './log-position.ts'
import { sealingNodeStream } from './stream-access.ts'

/** A provider's node asks how far its stream was committed in the receiving table; waits until that has changed. */
export const followStreamVerb = poll<typeof followStream>({
  endpoint: followStream,
  on: 'query',
  topic: (_actor, { params }) => `applied:${params.id}`,
  waitSeconds: (input) => Number(input.query.waitSeconds ?? '0'),
  empty: ({ query }) => ({ generation: Number(query.generation), applied: Number(query.after), end: false }),
  async attempt({ db, actor, now, legalNow }, { params, query }) {
    const asked = Number(query.generation)
    const after = Number(query.after)
    const stream = await sealingNodeStream(db, actor, params.id, { now, legalNow })
    if (stream.generation !== asked) return { generation: stream.generation, applied: 0, end: false }
    const { ending } = await db.one<{ ending: boolean }>(
      sql`select ending from stream where id = ${params.id} and generation = ${asked}`,
    )
    const applied = await appliedSequence(db, params.id, asked)
    const isNews = applied > after || (ending && query.ending !== '1')
    return isNews ? { generation: asked, applied: Math.max(applied, after), end: ending } : null
  },
})
