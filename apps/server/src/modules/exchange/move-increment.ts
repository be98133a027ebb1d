import { ApplyResult, ReadResult, type ChangeCursor, type HeldRows } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import { cancelWork } from '../nodes/index.ts'
import { sendOf, type FollowedChannel } from './begin-increment.ts'
import { catchUpDone, catchUpFailed } from './catch-up.ts'
import { type Because, meetDrift, SNAPSHOT_LOST } from './drift.ts'
import type { Problem } from './fail-stream.ts'
import { keepTaken } from './front-marks.ts'
import { beginStream } from './generation.ts'
import { heldProblem } from './held-problem.ts'

interface Work {
  readonly id: string
  readonly kind: string
  readonly state: 'done' | 'failed'
  readonly input: { stream: string; schemaFields?: readonly string[] }
  readonly result: unknown
  readonly problem: Problem | null
}

interface State {
  id: string
  number: number
  generation: number
  read_work_id: string
  apply_work_id: string | null
  from_cursor: ChangeCursor
  read_result: ReadResult | null
  apply_result: ApplyResult | null
  received_rows: string
}

/** What the next look may find mended without anybody's help. */
export const PASSING = new Set([
  'source.unreachable',
  'storage.full',
  'node.fenced',
  'agent.disk',
  'grant.rows_per_day',
  'connector.target_busy',
  'connector.target_full',
  'connector.log_busy',
])
export const PAUSE_SECONDS_MAX = 3_600

const MALFORMED: Problem = {
  code: 'request.invalid',
  message: { zh: '节点返回的结果不符合约定', en: 'The node sent a malformed result' },
}

/** An increment goes on, ends or fails by the work of its two ends. */
export async function moveIncrement(
  context: SubscriberContext,
  channelId: string,
  work: Work,
): Promise<AuditNote | null> {
  const { db } = context
  const channel = await db.one<FollowedChannel>(sql`select * from channel where id = ${channelId} for update`)
  const state = await stateOf(db, channelId, work.input.stream)
  const ours = state !== null && (state.read_work_id === work.id || state.apply_work_id === work.id)
  if (channel.state !== 'following' || !ours) return null
  if (work.state === 'failed') {
    if (work.kind === 'read' && work.problem?.code === 'snapshot.lost') return readAgain(context, channel, state)
    const met = work.kind === 'read' ? await meetDrift(context, channel, work) : null
    if (met !== null) return readAgain(context, { ...channel, ...met }, state, met.because)
    return failIncrement(context, channel, state, work.problem ?? MALFORMED)
  }
  const isFit =
    work.kind === 'read' ? Check(ReadResult, work.result) && work.result.changes : Check(ApplyResult, work.result)
  if (!isFit) return failIncrement(context, channel, state, MALFORMED)
  const { read_result: read, apply_result: applied } = state
  if (read === null) return null
  if (read.segments === 0) return endEmpty(context, channel, state, read)
  return applied === null ? null : conclude(context, channel, state, read, applied)
}

function stateOf(db: SubscriberContext['db'], channelId: string, streamId: string): Promise<State | null> {
  return db.maybe<State>(sql`select i.id, i.number, s.generation, s.read_work_id, s.apply_work_id, i.from_cursor,
      (select result from node_work where id = s.read_work_id and state = 'done') as read_result,
      (select result from node_work where id = s.apply_work_id and state = 'done') as apply_result,
      (select coalesce(sum(rows), 0) from segment x where x.stream_id = s.id and x.generation = s.generation
        and x.state <> 'announced') as received_rows
    from increment i join stream s on s.id = i.id and not s.abandoned
    where i.id = ${streamId} and i.channel_id = ${channelId} and i.state = 'running' order by s.generation desc limit 1`)
}

/** The reader's snapshot died: the window is read anew from the same position, and what was gathered is dropped. */
async function readAgain(
  context: SubscriberContext,
  channel: FollowedChannel,
  state: State,
  because: Because = SNAPSHOT_LOST,
): Promise<AuditNote> {
  await context.db.run(sql`update stream set abandoned = true where id = ${state.id}`)
  const send = sendOf(channel.id, state.id, state.generation + 1, state.from_cursor)
  await beginStream(context, channel, { ...send, applyWorkId: state.apply_work_id })
  return {
    objectKind: 'channel',
    objectId: channel.id,
    detail: { increment: state.number, generation: state.generation + 1, ...because },
  }
}

/** Nothing changed: the position stays where the data are, and only how far was looked goes on. */
async function endEmpty(
  context: SubscriberContext,
  channel: FollowedChannel,
  state: State,
  read: ReadResult,
): Promise<AuditNote | null> {
  const { cursor, held } = read.changes!
  await context.db.run(sql`update increment set state = 'empty', source_rows = 0, to_cursor = ${JSON.stringify(cursor)},
    held = ${JSON.stringify(held)}, finished_at = ${context.now} where id = ${state.id}`)
  await lookedAt(context, channel, cursor, held)
  await keepTaken(context, channel.id, state.read_work_id)
  await catchUpDone(context, channel.id)
  return null
}

/** 源 = 收 = 入, each row counted as what was done with it; or it is not a success. */
async function conclude(
  context: SubscriberContext,
  channel: FollowedChannel,
  state: State,
  read: ReadResult,
  applied: ApplyResult,
): Promise<AuditNote> {
  const { db, now, emit } = context
  const { changes: counts, cursor } = applied
  const done = counts === undefined ? null : Object.values(counts).reduce((sum, count) => sum + BigInt(count), 0n)
  const equal = BigInt(read.rows) === BigInt(state.received_rows) && BigInt(read.rows) === done
  if (!equal || done === null || cursor === undefined) {
    const figures = `${read.rows}, ${state.received_rows}, ${done ?? '–'}`
    return failIncrement(context, channel, state, {
      code: 'segment.content',
      message: { zh: `行数不一致：源、收、入为 ${figures}`, en: `row counts differ: ${figures}` },
    })
  }
  const { cursor: looked, held } = read.changes!
  await db.run(sql`update increment set state = 'done', source_rows = ${read.rows}, to_cursor = ${JSON.stringify(looked)},
    applied = ${JSON.stringify(counts)}, held = ${JSON.stringify(held)}, finished_at = ${now} where id = ${state.id}`)
  await db.run(sql`update stream set source_rows = ${read.rows}, target_rows = ${done.toString()}
    where id = ${state.id} and generation = ${state.generation}`)
  await db.run(sql`update channel set cursor = ${JSON.stringify(cursor)} where id = ${channel.id}`)
  await lookedAt(context, channel, looked, held)
  await keepTaken(context, channel.id, state.read_work_id)
  await emit('channel.changed', { channelId: channel.id, incrementId: state.id })
  await catchUpDone(context, channel.id)
  return {
    objectKind: 'channel',
    objectId: channel.id,
    detail: { increment: state.number, ...counts, held: held.rows },
  }
}

/** Rows that could not be followed leave the channel incomplete: it says so until they are mended at the source. */
async function lookedAt(
  { db, now }: SubscriberContext,
  channel: FollowedChannel,
  cursor: ChangeCursor,
  held: HeldRows,
): Promise<void> {
  const problem = heldProblem(channel.mode, held, now)
  const next = new Date(now.getTime() + channel.interval_seconds * 1000)
  await db.run(sql`update channel set looked = ${JSON.stringify(cursor)}, looked_at = ${now}, next_at = ${next}, failures = 0,
    held = ${JSON.stringify(held)}, problem = ${problem} where id = ${channel.id}`)
}

/** What passes is tried again after growing pauses; anything else waits for a person. */
async function failIncrement(
  context: SubscriberContext,
  channel: FollowedChannel,
  state: State,
  problem: Problem,
): Promise<AuditNote> {
  const { db, now } = context
  const { code, message } = problem
  await db.run(sql`update increment set state = 'failed', problem = ${JSON.stringify({ code, message })}, finished_at = ${now}
    where id = ${state.id}`)
  await db.run(sql`update stream set abandoned = true where id = ${state.id}`)
  await cancelWork(
    context,
    [state.read_work_id, state.apply_work_id].filter((id) => id !== null),
  )
  const stated = JSON.stringify({ code, message, at: now.toISOString() })
  const pause = Math.min(PAUSE_SECONDS_MAX, channel.interval_seconds * 2 ** Math.min(16, channel.failures))
  const next = new Date(now.getTime() + pause * 1000)
  await (PASSING.has(code)
    ? db.run(
        sql`update channel set problem = ${stated}, failures = failures + 1, next_at = ${next} where id = ${channel.id}`,
      )
    : db.run(sql`update channel set state = 'failed', problem = ${stated}, next_at = null,
        version = version + 1 where id = ${channel.id}`))
  await catchUpFailed(context, channel.id, message)
  return { objectKind: 'channel', objectId: channel.id, detail: { increment: state.number, state: 'failed', code } }
}
