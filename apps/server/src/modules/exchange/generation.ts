import type { ApplyInput, ReadInput, SourceAccess } from '@huitong/contract/work'
import { keyIdOf } from '@huitong/segment'
import { sql } from 'kysely'
import { withPlatformSight, type Reader, type Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { queueWork, sourceAccess } from '../nodes/index.ts'
import type { ChannelRow } from './channel-view.ts'
import { activePlan, findGrantRow, signedGrant } from './grant-plan.ts'

export interface Context {
  readonly db: Writer
  readonly now: Date
  readonly services: Services
  wake(topic: string): Promise<void>
}

/** The parts of a channel from which its work is made. */
export type ChannelParts = Pick<
  ChannelRow,
  | 'id'
  | 'grant_id'
  | 'source_id'
  | 'target_id'
  | 'target_schema'
  | 'target_table'
  | 'columns'
  | 'key'
  | 'distribution_id'
>

interface Ends {
  source: SourceAccess
  sourceNode: NodeKeys
  target: SourceAccess
  targetNode: NodeKeys
  table: { schema: string; name: string }
  schemaHash: string
}
interface NodeKeys {
  id: string
  signing_key: Buffer | null
  sealing_key: Buffer | null
}

/** The table behind a distribution and its schema hash; the platform knows it, the consumer does not. */
export const mountedTable = (db: Reader, distributionId: string) =>
  withPlatformSight(db, (sight) =>
    sight.one<{ schema: string; name: string; hash: string }>(sql`select t.schema_name as schema, t.table_name as name,
      b.schema_hash as hash from distribution b join source_table t on t.id = b.table_id where b.id = ${distributionId}`),
  )

async function endsOf(db: Writer, channel: ChannelParts): Promise<Ends> {
  const source = await sourceAccess(db, channel.source_id)
  const target = await sourceAccess(db, channel.target_id)
  const node = (id: string) => db.one<NodeKeys>(sql`select id, signing_key, sealing_key from node where id = ${id}`)
  const mounted = await mountedTable(db, channel.distribution_id)
  return {
    source: source.access,
    sourceNode: await node(source.nodeId),
    target: target.access,
    targetNode: await node(target.nodeId),
    table: { schema: mounted.schema, name: mounted.name },
    schemaHash: mounted.hash,
  }
}

const keyRef = (raw: Buffer | null) => {
  const publicKey = raw?.toString('base64') ?? refuse('object.state', { detail: 'a node has not enrolled' })
  return { keyId: keyIdOf(publicKey), publicKey }
}

interface Send {
  readonly streamId: string
  readonly generation: number
  readonly kind: 'copy' | 'repair'
  readonly keys: string[][] | null
  readonly deleteKeys: string[][] | null
  readonly subject: { kind: 'channel' | 'reconciliation'; id: string }
  /** The apply work of the run so far, when only a new generation of the source begins. */
  readonly applyWorkId: string | null
}

/** Begins a generation of a stream: the provider's node reads and seals, the consumer's applies. */
export async function beginStream(context: Context, channel: ChannelParts, send: Send): Promise<void> {
  const { db, now } = context
  const grant = await findGrantRow(db, channel.grant_id)
  activePlan(grant, now)
  const ends = await endsOf(db, channel)
  const payload = send.kind === 'copy' ? 'rows' : 'changes'
  const readInput: ReadInput = {
    stream: send.streamId,
    generation: send.generation,
    source: ends.source,
    table: ends.table,
    columns: channel.columns,
    key: channel.key,
    grant: signedGrant(grant),
    schemaHash: ends.schemaHash,
    payload,
    keys: send.keys,
    recipients: [keyRef(context.services.keys.sealing.publicKey), keyRef(ends.targetNode.sealing_key)],
  }
  const work = { subjectKind: send.subject.kind, subjectId: send.subject.id }
  const readId = await queueWork(context, { nodeId: ends.sourceNode.id, kind: 'read', ...work, input: readInput })
  const applyId = send.applyWorkId ?? (await queueApply(context, channel, ends, send, payload))
  await db.run(sql`insert into stream (id, generation, channel_id, kind, read_work_id, apply_work_id, created_at)
    values (${send.streamId}, ${send.generation}, ${channel.id}, ${send.kind}, ${readId}, ${applyId}, ${now})`)
  await context.wake(`stream:${send.streamId}`)
}

function queueApply(
  context: Context,
  channel: ChannelParts,
  ends: Ends,
  send: Send,
  payload: 'rows' | 'changes',
): Promise<string> {
  const input: ApplyInput = {
    stream: send.streamId,
    target: ends.target,
    table: { schema: channel.target_schema, name: channel.target_table },
    columns: channel.columns,
    key: channel.key,
    payload,
    deleteKeys: send.deleteKeys,
    sealers: [keyRef(ends.sourceNode.signing_key)],
  }
  return queueWork(context, {
    nodeId: ends.targetNode.id,
    kind: 'apply',
    subjectKind: send.subject.kind,
    subjectId: send.subject.id,
    input,
  })
}
