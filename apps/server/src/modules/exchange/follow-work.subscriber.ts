import { ApplyResult, ReadResult } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import type { Writer } from '../../kernel/db.ts'
import { subscriber, type SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import { type Because, meetDrift, SNAPSHOT_LOST } from './drift.ts'
import { failStream, type Problem } from './fail-stream.ts'
import { beginApply, beginStream, type ChannelParts } from './generation.ts'
import { keepTaken } from './front-marks.ts'
import { keepRejects, rejectsDetail, rejectsProblem } from './rejects.ts'
import { heldProblem } from './held-problem.ts'
import { moveIncrement } from './move-increment.ts'
import { setLog, startOf } from './log-position.ts'
import { moveLog } from './move-log.ts'
import { beginLog, type LoggedChannel } from './begin-log.ts'
import { moveReconciliation } from './move-reconciliation.ts'

interface WorkRow {
  id: string
  kind: 'read' | 'apply' | 'reconcile' | 'capture' | 'slot' | 'release'
  state: 'done' | 'failed'
  input: { stream: string; generation?: number; log?: object; schemaFields?: readonly string[] }
  result: { rows?: string; generation?: number } | null
  problem: Problem | null
}

/** Follows what nodes report: a run goes on, completes or fails by the work of its two ends. */
export const followWork = subscriber<'work.finished'>({
  name: 'exchange_progress',
  on: ['work.finished'],
  async handle(context, { payload }) {
    if (!KINDS.has(payload.kind)) return null
    const work = await context.db.one<WorkRow>(
      sql`select id, kind, state, input, result, problem from node_work where id = ${payload.workId}`,
    )
    if (payload.subjectKind === 'reconciliation') return moveReconciliation(context, payload.subjectId, work)
    if (work.kind === 'release') return afterRelease(context, payload.subjectId, work)
    if (work.kind === 'capture' || (work.kind === 'apply' && work.input.log !== undefined))
      return moveLog(context, payload.subjectId, work)
    if (work.input.stream !== payload.subjectId) return moveIncrement(context, payload.subjectId, work)
    return moveChannel(context, payload.subjectId, work)
  },
})

const MALFORMED = {
  code: 'request.invalid',
  message: { zh: '节点返回的结果不符合约定', en: 'The node sent a malformed result' },
}

interface StreamState {
  generation: number
  read_work_id: string
  apply_work_id: string
  source_rows: string | null
  target_rows: string | null
  received_rows: string
}

const KINDS = new Set(['read', 'apply', 'reconcile', 'capture', 'slot', 'release'])

/** Nothing of the channel is at its source any more; a node that failed to drop it is asked again by the job. */
async function afterRelease({ db }: SubscriberContext, channelId: string, work: WorkRow): Promise<AuditNote | null> {
  if (work.state === 'failed') return null
  await setLog(db, channelId, { slot: null, atSource: false, releaseWorkId: null })
  return { objectKind: 'channel', objectId: channelId, detail: { released: true } }
}

type Channel = ChannelParts & { state: string; interval_seconds: number }

async function moveChannel(context: SubscriberContext, channelId: string, work: WorkRow): Promise<AuditNote | null> {
  const { db } = context
  const channel = await db.one<Channel>(sql`select * from channel where id = ${channelId} for update`)
  const stream = await db.maybe<StreamState>(sql`select s.*, (select coalesce(sum(rows), 0) from segment x
      where x.stream_id = s.id and x.generation = s.generation and x.state <> 'announced') as received_rows
    from stream s where s.id = ${channelId} and not s.abandoned order by s.generation desc limit 1`)
  const ours = stream !== null && (stream.read_work_id === work.id || stream.apply_work_id === work.id)
  if (channel.state !== 'running' || !ours) return null
  if (work.state === 'failed') {
    if (work.kind === 'read' && work.problem?.code === 'snapshot.lost') return readAgain(context, channel, stream)
    const met = work.kind === 'read' ? await meetDrift(context, channel, work) : null
    if (met !== null) return readAgain(context, { ...channel, ...met }, stream, met.because)
    return failRun(context, channelId, work.problem)
  }
  if (!Check(work.kind === 'read' ? ReadResult : ApplyResult, work.result))
    return failRun(context, channelId, MALFORMED)
  if (work.kind === 'apply' && work.result!.generation! < stream.generation) return applyAgain(context, channel, stream)
  if (work.kind === 'read' && !(await keepRejects(context, channel, stream.generation, work.result)))
    return failRun(context, channelId, MALFORMED)
  const column = work.kind === 'read' ? sql`source_rows` : sql`target_rows`
  await db.run(
    sql`update stream set ${column} = ${work.result?.rows ?? null} where id = ${channelId} and generation = ${stream.generation}`,
  )
  const rows = {
    source: work.kind === 'read' ? work.result?.rows : stream.source_rows,
    target: work.kind === 'apply' ? work.result?.rows : stream.target_rows,
  }
  if (rows.source == null || rows.target == null) return null
  return conclude(context, channel, stream, { source: rows.source, target: rows.target })
}

/** The source's snapshot died with its reader: what was sealed is given up, the next generation begins. */
async function readAgain(
  context: SubscriberContext,
  channel: ChannelParts,
  stream: StreamState,
  because: Because = SNAPSHOT_LOST,
): Promise<AuditNote> {
  await context.db.run(
    sql`update stream set abandoned = true where id = ${channel.id} and generation = ${stream.generation}`,
  )
  // The consumer goes on with the newer generation, unless it has ended with this one.
  const applyWorkId = stream.target_rows === null ? stream.apply_work_id : null
  await beginStream(context, channel, copyOf(channel, stream.generation + 1, applyWorkId))
  return {
    objectKind: 'channel',
    objectId: channel.id,
    detail: { generation: stream.generation + 1, ...because },
  }
}

/** The consumer ended with a generation that its reader had lost meanwhile: it is asked to apply the newer one. */
async function applyAgain(context: SubscriberContext, channel: ChannelParts, stream: StreamState): Promise<AuditNote> {
  const { generation } = stream
  const workId = await beginApply(context, channel, copyOf(channel, generation, null))
  await context.db.run(
    sql`update stream set apply_work_id = ${workId} where id = ${channel.id} and generation = ${generation}`,
  )
  return { objectKind: 'channel', objectId: channel.id, detail: { generation, because: 'applied an older one' } }
}

const copyOf = (channel: ChannelParts, generation: number, applyWorkId: string | null) => ({
  streamId: channel.id,
  generation,
  kind: 'copy' as const,
  keys: null,
  deleteKeys: null,
  subject: { kind: 'channel' as const, id: channel.id },
  applyWorkId,
})

async function failRun(context: SubscriberContext, channelId: string, problem: WorkRow['problem']): Promise<AuditNote> {
  const stated = problem ?? { code: 'platform.internal', message: { zh: '节点任务失败', en: 'the node failed' } }
  await failStream(context, channelId, stated)
  return { objectKind: 'channel', objectId: channelId, detail: { state: 'failed', code: stated.code } }
}

/** 源 = 收 = 入, or it is not a success. */
async function conclude(
  context: SubscriberContext,
  channel: Channel,
  stream: StreamState,
  rows: { source: string; target: string },
): Promise<AuditNote> {
  const { db, now, emit } = context
  const channelId = channel.id
  const equal = BigInt(rows.source) === BigInt(stream.received_rows) && BigInt(rows.source) === BigInt(rows.target)
  if (!equal) {
    const figures = `源 ${rows.source}，收 ${stream.received_rows}，入 ${rows.target}`
    return failRun(context, channelId, {
      code: 'segment.content',
      message: {
        zh: `行数不一致：${figures}`,
        en: `row counts differ: ${rows.source}, ${stream.received_rows}, ${rows.target}`,
      },
    })
  }
  const follows = channel.mode === 'cursor' || channel.mode === 'log' || channel.mode === 'files'
  if (follows) {
    const isFollowed = await (channel.mode === 'log' ? followLog : follow)(context, channel, stream)
    if (!isFollowed) return failRun(context, channelId, MALFORMED)
  } else await complete(db, channelId, now, await rejectsProblem(db, channelId, stream.generation, now))
  await emit('channel.completed', { channelId, generation: stream.generation })
  return {
    objectKind: 'channel',
    objectId: channelId,
    detail: {
      state: follows ? 'following' : 'completed',
      rows: rows.source,
      generation: stream.generation,
      ...(await rejectsDetail(db, channelId, stream.generation)),
    },
  }
}

async function complete(db: Writer, channelId: string, now: Date, problem: string | null): Promise<void> {
  await db.run(
    sql`update channel set state = 'completed', problem = ${problem}, finished_at = ${now}, version = version + 1 where id = ${channelId}`,
  )
}

/** The full copy is there: from its position on, what changes is brought. False when the reader named no position. */
async function follow(context: SubscriberContext, channel: Channel, stream: StreamState): Promise<boolean> {
  const { db, now } = context
  const { result } = await db.one<{ result: unknown }>(
    sql`select result from node_work where id = ${stream.read_work_id}`,
  )
  if (!Check(ReadResult, result) || result.changes === undefined) return false
  const { held } = result.changes
  const cursor = JSON.stringify(result.changes.cursor)
  const next = new Date(now.getTime() + channel.interval_seconds * 1000)
  await db.run(sql`update channel set state = 'following', problem = ${heldProblem(channel.mode, held, now)}, finished_at = ${now}, cursor = ${cursor},
    looked = ${cursor}, looked_at = ${now}, next_at = ${next}, failures = 0, held = ${JSON.stringify(held)}, version = version + 1
    where id = ${channel.id}`)
  await keepTaken(context, channel.id, stream.read_work_id)
  return true
}

/** The full copy is there: from the consistent point of its slot on, the log is followed. */
async function followLog(context: SubscriberContext, channel: Channel, stream: StreamState): Promise<boolean> {
  const { db, now } = context
  const { result } = await db.one<{ result: unknown }>(
    sql`select result from node_work where id = ${stream.read_work_id}`,
  )
  if (!Check(ReadResult, result) || result.log === undefined) return false
  const cursor = JSON.stringify(startOf(result.log, now))
  await db.run(sql`update channel set state = 'following', problem = null, finished_at = ${now}, cursor = ${cursor},
    looked = ${cursor}, looked_at = ${now}, next_at = null, failures = 0, version = version + 1 where id = ${channel.id}`)
  await setLog(db, channel.id, {
    slot: result.log,
    state: 'whole',
    truncatedAt: null,
    approved: [],
    rebase: null,
    atSource: true,
  })
  const row = await db.one<LoggedChannel>(sql`select * from channel where id = ${channel.id}`)
  await beginLog(context, row, 'schedule')
  return true
}
