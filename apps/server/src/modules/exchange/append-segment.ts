import { appendSegment } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { Readable } from 'node:stream'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { command, type Command } from '../../kernel/verb.ts'
import { finishUpload, receive, refuseContent } from './receive-segment.ts'
import { sealingStream } from './stream-access.ts'

interface Row {
  stream_id: string
  generation: number
  sequence: number
  channel_id: string
  rows: string
  sealed_bytes: string
  receipt: string | null
}

/**
 * Takes bytes of an announced segment at an offset. With the last of them the content is verified against its digest,
 * stored durably, and acknowledged by a signed receipt; nothing is acknowledged before it is durable.
 */
export const appendSegmentVerb: Command = command<typeof appendSegment>({
  endpoint: appendSegment,
  audit: ({ params }, reply) => ({
    objectKind: 'segment',
    objectId: params.digest,
    detail: { received: reply.receipt !== null },
  }),
  async run({ db, actor, now, legalNow, services, emit, wake }, input) {
    const { digest } = input.params
    const row =
      await db.maybe<Row>(sql`select x.stream_id, x.generation, x.sequence, x.channel_id, x.rows, x.sealed_bytes, x.receipt
      from segment x join channel c on c.id = x.channel_id join data_source s on s.id = c.source_id
      where x.digest = ${digest} and s.node_id = ${actor.id}`)
    if (!row) refuse('object.not_found')
    if (row.receipt) return { offset: Number(row.sealed_bytes), receipt: row.receipt }
    // A grant that ended, or a generation that was given up, also ends what is on its way.
    await sealingStream(db, actor, row.stream_id, row.generation, { now, legalNow })
    const offset = await store(services, digest, Number(input.query.offset), input.bytes)
    if (offset < Number(row.sealed_bytes)) return { offset, receipt: null }
    const receipt = await receive({ db, now, services, emit, wake }, { ...row, digest })
    return { offset, receipt }
  },
})

async function store(services: Services, digest: string, offset: number, bytes: Buffer): Promise<number> {
  const state = await services.objects.append(digest, offset, Readable.from([bytes])).catch(refuseContent)
  if (state.offset === state.bytes) await finishUpload(services, digest)
  return state.offset
}
