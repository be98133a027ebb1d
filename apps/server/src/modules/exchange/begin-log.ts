import { randomUUID } from 'node:crypto'
import type { ApplyInput, CaptureInput, ChangeCursor } from '@huitong/contract/work'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { queueWork } from '../nodes/index.ts'
import type { Cause } from './begin-increment.ts'
import { type ChannelParts, type Context, endsOf, keyRef } from './generation.ts'
import { activePlan, findGrantRow, signedGrant } from './grant-plan.ts'
import { endsAfter, type LogState, setLog } from './log-position.ts'

/** A channel that follows the log, as its streams need it. */
export interface LoggedChannel extends ChannelParts {
  readonly state: string
  readonly cursor: ChangeCursor | null
  readonly log: LogState | null
  readonly interval_seconds: number
  readonly failures: number
}

/**
 * Begins to follow the log from where the receiving table stands: a stream that goes on until it is ended, read at one end
 * and applied at the other. The caller holds the channel's row. Answers the stream's id.
 * @throws Refusal `grant.inactive`; `object.state` when there is no slot.
 */
export async function beginLog(context: Context, channel: LoggedChannel, cause: Cause): Promise<string> {
  const { db, now } = context
  activePlan(await findGrantRow(db, channel.grant_id), context)
  if (channel.log?.slot == null || channel.cursor === null) refuse('object.state', { detail: 'no slot at the source' })
  const id = randomUUID()
  await db.run(sql`insert into increment (id, channel_id, number, cause, state, from_cursor, started_at)
    values (${id}, ${channel.id}, (select coalesce(max(number), 0) + 1 from increment where channel_id = ${channel.id}),
      ${cause}, 'running', ${JSON.stringify(channel.cursor)}, ${now})`)
  await beginLogGeneration(context, channel, { streamId: id, generation: 1, applyWorkId: null })
  await db.run(sql`update channel set next_at = null where id = ${channel.id}`)
  await setLog(db, channel.id, { stoppedAt: null })
  return id
}

/** Begins a generation of a stream of the log; the receiving end goes on with the same work when it has some. */
export async function beginLogGeneration(
  context: Context,
  channel: LoggedChannel,
  stream: { streamId: string; generation: number; applyWorkId: string | null },
): Promise<void> {
  const { db, now } = context
  const { streamId, generation } = stream
  const subject = { subjectKind: 'channel' as const, subjectId: channel.id }
  const ends = await endsOf(db, channel)
  const captureId = await queueWork(context, {
    nodeId: ends.sourceNode.id,
    kind: 'capture',
    ...subject,
    input: await captureInput(context, channel, ends, stream),
  })
  const input: ApplyInput = {
    stream: streamId,
    target: ends.target,
    table: { schema: channel.target_schema, name: channel.target_table },
    columns: channel.columns,
    key: channel.key,
    payload: 'changes',
    log: { rebase: channel.log!.rebase },
    deleteKeys: null,
    sealers: [keyRef(ends.sourceNode.signing_key)],
  }
  const applyId =
    stream.applyWorkId ?? (await queueWork(context, { nodeId: ends.targetNode.id, kind: 'apply', ...subject, input }))
  await db.run(sql`insert into stream (id, generation, channel_id, kind, read_work_id, apply_work_id, created_at)
    values (${streamId}, ${generation}, ${channel.id}, 'log', ${captureId}, ${applyId}, ${now})`)
  await context.wake(`stream:${streamId}`)
  await context.wake(`applied:${streamId}`)
}

async function captureInput(
  { db, services }: Context,
  channel: LoggedChannel,
  ends: Awaited<ReturnType<typeof endsOf>>,
  { streamId, generation }: { streamId: string; generation: number },
): Promise<CaptureInput> {
  const { slot, approved, rebase } = channel.log!
  const from = rebase !== null && rebase.since > channel.cursor!.since ? rebase : channel.cursor!
  return {
    channel: channel.id,
    stream: streamId,
    generation,
    source: ends.source,
    table: ends.table,
    columns: channel.columns,
    key: channel.key,
    grant: signedGrant(await findGrantRow(db, channel.grant_id)),
    ...ends.shape,
    operation: ends.convention?.operation ?? null,
    slot: slot!,
    from,
    cuts: await endsAfter(db, channel.id, from.since),
    approved: [...approved],
    recipients: [keyRef(services.keys.sealing.publicKey), keyRef(ends.targetNode.sealing_key)],
  }
}
