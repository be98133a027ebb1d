import type {
  ChannelDetail,
  ChannelMode,
  ChannelState,
  ChannelSummary,
  DriftPolicy,
  DriftView,
} from '@huitong/contract/exchange'
import type { ChangeCursor, Convention, HeldRows, TransitColumn } from '@huitong/contract/work'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { crossingsOf } from './crossings-of.ts'
import { differencesOf } from './differences.ts'
import { grantMustChange, hashOf, neededFields, type Drift, type Mounted } from './drift.ts'
import { filesOf, larger } from './figures.ts'
import { followView } from './follow-view.ts'
import type { LogState } from './log-position.ts'
import { logView } from './log-view.ts'
import { reconciliationsOf } from './reconciliation-view.ts'

type Words = { zh: string; en: string }
type Names = { zh: string; en?: string }

export interface ChannelRow {
  id: string
  number: string
  jurisdiction: string
  grant_id: string
  dataset_id: string
  dataset_name: Names
  provider_department_id: string
  provider_name: Names
  consumer_department_id: string
  consumer_name: Names
  distribution_id: string
  source_id: string
  source_name: Names
  source_schema: string | null
  source_table: string | null
  target_id: string
  target_name: Names
  target_schema: string
  target_table: string
  columns: TransitColumn[]
  key: string[]
  mapping_version: number
  state: Static<typeof ChannelState>
  mode: Static<typeof ChannelMode>
  interval_seconds: number
  reconcile_after_copy: boolean
  reconcile_every_hours: number | null
  lag_seconds: number
  /** Where the receiving table stands, and how far the source has been looked at. */
  cursor: ChangeCursor | null
  looked: ChangeCursor | null
  looked_at: Date | null
  next_at: Date | null
  failures: number
  held: HeldRows | null
  log: LogState | null
  drift_policy: Static<typeof DriftPolicy>
  mounted: Mounted | null
  drift: Drift | null
  convention: Convention | null
  problem: { code: string; message: Words; at: string } | null
  started_at: Date | null
  finished_at: Date | null
  created_at: Date
  version: number
  generation: number | null
  read_progress: {
    rowsSealed: string
    segmentsSealed: number
    complete: boolean
    files?: { total: number; bytes: string }
  } | null
  apply_progress: { generation: number; rows: string } | null
  segments_received: number
  rows_received: string
  bytes_received: string
  segments_verified: number
  rejected: string | null
  segments_applied: number
  rows_applied: string
  bytes_applied: string
  bytes_sealed: string
  final_received: boolean
  segments_sealed: number
  rows_sealed: string
}

const FIELDS: Record<string, string> = { applicant: 'c.consumer_department_id', provider: 'c.provider_department_id' }
export const channelSees = (actor: Person) =>
  sql.raw(emitPostgres(VISIBILITY.channel(viewerOf(actor)), (field) => FIELDS[field]!))

export const SELECT_CHANNEL =
  sql.raw(`select c.*, v.content->'name' as dataset_name, p.name as provider_name, u.name as consumer_name,
    s.name as source_name, st.schema_name as source_schema, st.table_name as source_table, b.convention, t.name as target_name,
    g.generation, g.rejected, rw.progress as read_progress, aw.progress as apply_progress, f.*
  from channel c join department p on p.id = c.provider_department_id join department u on u.id = c.consumer_department_id
    join access_grant ag on ag.id = c.grant_id join access_request ar on ar.id = ag.request_id
    join dataset_version v on v.dataset_id = ar.dataset_id and v.number = ar.dataset_version
    join data_source s on s.id = c.source_id join data_source t on t.id = c.target_id
    join distribution b on b.id = c.distribution_id left join source_table st on st.id = b.table_id
    left join lateral (select generation, read_work_id, apply_work_id, rejected from stream
      where id = c.id and not abandoned order by generation desc limit 1) g on true
    left join node_work rw on rw.id = g.read_work_id left join node_work aw on aw.id = g.apply_work_id
    left join lateral (select
        count(*)::int as segments_sealed, coalesce(sum(rows), 0)::text as rows_sealed,
        count(*) filter (where state <> 'announced')::int as segments_received,
        coalesce(sum(rows) filter (where state <> 'announced'), 0)::text as rows_received,
        coalesce(sum(sealed_bytes) filter (where state <> 'announced'), 0)::text as bytes_received,
        count(*) filter (where state in ('verified', 'applied'))::int as segments_verified,
        count(*) filter (where state = 'applied')::int as segments_applied,
        coalesce(sum(rows) filter (where state = 'applied'), 0)::text as rows_applied,
        coalesce(sum(plain_bytes) filter (where state = 'applied'), 0)::text as bytes_applied,
        coalesce(sum(plain_bytes), 0)::text as bytes_sealed,
        coalesce(bool_or(final), false) as final_received
      from segment x where x.stream_id = c.id and x.generation = g.generation) f on true`)

/** A channel that the actor may see, or `object.not_found`. */
export async function findChannel(db: Reader, actor: Person, id: string): Promise<ChannelRow> {
  return db.one<ChannelRow>(sql`${SELECT_CHANNEL} where c.id = ${id} and ${channelSees(actor)}`)
}

/** What goes to whom; in English as far as there are English names. */
export function channelName(dataset: Names, consumer: Names): Names {
  const zh = `${dataset.zh} → ${consumer.zh}`
  if (!dataset.en && !consumer.en) return { zh }
  return { zh, en: `${dataset.en ?? dataset.zh} → ${consumer.en ?? consumer.zh}` }
}

/** All that a run of files carries: as its node said, and where it was too quick to say so, what it has sealed. */
function carriedOf(row: ChannelRow): { total: number; bytes: string } | null {
  if (row.mode !== 'files') return null
  if (row.final_received) return { total: Number(row.rows_sealed), bytes: row.bytes_sealed }
  return row.read_progress?.files ?? null
}

export function channelSummary(row: ChannelRow): Static<typeof ChannelSummary> {
  return {
    id: row.id,
    number: row.number,
    name: channelName(row.dataset_name, row.consumer_name),
    grantId: row.grant_id,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    providerDepartmentId: row.provider_department_id,
    providerDepartmentName: row.provider_name,
    consumerDepartmentId: row.consumer_department_id,
    consumerDepartmentName: row.consumer_name,
    state: row.state,
    mode: row.mode,
    progress: {
      generation: row.generation ?? 0,
      rowsSealed: larger(row.read_progress?.rowsSealed ?? '0', row.rows_sealed),
      segmentsSealed: Math.max(row.read_progress?.segmentsSealed ?? 0, row.segments_sealed),
      segmentsReceived: row.segments_received,
      rowsReceived: row.rows_received,
      segmentsVerified: row.segments_verified,
      segmentsApplied: row.segments_applied,
      rowsApplied: row.rows_applied,
      bytesReceived: row.bytes_received,
      sealedComplete: row.final_received || row.read_progress?.complete === true,
      ...filesOf(carriedOf(row), row.bytes_applied),
      startedAt: row.started_at?.toISOString() ?? null,
      finishedAt: row.finished_at?.toISOString() ?? null,
    },
    problem: row.problem,
    createdAt: row.created_at.toISOString(),
  }
}

type Verdict = Words | null
const because = (zh: string, en: string): Words => ({ zh, en })

const FILES_COMPARED = because(
  '文件交换逐个核对摘要，见文件清单和对账单',
  'Each file is checked by its digest: see the files and the statement',
)

/** Why a log cannot simply go on. */
export function brokenLog({ mode, log }: ChannelRow): Verdict {
  if (mode !== 'log') return null
  if (log?.state === 'gap') return because('变更日志已中断，请重新同步', 'The log has a gap: synchronise again')
  if (log?.state === 'truncated') return because('源表被清空，请先确认', 'The source was truncated: approve it first')
  return log?.slot == null ? because('变更日志已释放，请重新同步', 'The log was released: synchronise again') : null
}

/** May the actor do it now? null: yes; otherwise why not. */
export const CHANNEL_RULES = {
  start(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('channel.operate'))
      return because('没有运行交换任务的权限', 'You may not operate channels')
    if (row.state === 'running') return because('正在运行', 'It is running')
    if (row.state === 'following')
      return because('正在增量同步，重新全量前请先停止', 'It follows its source; stop it before a new full copy')
    return row.state === 'configured' ? because('等待需求方确认', 'Waits for the applicant to confirm') : null
  },
  stop(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('channel.operate'))
      return because('没有运行交换任务的权限', 'You may not operate channels')
    return row.state === 'running' || row.state === 'following' ? null : because('没有在运行', 'It is not running')
  },
  resume(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('channel.operate'))
      return because('没有运行交换任务的权限', 'You may not operate channels')
    if (row.mode === 'full' || row.mode === 'diff') return because('不是增量交换', 'It does not follow changes')
    if (row.cursor === null) return because('尚无断点，请先全量交换', 'There is no position yet; copy the whole first')
    const broken = brokenLog(row)
    if (broken) return broken
    return row.state === 'stopped' || row.state === 'failed'
      ? null
      : because('没有停止或中断', 'It has neither stopped nor failed')
  },
  /** After a gap of the log: a comparison with a new slot, of which only the differences travel. */
  resync(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('channel.operate'))
      return because('没有运行交换任务的权限', 'You may not operate channels')
    if (row.mode !== 'log') return because('不是变更日志交换', 'It does not follow the log')
    if (row.cursor === null) return because('尚无断点，请先全量交换', 'There is no position yet; copy the whole first')
    return row.state === 'stopped' || row.state === 'failed'
      ? null
      : because('没有停止或中断', 'It has neither stopped nor failed')
  },
  truncate(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('channel.operate'))
      return because('没有运行交换任务的权限', 'You may not operate channels')
    return row.log?.state === 'truncated' && row.log.slot !== null && row.state === 'failed'
      ? null
      : because('没有待确认的清空', 'No truncation waits for approval')
  },
  schedule(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('channel.operate'))
      return because('没有运行交换任务的权限', 'You may not operate channels')
    return row.mode === 'cursor' || row.mode === 'files' ? null : because('不是增量交换', 'It does not follow changes')
  },
  increment(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('channel.operate'))
      return because('没有运行交换任务的权限', 'You may not operate channels')
    if (row.mode === 'log') return because('变更日志实时同步，无需手动', 'The log is followed all the time')
    return row.state === 'following' ? null : because('没有在增量同步', 'It does not follow its source now')
  },
  mapping(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('request.configure'))
      return because('没有配置交换任务的权限', 'You may not configure channels')
    if (row.mode === 'files')
      return because('文件原样交换，没有字段映射', 'Files travel as they are and are not mapped')
    return row.state === 'running' || row.state === 'following' ? because('请先停止任务', 'Stop the task first') : null
  },
  driftPolicy(_row: ChannelRow, actor: Person): Verdict {
    return actor.permissions.has('channel.operate')
      ? null
      : because('没有运行交换任务的权限', 'You may not operate channels')
  },
  approveDrift(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('dataset.mount') || actor.departmentId !== row.provider_department_id)
      return because('由提供方的数据专员确认', 'The data officer of the provider approves it')
    const view = driftView(row)
    if (view === null || (row.state !== 'failed' && row.state !== 'stopped'))
      return because('没有待确认的表结构变化', 'No change of the table waits for approval')
    return grantMustChange(view.differences)
      ? because(
          '已授权的字段被删除或改了类型，需先变更授权',
          'A granted field is gone or has another type: the grant must change',
        )
      : null
  },
  plan(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('reconciliation.run')) return because('没有对账权限', 'You may not reconcile')
    if (row.mode === 'files') return FILES_COMPARED
    return row.key.length === 0 ? because('没有主键，不能逐行对账', 'No key to compare rows by') : null
  },
  reconcile(row: ChannelRow, actor: Person): Verdict {
    if (!actor.permissions.has('reconciliation.run')) return because('没有对账权限', 'You may not reconcile')
    if (row.mode === 'files') return FILES_COMPARED
    if (row.key.length === 0) return because('没有主键，不能逐行对账', 'No key to compare rows by')
    return row.state === 'completed' || row.state === 'following'
      ? null
      : because('交换完成后方可对账', 'Only when the exchange is complete')
  },
} as const

/** What of the table differs from what was agreed; for its own department and for who keeps the platform. */
export function driftView({ drift, mounted, columns, convention }: ChannelRow): Static<typeof DriftView> | null {
  if (drift === null || mounted === null) return null
  const differences = differencesOf(mounted.fields, drift.fields, neededFields(columns, convention))
  return { hash: hashOf(drift.fields), at: drift.at, differences }
}

/** Everything that a channel's page shows. Names of another department's tables are left out by row-level security. */
export async function channelDetail(db: Reader, actor: Person, id: string): Promise<Static<typeof ChannelDetail>> {
  const row = await findChannel(db, actor, id)
  const drift = driftView(row)
  return {
    ...channelSummary(row),
    source: {
      sourceId: row.source_id,
      name: row.source_name,
      schema: row.source_schema ?? '',
      table: row.source_table ?? '',
    },
    target: { sourceId: row.target_id, name: row.target_name, schema: row.target_schema, table: row.target_table },
    columns: row.columns.map(({ item, field, as, type, codes, constant }) => ({
      item,
      field: row.source_table === null ? '' : field,
      as,
      type,
      ...(codes === undefined ? {} : { codes: { pairs: codes.pairs, otherwise: codes.otherwise } }),
      ...(constant === undefined ? {} : { constant }),
    })),
    crossings: await crossingsOf(db, row.id),
    mappingVersion: row.mapping_version,
    key: row.key,
    rejected: row.rejected ?? '0',
    follow: row.mode === 'cursor' || row.mode === 'files' ? await followView(db, row) : null,
    log: row.mode === 'log' ? await logView(db, row) : null,
    driftPolicy: row.drift_policy,
    drift: drift && { ...drift, differences: row.source_table === null ? [] : drift.differences },
    reconcilePlan: { afterCopy: row.reconcile_after_copy, everyHours: row.reconcile_every_hours },
    reconciliations: await reconciliationsOf(db, actor, id),
    actions: Object.entries(CHANNEL_RULES).map(([name, rule]) => {
      const reason = rule(row, actor)
      return { name, allowed: reason === null, reason }
    }),
    version: row.version,
  }
}
