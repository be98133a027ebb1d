import { listFiles } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { findChannel } from './channel-view.ts'

interface Row {
  stream_id: string
  generation: number
  sequence: number
  at: number
  path: string
  bytes: string
  digest: string
  announced_at: Date
  announced: string
  state: 'announced' | 'received' | 'verified' | 'rejected' | 'applied'
  applied_at: Date | null
}

const STATES = {
  announced: 'sent',
  received: 'received',
  verified: 'received',
  rejected: 'refused',
  applied: 'delivered',
} as const

/** Files that a channel has carried, newest first, each in the segment where it came to its end. */
export const listFilesVerb = query<typeof listFiles>({
  endpoint: listFiles,
  audit: null,
  async run({ db, actor }, { params, query: asked }) {
    await findChannel(db, actor, params.id)
    const at = pageAt(asked, 5)
    const [announced, stream, generation, sequence, place] = at.after ?? []
    const rows =
      await db.many<Row>(sql`select d.*, d.announced_at::text as announced, x.state, x.applied_at from file_delivery d
        join segment x on x.stream_id = d.stream_id and x.generation = d.generation and x.sequence = d.sequence
      where d.channel_id = ${params.id}
      ${
        at.after
          ? sql`and (d.announced_at, d.stream_id, d.generation, d.sequence, d.at)
              < (${announced}::timestamptz, ${stream}::uuid, ${generation}::int, ${sequence}::int, ${place}::int)`
          : sql``
      }
      order by d.announced_at desc, d.stream_id desc, d.generation desc, d.sequence desc, d.at desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.announced, row.stream_id, String(row.generation), String(row.sequence), String(row.at)],
      (row) => ({
        path: row.path,
        bytes: row.bytes,
        digest: row.digest,
        generation: row.generation,
        sequence: row.sequence,
        state: STATES[row.state],
        sentAt: row.announced_at.toISOString(),
        deliveredAt: row.applied_at?.toISOString() ?? null,
      }),
    )
  },
})
