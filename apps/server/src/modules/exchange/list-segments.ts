import { listSegments } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { findChannel } from './channel-view.ts'

interface Row {
  generation: number
  sequence: number
  rows: string
  plain_bytes: string
  sealed_bytes: string
  digest: string
  final: boolean
  state: 'received' | 'verified' | 'rejected' | 'applied'
  received_at: Date
  verified_at: Date | null
  applied_at: Date | null
}

/** Segments of a channel, newest first; a piece that is still on its way is not listed. */
export const listSegmentsVerb = query<typeof listSegments>({
  endpoint: listSegments,
  audit: null,
  async run({ db, actor }, input) {
    await findChannel(db, actor, input.params.id)
    const at = pageAt(input.query, 2)
    const rows =
      await db.many<Row>(sql`select * from segment where stream_id = ${input.params.id} and state <> 'announced'
      ${at.after ? sql`and (generation, sequence) < (${at.after[0]}::int, ${at.after[1]}::int)` : sql``}
      order by generation desc, sequence desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [String(row.generation), String(row.sequence)],
      (row) => ({
        generation: row.generation,
        sequence: row.sequence,
        rows: row.rows,
        plainBytes: row.plain_bytes,
        sealedBytes: row.sealed_bytes,
        digest: row.digest,
        final: row.final,
        state: row.state,
        receivedAt: row.received_at.toISOString(),
        verifiedAt: row.verified_at?.toISOString() ?? null,
        appliedAt: row.applied_at?.toISOString() ?? null,
      }),
    )
  },
})
