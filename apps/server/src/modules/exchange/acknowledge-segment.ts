import { acknowledgeSegment } from '@huitong/contract/exchange'
import { SegmentError, verifyReceipt, type Receipt, type SignedReceipt } from '@huitong/segment'
import { sql } from 'kysely'
import type { NodeActor } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'

/** A consumer's node acknowledges that a segment is committed in its target. A repeated receipt is harmless. */
export const acknowledgeSegmentVerb = command<typeof acknowledgeSegment>({
  endpoint: acknowledgeSegment,
  audit: (input) => {
    const { receipt } = JSON.parse(input.body.receipt) as { receipt: Receipt }
    return { objectKind: 'segment', objectId: receipt.sealedDigest, detail: { rows: receipt.rows, applied: true } }
  },
  async run({ db, actor, now, services, wake }, { body }) {
    const { receipt } = await verified(db, actor, body.receipt)
    if (receipt.hop !== 'consumer') refuse('segment.signature', { detail: `hop ${receipt.hop}` })
    const row = await db.maybe<{
      digest: string
      rows: string
      state: string
    }>(sql`select x.digest, x.rows, x.state from segment x
      join channel c on c.id = x.channel_id join data_source t on t.id = c.target_id
      where x.stream_id = ${receipt.channel} and x.generation = ${receipt.generation} and x.sequence = ${receipt.sequence} and t.node_id = ${actor.id}`)
    if (!row) refuse('object.not_found')
    if (row.digest !== receipt.sealedDigest || row.rows !== receipt.rows)
      refuse('segment.signature', { detail: 'receipt of other content' })
    if (row.state !== 'verified' && row.state !== 'applied') refuse('object.state', { detail: row.state })
    await db.run(sql`update segment set state = 'applied', applied_at = coalesce(applied_at, ${now}),
        consumer_receipt = coalesce(consumer_receipt, ${body.receipt})
      where stream_id = ${receipt.channel} and generation = ${receipt.generation} and sequence = ${receipt.sequence} and state in ('verified', 'applied')`)
    await wake(`applied:${receipt.channel}`)
    services.metrics.segments.inc({ step: 'applied' })
    return {}
  },
})

async function verified(db: Reader, actor: NodeActor, text: string): Promise<SignedReceipt> {
  const { signing_key } = await db.one<{ signing_key: Buffer }>(
    sql`select signing_key from node where id = ${actor.id}`,
  )
  try {
    return verifyReceipt(Buffer.from(text), (keyId) => (keyId === actor.keyId ? signing_key.toString('base64') : null))
  } catch (error) {
    if (error instanceof SegmentError) refuse('segment.signature', { detail: error.message })
    throw error
  }
}
