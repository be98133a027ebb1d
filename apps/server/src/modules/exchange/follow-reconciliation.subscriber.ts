import { sql } from 'kysely'
import { Refusal } from '../../kernel/errors.ts'
import { subscriber, type SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import { beginIncrement, type FollowedChannel } from './begin-increment.ts'
import type { LoggedChannel } from './begin-log.ts'
import { beginStream, endsOf } from './generation.ts'
import { activePlan, findGrantRow, signedGrant } from './grant-plan.ts'
import { setLog } from './log-position.ts'
import { askForPause } from './pause-log.ts'
import { queueWork } from '../nodes/index.ts'
import { askBothEnds } from './reconcile-work.ts'
import type { ReconciliationRow } from './reconciliation-view.ts'

type Parts = FollowedChannel & Pick<LoggedChannel, 'log'> & { digest_secret: Buffer }

/**
 * Hands a started comparison, or an accepted repair, to the nodes of both ends. It is the platform's own act: a party of
 * the channel does not see the tables of the other.
 */
export const followReconciliation = subscriber<'reconciliation.started' | 'repair.accepted'>({
  name: 'reconciliation_work',
  on: ['reconciliation.started', 'repair.accepted'],
  async handle(context, { type, payload }) {
    const { db } = context
    const row = await db.one<ReconciliationRow>(
      sql`select * from reconciliation where id = ${payload.reconciliationId} for update`,
    )
    const channel = await db.one<Parts>(sql`select * from channel where id = ${row.channel_id} for update`)
    try {
      return type === 'repair.accepted'
        ? await beginRepair(context, channel, row)
        : await beginComparison(context, channel, row)
    } catch (error) {
      // The grant ended between the word and the deed: that is an answer, not a reason to try again.
      if (!(error instanceof Refusal) || error.code !== 'grant.inactive') throw error
      return giveUp(context, row)
    }
  },
})

async function beginComparison(
  context: SubscriberContext,
  channel: Parts,
  row: ReconciliationRow,
): Promise<AuditNote | null> {
  if (row.state !== 'running' || row.source_work_id !== null) return null
  if (row.phase === 'slot') return beginSlot(context, channel, row)
  if (row.phase === 'catch_up') return beginCatchUp(context, channel, row)
  const works = await askBothEnds(context, channel, {
    reconciliation: row.id,
    buckets: row.buckets,
    drill: null,
    position: null,
  })
  await context.db
    .run(sql`update reconciliation set source_work_id = ${works.sourceWorkId}, target_work_id = ${works.targetWorkId}
    where id = ${row.id}`)
  return { objectKind: 'reconciliation', objectId: row.id, detail: { begun: 'comparison' } }
}

/** The latest changes first: a comparison at two positions would find what is only on its way. */
async function beginCatchUp(
  context: SubscriberContext,
  channel: Parts,
  row: ReconciliationRow,
): Promise<AuditNote | null> {
  if (channel.state !== 'following')
    return giveUp(context, row, { zh: '增量同步已停止', en: 'It is no longer followed' })
  if (channel.mode === 'log') {
    if (!(await askForPause(context, channel.id))) return giveUp(context, row, PAUSING)
    return { objectKind: 'reconciliation', objectId: row.id, detail: { begun: 'pause' } }
  }
  const running = await context.db.maybe(
    sql`select 1 from increment where channel_id = ${channel.id} and state = 'running'`,
  )
  if (running) return null
  await beginIncrement(context, channel, 'reconciliation')
  return { objectKind: 'reconciliation', objectId: row.id, detail: { begun: 'catch up' } }
}

const PAUSING = { zh: '变更日志正在重新连接，请稍后重试', en: 'The log is being reconnected; try again later' }

/** A new slot after a gap: its snapshot is what is compared. */
async function beginSlot(context: SubscriberContext, channel: Parts, row: ReconciliationRow): Promise<AuditNote> {
  const grant = await findGrantRow(context.db, channel.grant_id)
  activePlan(grant, context)
  const ends = await endsOf(context.db, channel)
  const workId = await queueWork(context, {
    nodeId: ends.sourceNode.id,
    kind: 'slot',
    subjectKind: 'reconciliation',
    subjectId: row.id,
    input: { channel: channel.id, source: ends.source, table: ends.table, grant: signedGrant(grant) },
  })
  await setLog(context.db, channel.id, { atSource: true })
  await context.db.run(sql`update reconciliation set source_work_id = ${workId} where id = ${row.id}`)
  return { objectKind: 'reconciliation', objectId: row.id, detail: { begun: 'slot' } }
}

/** An accepted repair flows as sealed changes of just the rows that differ. */
async function beginRepair(
  context: SubscriberContext,
  channel: Parts,
  row: ReconciliationRow,
): Promise<AuditNote | null> {
  if (row.state !== 'repairing') return null
  if (await context.db.maybe(sql`select 1 from stream where id = ${row.id}`)) return null
  if (channel.mode === 'log') {
    await context.db.run(sql`update reconciliation set phase = 'catch_up' where id = ${row.id}`)
    if (channel.state !== 'following' || !(await askForPause(context, channel.id))) return giveUp(context, row, PAUSING)
    return { objectKind: 'reconciliation', objectId: row.id, detail: { begun: 'pause' } }
  }
  await beginStream(context, channel, {
    streamId: row.id,
    generation: 1,
    kind: 'repair',
    keys: row.differences.filter((one) => one.kind !== 'extra').map((one) => one.key),
    deleteKeys: row.differences.filter((one) => one.kind === 'extra').map((one) => one.key),
    subject: { kind: 'reconciliation', id: row.id },
    applyWorkId: null,
  })
  return { objectKind: 'reconciliation', objectId: row.id, detail: { begun: 'repair' } }
}

async function giveUp(
  { db, now }: SubscriberContext,
  row: ReconciliationRow,
  problem = { zh: '授权已失效，未能继续', en: 'The grant has ended; it cannot go on' },
): Promise<AuditNote> {
  const state = row.state === 'repairing' ? 'different' : 'failed'
  const repair = row.repair && row.state === 'repairing' ? { ...row.repair, state: 'failed' } : row.repair
  await db.run(sql`update reconciliation set state = ${state}, problem = ${JSON.stringify(problem)}, finished_at = ${now},
    repair = ${repair === null ? null : JSON.stringify(repair)}, version = version + 1 where id = ${row.id}`)
  return { objectKind: 'reconciliation', objectId: row.id, detail: { state, code: 'grant.inactive' } }
}
