import { pullSegments } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { poll } from '../../kernel/verb.ts'
import { applyingStream } from './stream-access.ts'

const AT_ONCE_MAX = 8

/** A consumer's node asks for the next verified segments, in order; waits until there are some or the generation changed. */
export const pullSegmentsVerb = poll<typeof pullSegments>({
  endpoint: pullSegments,
  on: 'query',
  topic: (_actor, { params }) => `stream:${params.id}`,
  waitSeconds: (input) => Number(input.query.waitSeconds ?? '0'),
  empty: (input) => ({ generation: Number(input.query.generation), segments: [] }),
  async attempt({ db, actor, now, legalNow }, input) {
    const asked = Number(input.query.generation)
    const stream = await applyingStream(db, actor, input.params.id, { now, legalNow })
    if (stream.generation !== asked) return { generation: stream.generation, segments: [] }
    const rows = await db.many<{ sequence: number; digest: string; manifest: string }>(sql`
      select sequence, digest, manifest from segment x
      where stream_id = ${stream.id} and generation = ${asked} and sequence > ${Number(input.query.after)}
        and state in ('verified', 'applied')
        and not exists (select from segment e where e.stream_id = x.stream_id and e.generation = x.generation
          and e.sequence < x.sequence and e.sequence > ${Number(input.query.after)} and e.state not in ('verified', 'applied'))
      order by sequence limit ${AT_ONCE_MAX}`)
    return rows.length === 0 ? null : { generation: asked, segments: rows }
  },
})
