import type { ApplyInput, ChangeCursor, Convention, ReadInput, SourceAccess } from '@huitong/contract/work'
import { keyIdOf } from '@huitong/segment'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { queueWork, requeueWork, sourceAccess } from '../nodes/index.ts'
import type { ChannelRow } from './channel-view.ts'
import { shapeOf, type Shape } from './drift.ts'
import { FOLDER_CONVENTION } from './file-columns.ts'
import { activePlan, findGrantRow, signedGrant } from './grant-plan.ts'
import { markOf } from './front-marks.ts'
import { conventionOf, mountedTable } from './mounted-table.ts'

export interface Context {
  readonly db: Writer
  readonly now: Date
  readonly legalNow: Date
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
  | 'lag_seconds'
  | 'mode'
  | 'mounted'
  | 'drift_policy'
>

export interface Ends {
  source: SourceAccess
  sourceNode: NodeKeys
  target: SourceAccess
  targetNode: NodeKeys
  table: { schema: string; name: string }
  /** What the table must look like. */
  shape: Shape
  convention: Convention | null
}
interface NodeKeys {
  id: string
  signing_key: Buffer | null
  sealing_key: Buffer | null
}

/** What both ends of a channel are, for the work that they get. */
export async function endsOf(db: Writer, channel: ChannelParts): Promise<Ends> {
  const source = await sourceAccess(db, channel.source_id)
  const target = await sourceAccess(db, channel.target_id)
  const node = (id: string) => db.one<NodeKeys>(sql`select id, signing_key, sealing_key from node where id = ${id}`)
  const mounted = await mountedTable(db, channel.distribution_id)
  const convention = channel.mode === 'files' ? FOLDER_CONVENTION : conventionOf(mounted.convention)
  return {
    source: source.access,
    sourceNode: await node(source.nodeId),
    target: target.access,
    targetNode: await node(target.nodeId),
    table: { schema: mounted.schema, name: mounted.name },
    shape: withTypes(shapeOf(channel, { hash: mounted.hash, convention }), channel.mounted, source.access),
    convention,
  }
}

/** Where bad records of a file are set aside, they are told by the types that were agreed. */
function withTypes(shape: Shape, mounted: ChannelParts['mounted'], source: SourceAccess): Shape {
  if (mounted === null || source.settings['badRecords'] !== 'aside') return shape
  return { ...shape, schemaTypes: Object.fromEntries(mounted.fields.map(({ name, type }) => [name, type])) }
}

/** A node's or the platform's key, by its id. */
export const keyRef = (raw: Buffer | null) => {
  const publicKey = raw?.toString('base64') ?? refuse('object.state', { detail: 'a node has not enrolled' })
  return { keyId: keyIdOf(publicKey), publicKey }
}

interface Send {
  readonly streamId: string
  readonly generation: number
  readonly kind: 'copy' | 'changes' | 'repair'
  readonly keys: string[][] | null
  readonly deleteKeys: string[][] | null
  readonly subject: { kind: 'channel' | 'reconciliation'; id: string }
  /** The apply work of the run so far, when only a new generation of the source begins. */
  readonly applyWorkId: string | null
  /** Changes only: the position since which is read. */
  readonly cursor?: ChangeCursor
  /** Repair of a channel that follows the log: the snapshot at the common position, which the source's node holds. */
  readonly snapshot?: string | null
}

/**
 * Begins a generation of a stream: the provider's node reads and seals, the consumer's applies. Changes are applied when
 * there are any: their work is queued with the first verified segment.
 */
export async function beginStream(context: Context, channel: ChannelParts, send: Send): Promise<void> {
  const { db, now } = context
  const ends = await endsOf(db, channel)
  const input = await readInput(context, channel, ends, send)
  const work = { subjectKind: send.subject.kind, subjectId: send.subject.id }
  const readId = await queueWork(context, { nodeId: ends.sourceNode.id, kind: 'read', ...work, input })
  const applyId = send.applyWorkId ?? (send.kind === 'changes' ? null : await queueApply(context, channel, ends, send))
  await db.run(sql`insert into stream (id, generation, channel_id, kind, read_work_id, apply_work_id, created_at)
    values (${send.streamId}, ${send.generation}, ${channel.id}, ${send.kind}, ${readId}, ${applyId}, ${now})`)
  await context.wake(`stream:${send.streamId}`)
}

/** Asks once more with work that found nothing; false when that work cannot be given again. */
export async function lookAgain(context: Context, channel: ChannelParts, send: Send, readId: string): Promise<boolean> {
  const input = await readInput(context, channel, await endsOf(context.db, channel), send)
  return requeueWork(context, readId, input)
}

/** Queues the applying of a stream whose reading goes on without it. */
export async function beginApply(context: Context, channel: ChannelParts, send: Send): Promise<string> {
  return queueApply(context, channel, await endsOf(context.db, channel), send)
}

/** @throws Refusal `grant.inactive`. */
async function readInput(
  { db, now, legalNow, services }: Context,
  channel: ChannelParts,
  ends: Ends,
  send: Send,
): Promise<ReadInput> {
  const grant = await findGrantRow(db, channel.grant_id)
  activePlan(grant, { now, legalNow })
  const { convention } = ends
  const payload = payloadOf(channel, send)
  const isWhole = payload === 'file' && send.kind === 'copy'
  const mark = isWhole || send.keys !== null ? null : await markOf(db, channel, now)
  const changes = !isWhole &&
    convention && {
      convention,
      cursor: send.cursor ?? null,
      lagSeconds: channel.lag_seconds,
      ...(mark === null ? {} : { mark }),
    }
  return {
    stream: send.streamId,
    generation: send.generation,
    source: ends.source,
    table: ends.table,
    columns: channel.columns,
    key: channel.key,
    grant: signedGrant(grant),
    ...ends.shape,
    payload,
    ...(changes ? { changes } : {}),
    ...(channel.mode === 'log' ? { log: { channel: channel.id, snapshot: send.snapshot ?? null } } : {}),
    keys: send.keys,
    recipients: [keyRef(services.keys.sealing.publicKey), keyRef(ends.targetNode.sealing_key)],
  }
}

const payloadOf = ({ mode }: Pick<ChannelParts, 'mode'>, { kind }: Pick<Send, 'kind'>) =>
  mode === 'files' ? 'file' : kind === 'copy' ? 'rows' : 'changes'

function queueApply(context: Context, channel: ChannelParts, ends: Ends, send: Send): Promise<string> {
  const input: ApplyInput = {
    stream: send.streamId,
    target: ends.target,
    table: { schema: channel.target_schema, name: channel.target_table },
    columns: channel.columns,
    key: channel.key,
    payload: payloadOf(channel, send),
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
