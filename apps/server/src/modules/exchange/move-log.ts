import { ApplyResult, CaptureResult, type ChangeCursor } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import { cancelWork } from '../nodes/index.ts'
import { beginLog, beginLogGeneration, type LoggedChannel } from './begin-log.ts'
import { type Because, meetDrift, SNAPSHOT_LOST } from './drift.ts'
import type { Problem } from './fail-stream.ts'
import { keepPosition, setLog } from './log-position.ts'
import { PASSING, PAUSE_SECONDS_MAX } from './move-increment.ts'
import { pausedAt, pauseFailed } from './pause-log.ts'

interface Work {
  readonly id: string
  readonly kind: string
  readonly state: 'done' | 'failed'
  readonly input: { stream: string; schemaFields?: readonly string[] }
  readonly result: unknown
  readonly problem: (Problem & { detail?: string }) | null
}

interface State {
  id: string
  number: number
  generation: number
  read_work_id: string
  apply_work_id: string
  capture: CaptureResult | null
  applied: ApplyResult | null
  ending: boolean
}

const MALFORMED: Problem = {
  code: 'request.invalid',
  message: { zh: '节点返回的结果不符合约定', en: 'The node sent a malformed result' },
}
const UNEQUAL = (read: string, applied: string): Problem => ({
  code: 'segment.content',
  message: { zh: `断点不一致：读 ${read}，入 ${applied}`, en: `positions differ: read ${read}, applied ${applied}` },
})

/** What only a new comparison leads out of, or a person's approval. */
const STOPS: Readonly<Record<string, 'gap' | 'truncated'>> = {
  'connector.log_gap': 'gap',
  'connector.log_value': 'gap',
  'connector.log_incomplete': 'gap',
  'connector.position_gap': 'gap',
  'connector.log_truncated': 'truncated',
}

/** A stream of the log goes on, ends at an exact position, or fails by the work of its two ends. */
export async function moveLog(context: SubscriberContext, channelId: string, work: Work): Promise<AuditNote | null> {
  const { db } = context
  const channel = await db.one<LoggedChannel>(sql`select * from channel where id = ${channelId} for update`)
  const state = await stateOf(db, channelId, work.input.stream)
  const ours = state !== null && (state.read_work_id === work.id || state.apply_work_id === work.id)
  if (channel.state !== 'following' || !ours) return null
  if (work.state === 'failed') {
    if (work.kind === 'capture' && work.problem?.code === 'snapshot.lost') return readAgain(context, channel, state)
    const met = work.kind === 'capture' ? await meetDrift(context, channel, work) : null
    if (met !== null) return readAgain(context, { ...channel, ...met }, state, met.because)
    return failLog(context, channel, state, work.problem ?? MALFORMED)
  }
  if (!Check(work.kind === 'capture' ? CaptureResult : ApplyResult, work.result)) {
    return failLog(context, channel, state, MALFORMED)
  }
  const { capture, applied } = state
  if (capture === null || applied === null) return null
  return conclude(context, channel, state, capture, applied)
}

function stateOf(db: SubscriberContext['db'], channelId: string, streamId: string): Promise<State | null> {
  return db.maybe<State>(sql`select i.id, i.number, s.generation, s.read_work_id, s.apply_work_id, s.ending,
      (select result from node_work where id = s.read_work_id and state = 'done') as capture,
      (select result from node_work where id = s.apply_work_id and state = 'done') as applied
    from increment i join stream s on s.id = i.id and not s.abandoned
    where i.id = ${streamId} and i.channel_id = ${channelId} and i.state = 'running' order by s.generation desc limit 1`)
}

/** The reader was restarted: it begins anew from what was committed; what was only on its way is given up. */
async function readAgain(
  context: SubscriberContext,
  channel: LoggedChannel,
  state: State,
  because: Because = SNAPSHOT_LOST,
): Promise<AuditNote> {
  const { db, now } = context
  const cursor = (await keepPosition(db, channel.id, now)) ?? channel.cursor
  const generation = state.generation + 1
  await db.run(sql`update stream set abandoned = true where id = ${state.id}`)
  await beginLogGeneration(
    context,
    { ...channel, cursor },
    {
      streamId: state.id,
      generation,
      applyWorkId: state.applied === null ? state.apply_work_id : null,
    },
  )
  if (state.ending)
    await db.run(sql`update stream set ending = true where id = ${state.id} and generation = ${generation}`)
  return { objectKind: 'channel', objectId: channel.id, detail: { increment: state.number, generation, ...because } }
}

/** Both ends have come to one exact position; what waited for it goes on from there. */
async function conclude(
  context: SubscriberContext,
  channel: LoggedChannel,
  state: State,
  capture: CaptureResult,
  applied: ApplyResult,
): Promise<AuditNote> {
  const { db, now, emit } = context
  const at = applied.cursor
  // Without a snapshot the position is only where reading ended: the receiving table may have been further already.
  const isExact = typeof capture.snapshot === 'string'
  const isReached = capture.at !== undefined && at !== undefined && at.since >= capture.at.since
  if (!isReached || (isExact && at.since !== capture.at?.since)) {
    return failLog(context, channel, state, UNEQUAL(capture.at?.since ?? '–', at?.since ?? '–'))
  }
  await db.run(sql`update increment set state = 'done', source_rows = ${capture.rows}, to_cursor = ${JSON.stringify(at)},
    applied = ${JSON.stringify(applied.changes ?? null)}, finished_at = ${now} where id = ${state.id}`)
  await db.run(sql`update channel set cursor = ${JSON.stringify(at)}, looked = ${JSON.stringify(at)}, looked_at = ${now},
    failures = 0, problem = null where id = ${channel.id}`)
  await setLog(db, channel.id, { rebase: null })
  await emit('channel.changed', { channelId: channel.id, incrementId: state.id })
  await goOn(context, { ...channel, cursor: at }, at, capture.snapshot ?? null)
  return { objectKind: 'channel', objectId: channel.id, detail: { increment: state.number, position: at.since } }
}

/** What waits for this position begins; otherwise following goes on at once. */
async function goOn(
  context: SubscriberContext,
  channel: LoggedChannel,
  at: ChangeCursor,
  snapshot: string | null,
): Promise<void> {
  if (await pausedAt(context, channel.id, at.since, snapshot)) return
  const log = channel.log === null ? null : { ...channel.log, rebase: null }
  await beginLog(context, { ...channel, log }, 'schedule')
}

/** What the receiving end has reported of a stream that does not come to its end. */
export const APPLIED_SO_FAR =
  sql.raw(`(select w.progress->'changes' from stream s join node_work w on w.id = s.apply_work_id
  where s.id = increment.id order by s.generation desc limit 1)`)

/** What passes is tried again after growing pauses; anything else waits for a person. */
async function failLog(
  context: SubscriberContext,
  channel: LoggedChannel,
  state: State,
  problem: Problem & { detail?: string },
): Promise<AuditNote> {
  const { db, now } = context
  const { code, message } = problem
  // What has moved since has not failed over and over: the pauses begin anew.
  const failures = (await keepPosition(db, channel.id, now)) === null ? channel.failures : 0
  await db.run(sql`update increment set state = 'failed', problem = ${JSON.stringify({ code, message })}, finished_at = ${now},
    applied = ${APPLIED_SO_FAR} where id = ${state.id}`)
  await db.run(sql`update stream set abandoned = true where id = ${state.id}`)
  await cancelWork(context, [state.read_work_id, state.apply_work_id])
  const stated = JSON.stringify({ code, message: named(message, problem.detail), at: now.toISOString() })
  const pause = Math.min(PAUSE_SECONDS_MAX, 5 * 2 ** Math.min(16, failures))
  const next = new Date(now.getTime() + pause * 1000)
  const stop = STOPS[code]
  if (stop !== undefined) {
    const truncatedAt =
      stop === 'truncated' ? (/[0-9A-F]{8}\/[0-9A-F]{8}/.exec(problem.detail ?? '')?.[0] ?? null) : null
    await setLog(db, channel.id, { state: stop, truncatedAt })
  }
  if (PASSING.has(code)) {
    await db.run(
      sql`update channel set problem = ${stated}, failures = ${failures + 1}, next_at = ${next} where id = ${channel.id}`,
    )
  } else {
    await db.run(sql`update channel set state = 'failed', problem = ${stated}, next_at = null, version = version + 1
      where id = ${channel.id}`)
    await setLog(db, channel.id, { stoppedAt: now.toISOString() })
  }
  await pauseFailed(context, channel.id, message)
  return { objectKind: 'channel', objectId: channel.id, detail: { increment: state.number, state: 'failed', code } }
}

/** What a node says of a fault names the field, the right or the statement: people need it. */
function named(message: Problem['message'], detail: string | undefined): Problem['message'] {
  const said = detail?.replace(/^source: /, '')
  return said === undefined ? message : { zh: `${message.zh}：${said}`, en: `${message.en}: ${said}` }
}
