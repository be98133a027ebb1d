import type { ReconciliationView } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import type { Difference } from './compare.ts'

type View = Static<typeof ReconciliationView>

export interface ReconciliationRow {
  id: string
  channel_id: string
  jurisdiction: string
  provider_department_id: string
  consumer_department_id: string
  state: View['state']
  phase: 'slot' | 'catch_up' | 'buckets' | 'rows' | 'done'
  buckets: number
  source_work_id: string | null
  target_work_id: string | null
  source_rows: string | null
  target_rows: string | null
  buckets_different: number
  differences: Difference[]
  differences_total: string
  report: string | null
  report_signature: Buffer | null
  report_key_id: string | null
  repair: { state: 'proposed' | 'declined' | 'running' | 'done' | 'failed'; upserts: number; deletes: number } | null
  problem: { zh: string; en: string } | null
  started_at: Date
  finished_at: Date | null
  /** Of a channel that follows: the position compared at, and how many rows were left out as being on their way. */
  position: string | null
  in_flight: number
  /** Of a channel that follows the log: the snapshot that the source's node holds at the position. */
  snapshot: string | null
  /** It mends a gap of the log. */
  resync: boolean
  version: number
}

const KIND_WORDS = {
  missing: { zh: '接收方缺少', en: 'missing at the receiver' },
  extra: { zh: '接收方多出', en: 'extra at the receiver' },
  different: { zh: '内容不同', en: 'different' },
} as const

/** May the actor accept the proposed repair? null: yes; otherwise why not. */
export function repairVerdict(row: ReconciliationRow, actor: Person): { zh: string; en: string } | null {
  if (!actor.permissions.has('repair.accept')) return { zh: '没有确认修复的权限', en: 'You may not accept repairs' }
  if (row.consumer_department_id !== actor.departmentId) return { zh: '由需求方确认', en: 'The consumer decides' }
  return row.state === 'different' && row.repair?.state === 'proposed'
    ? null
    : { zh: '没有待确认的修复', en: 'No repair is proposed' }
}

export function reconciliationView(row: ReconciliationRow, actor: Person): View {
  const reason = repairVerdict(row, actor)
  return {
    id: row.id,
    channelId: row.channel_id,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    sourceRows: row.source_rows,
    targetRows: row.target_rows,
    bucketsCompared: row.buckets,
    bucketsDifferent: row.buckets_different,
    differences: row.differences.map((one) => ({ ...one, words: KIND_WORDS[one.kind] })),
    differencesTotal: row.differences_total,
    position: row.position,
    inFlight: row.in_flight,
    report:
      row.report === null || row.report_signature === null
        ? null
        : { document: row.report, signature: row.report_signature.toString('base64'), keyId: row.report_key_id ?? '' },
    repair: row.repair,
    problem: row.problem,
    actions: [{ name: 'accept', allowed: reason === null, reason }],
    version: row.version,
  }
}

/** The latest reconciliations of a channel, newest first. */
export async function reconciliationsOf(db: Reader, actor: Person, channelId: string): Promise<View[]> {
  const rows = await db.many<ReconciliationRow>(
    sql`select * from reconciliation where channel_id = ${channelId} order by started_at desc limit 20`,
  )
  return rows.map((row) => reconciliationView(row, actor))
}
