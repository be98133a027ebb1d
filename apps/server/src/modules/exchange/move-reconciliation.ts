import { ReconcileResult } from '@huitong/contract/work'
import { canonicalJson } from '@huitong/canonical'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import { signDocument } from '../catalogue/index.ts'
import { cancelWork } from '../nodes/index.ts'
import { differentBuckets, differentRows, type Difference } from './compare.ts'
import { failStream } from './fail-stream.ts'
import { beginStream, type ChannelParts } from './generation.ts'
import { resumeLog } from './pause-log.ts'
import { askBothEnds } from './reconcile-work.ts'
import type { ReconciliationRow } from './reconciliation-view.ts'
import { sendDifferences, tellFailure } from './send-differences.ts'
import { compareAtSlot, endResync, repairAtOnce } from './resync.ts'

export const REPORT_DOMAIN = 'huitong/reconciliation/v1'
/** More differing buckets or rows than this are a case for a new full copy, not for a repair. */
const DRILL_BUCKETS_MAX = 1024
const DIFFERENCES_MAX = 10_000

interface Work {
  readonly id: string
  readonly kind: string
  readonly state: 'done' | 'failed'
  readonly result: unknown
  readonly problem: { code: string; message: { zh: string; en: string } } | null
}

/** A reconciliation goes on when both ends have answered: buckets, then rows of the differing buckets, then the report. */
export async function moveReconciliation(
  context: SubscriberContext,
  id: string,
  work: Work,
): Promise<AuditNote | null> {
  const { db } = context
  const row = await db.one<ReconciliationRow>(sql`select * from reconciliation where id = ${id} for update`)
  if (work.kind === 'slot') {
    if (row.state !== 'running' || row.source_work_id !== work.id) return null
    return work.state === 'failed' ? fail(context, row, work.problem) : compareAtSlot(context, row, work.result)
  }
  if (work.kind !== 'reconcile') return moveRepair(context, row, work)
  if (row.state !== 'running' || (row.source_work_id !== work.id && row.target_work_id !== work.id)) return null
  if (work.state === 'failed') return fail(context, row, work.problem)
  if ((await resultOf(db, work.id)) === null) return fail(context, row, MALFORMED)
  const source = await resultOf(db, row.source_work_id)
  const target = await resultOf(db, row.target_work_id)
  if (!source || !target) return null
  return row.phase === 'buckets'
    ? compareBuckets(context, row, source, target)
    : compareRows(context, row, source, target)
}

const MALFORMED = {
  code: 'request.invalid',
  message: { zh: '节点返回的对账结果不符合约定', en: 'The node sent a malformed result' },
}

async function resultOf(db: SubscriberContext['db'], workId: string | null): Promise<ReconcileResult | null> {
  const work = await db.one<{ state: string; result: unknown }>(
    sql`select state, result from node_work where id = ${workId}`,
  )
  return work.state === 'done' && Check(ReconcileResult, work.result) ? work.result : null
}

async function compareBuckets(
  context: SubscriberContext,
  row: ReconciliationRow,
  source: ReconcileResult,
  target: ReconcileResult,
): Promise<AuditNote | null> {
  const { db } = context
  const different = differentBuckets(source.buckets, target.buckets)
  await db.run(sql`update reconciliation set source_rows = ${source.rows}, target_rows = ${target.rows}, buckets_different = ${different.length}
    where id = ${row.id}`)
  const counted = { ...row, source_rows: source.rows, target_rows: target.rows, buckets_different: different.length }
  if (different.length === 0) return conclude(context, counted, [], 0)
  const channel = await db.one<ChannelParts & { digest_secret: Buffer }>(
    sql`select * from channel where id = ${row.channel_id}`,
  )
  const works = await askBothEnds(context, channel, {
    reconciliation: row.id,
    buckets: row.buckets,
    drill: different.slice(0, DRILL_BUCKETS_MAX),
    position: row.position,
    snapshot: row.snapshot,
  })
  await db.run(sql`update reconciliation set phase = 'rows', source_work_id = ${works.sourceWorkId}, target_work_id = ${works.targetWorkId}
    where id = ${row.id}`)
  return null
}

async function compareRows(
  context: SubscriberContext,
  row: ReconciliationRow,
  source: ReconcileResult,
  target: ReconcileResult,
): Promise<AuditNote> {
  const found = differentRows(source.rowDigests, target.rowDigests)
  const moving = new Set((source.inFlight ?? []).map((key) => JSON.stringify(key)))
  const differences = found.filter(({ key }) => !moving.has(JSON.stringify(key)))
  const in_flight = found.length - differences.length
  await context.db.run(sql`update reconciliation set in_flight = ${in_flight} where id = ${row.id}`)
  return conclude(context, { ...row, in_flight }, differences, row.buckets_different - DRILL_BUCKETS_MAX)
}

/** Writes the signed report; where rows differ, proposes the repair that only the consumer can accept. */
async function conclude(
  context: SubscriberContext,
  row: ReconciliationRow,
  differences: Difference[],
  bucketsNotDrilled: number,
): Promise<AuditNote> {
  const { db, now, services, emit } = context
  // Of a followed table, buckets may differ by nothing but rows that are on their way.
  const isAlike = row.buckets_different === 0 || (row.position !== null && bucketsNotDrilled <= 0)
  const state = differences.length === 0 && isAlike ? 'equal' : 'different'
  const named = differences.slice(0, DIFFERENCES_MAX)
  const complete = bucketsNotDrilled <= 0 && named.length === differences.length
  const document = canonicalJson({
    v: 1,
    reconciliation: row.id,
    channel: row.channel_id,
    at: now.toISOString(),
    state,
    sourceRows: row.source_rows ?? '0',
    targetRows: row.target_rows ?? '0',
    buckets: row.buckets,
    bucketsDifferent: row.buckets_different,
    differences: named.map((one) => ({ key: one.key, kind: one.kind })),
    complete,
    ...(row.position === null ? {} : { position: row.position, inFlight: row.in_flight }),
  })
  const { signature, keyId } = signDocument(services, REPORT_DOMAIN, document)
  const deletes = named.filter((one) => one.kind === 'extra').length
  // A repair of a part would leave a channel that looks mended and is not.
  const repair =
    state === 'different' && complete && named.length > 0
      ? { state: 'proposed', upserts: named.length - deletes, deletes }
      : null
  await db.run(sql`update reconciliation set state = ${state}, phase = 'done', differences = ${JSON.stringify(named)},
      differences_total = ${differences.length}, report = ${document}, report_signature = ${Buffer.from(signature, 'base64')},
      report_key_id = ${keyId}, repair = ${repair === null ? null : JSON.stringify(repair)}, finished_at = ${now}, version = version + 1
    where id = ${row.id}`)
  await emit('reconciliation.finished', { reconciliationId: row.id, state })
  await afterComparison(context, row, state, repair)
  return {
    objectKind: 'reconciliation',
    objectId: row.id,
    detail: { state, source: row.source_rows, target: row.target_rows, differences: differences.length },
  }
}

/** Of a channel that follows the log: it goes on, after a gap when the differences have travelled. */
async function afterComparison(
  context: SubscriberContext,
  row: ReconciliationRow,
  state: 'equal' | 'different',
  repair: object | null,
): Promise<void> {
  if (!row.resync) {
    if (await sendDifferences(context, row, { state, canRepair: repair !== null })) return
    return resumeLog(context, row.channel_id)
  }
  if (state === 'equal') return endResync(context, row)
  if (repair === null) {
    const problem = { zh: '差异过多，请重新全量交换', en: 'Too much differs: start a full copy' }
    await context.db.run(sql`update reconciliation set problem = ${JSON.stringify(problem)} where id = ${row.id}`)
    return
  }
  const found = await context.db.one<ReconciliationRow>(sql`select * from reconciliation where id = ${row.id}`)
  await repairAtOnce(context, found)
}

async function fail(context: SubscriberContext, row: ReconciliationRow, given: Work['problem']): Promise<AuditNote> {
  const { db, now } = context
  await cancelWork(
    context,
    [row.source_work_id, row.target_work_id].filter((id) => id !== null),
  )
  const problem = given?.message ?? { zh: '节点未能完成对账', en: 'A node could not reconcile' }
  await db.run(sql`update reconciliation set state = 'failed', problem = ${JSON.stringify(problem)}, finished_at = ${now}, version = version + 1
    where id = ${row.id}`)
  await tellFailure(context, row.channel_id, { code: given?.code ?? MALFORMED.code, message: problem })
  await resumeLog(context, row.channel_id)
  return {
    objectKind: 'reconciliation',
    objectId: row.id,
    detail: { state: 'failed', code: given?.code ?? null },
  }
}

interface RepairStream {
  generation: number
  read_work_id: string
  apply_work_id: string
  apply_state: string
}

async function moveRepair(context: SubscriberContext, row: ReconciliationRow, work: Work): Promise<AuditNote | null> {
  const { db } = context
  if (row.state !== 'repairing') return null
  const stream =
    await db.one<RepairStream>(sql`select s.generation, s.read_work_id, s.apply_work_id, w.state as apply_state
    from stream s join node_work w on w.id = s.apply_work_id where s.id = ${row.id} and not s.abandoned order by s.generation desc limit 1`)
  if (work.state === 'failed' && work.kind === 'read' && work.problem?.code === 'snapshot.lost')
    return readAgain(context, row, stream)
  if (work.state === 'failed') {
    const problem = work.problem ?? { ...MALFORMED, code: 'platform.internal' }
    await failStream(context, row.id, problem)
    await tellFailure(context, row.channel_id, problem)
    await resumeLog(context, row.channel_id)
    return {
      objectKind: 'reconciliation',
      objectId: row.id,
      detail: { repair: 'failed', code: work.problem?.code ?? null },
    }
  }
  return stream.apply_state === 'done' ? endRepair(context, row) : null
}

async function readAgain(context: SubscriberContext, row: ReconciliationRow, stream: RepairStream): Promise<AuditNote> {
  await context.db.run(
    sql`update stream set abandoned = true where id = ${row.id} and generation = ${stream.generation}`,
  )
  const channel = await context.db.one<ChannelParts>(sql`select * from channel where id = ${row.channel_id}`)
  await beginStream(context, channel, {
    streamId: row.id,
    generation: stream.generation + 1,
    kind: 'repair',
    keys: row.differences.filter((one) => one.kind !== 'extra').map((one) => one.key),
    deleteKeys: null,
    subject: { kind: 'reconciliation', id: row.id },
    applyWorkId: stream.apply_work_id,
    snapshot: row.snapshot,
  })
  return { objectKind: 'reconciliation', objectId: row.id, detail: { generation: stream.generation + 1 } }
}

async function endRepair(context: SubscriberContext, row: ReconciliationRow): Promise<AuditNote> {
  const { db, now } = context
  await db.run(sql`update reconciliation set state = 'repaired', repair = ${JSON.stringify({ ...row.repair, state: 'done' })},
    finished_at = ${now}, version = version + 1 where id = ${row.id}`)
  await (row.resync ? endResync(context, row) : resumeLog(context, row.channel_id))
  return { objectKind: 'reconciliation', objectId: row.id, detail: { repair: 'done' } }
}
