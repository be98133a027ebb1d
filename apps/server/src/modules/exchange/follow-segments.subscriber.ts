import type { ChangeCursor } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Refusal } from '../../kernel/errors.ts'
import { subscriber } from '../../kernel/subscribers.ts'
import { sendOf } from './begin-increment.ts'
import { failStream } from './fail-stream.ts'
import { beginApply, type ChannelParts } from './generation.ts'

interface Row {
  generation: number
  apply_work_id: string | null
  from_cursor: ChangeCursor
}

/** With the first verified segment of an increment its applying begins; an increment that found nothing needs none. */
export const followSegments = subscriber<'segment.verified'>({
  name: 'increment_work',
  on: ['segment.verified'],
  async handle(context, { payload }) {
    const { db } = context
    const stream = await db.maybe<Row>(sql`select s.generation, s.apply_work_id, i.from_cursor from stream s
      join increment i on i.id = s.id and i.state = 'running'
      where s.id = ${payload.streamId} and not s.abandoned order by s.generation desc limit 1 for update of s`)
    if (!stream || stream.apply_work_id !== null) return null
    const channel = await db.one<ChannelParts>(sql`select * from channel where id = ${payload.channelId}`)
    try {
      const send = sendOf(channel.id, payload.streamId, stream.generation, stream.from_cursor)
      const work = await beginApply(context, channel, send)
      await db.run(sql`update stream set apply_work_id = ${work} where id = ${payload.streamId} and not abandoned`)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'grant.inactive') throw error
      const message = { zh: '授权已失效，未能继续', en: 'The grant has ended; it cannot go on' }
      await failStream(context, payload.streamId, { code: error.code, message })
    }
    return null
  },
})
