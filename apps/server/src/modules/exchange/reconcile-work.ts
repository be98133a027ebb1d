import type { ReconcileInput } from '@huitong/contract/work'
import { encodeBox, sealBox } from '@huitong/segment'
import { sql } from 'kysely'
import { queueWork, sourceAccess } from '../nodes/index.ts'
import type { ChannelParts, Context } from './generation.ts'
import { conventionOf, mountedTable } from './mounted-table.ts'
import { activePlan, findGrantRow, signedGrant } from './grant-plan.ts'

export const DIGEST_SECRET_INFO = 'huitong/digest-secret/v1'

/** Asks both nodes for their digests of a channel's rows: sums per bucket, or the rows of some buckets. */
export async function askBothEnds(
  context: Context,
  channel: ChannelParts & { digest_secret: Buffer },
  ask: {
    reconciliation: string
    buckets: number
    drill: number[] | null
    position: string | null
    snapshot?: string | null
  },
): Promise<{ sourceWorkId: string; targetWorkId: string }> {
  const { db, services } = context
  const grant = await findGrantRow(db, channel.grant_id)
  activePlan(grant, context)
  const secret = services.secrets.open(channel.digest_secret, `digest/${channel.id}`)
  const { schema, name, convention: mounted } = await mountedTable(db, channel.distribution_id)
  const convention = conventionOf(mounted)
  // At an exact position nothing is in flight.
  const since = ask.snapshot == null ? ask.position : null
  const changes = convention && { convention, since, lagSeconds: channel.lag_seconds }
  const side = async (which: 'source' | 'target') => {
    const { access, nodeId } = await sourceAccess(db, which === 'source' ? channel.source_id : channel.target_id)
    const { sealing_key } = await db.one<{ sealing_key: Buffer }>(
      sql`select sealing_key from node where id = ${nodeId}`,
    )
    const box = await sealBox(sealing_key.toString('base64'), secret, { info: DIGEST_SECRET_INFO })
    const input: ReconcileInput = {
      reconciliation: ask.reconciliation,
      side: which,
      source: access,
      table: which === 'source' ? { schema, name } : { schema: channel.target_schema, name: channel.target_table },
      columns: channel.columns,
      key: channel.key,
      grant: which === 'source' ? signedGrant(grant) : null,
      ...(which === 'source' && changes !== null ? { changes } : {}),
      ...(which === 'source' && ask.snapshot != null ? { snapshot: ask.snapshot } : {}),
      secret: encodeBox(box),
      buckets: ask.buckets,
      drill: ask.drill,
    }
    return queueWork(context, {
      nodeId,
      kind: 'reconcile',
      subjectKind: 'reconciliation',
      subjectId: ask.reconciliation,
      input,
    })
  }
  return { sourceWorkId: await side('source'), targetWorkId: await side('target') }
}
