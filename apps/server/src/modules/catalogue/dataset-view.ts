import type { Action } from '@huitong/contract'
import type { DatasetContent, DatasetDetail, DatasetSummary, VersionState } from '@huitong/contract/catalogue'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { missingFields } from './completeness.ts'

type State = Static<typeof VersionState>

export interface DatasetRow {
  id: string
  jurisdiction: string
  department_id: string
  department_name: { zh: string; en?: string }
  code: string
  official_code: string | null
  state: 'draft' | 'published' | 'withdrawn'
  live_version: number | null
  pending_version: number | null
  version: number
  published_at: Date | null
  updated_at: Date
  live_state: State | null
  live_content: DatasetContent | null
  live_changed_at: Date | null
  pending_state: State | null
  pending_content: DatasetContent | null
  pending_changed_at: Date | null
  pending_opinion: string | null
  pending_submitted_by: string | null
  pending_signed_by: string | null
}

/** Fields of `VISIBILITY.dataset` over {@link SELECT_DATASET}. */
const FIELDS: Record<string, string> = {
  department: 'v.department_id',
  published: "(v.state = 'published')",
  pending: 'v.pending_state',
}
export const datasetSees = (actor: Person, which: 'dataset' | 'pendingDataset' = 'dataset') =>
  sql.raw(emitPostgres(VISIBILITY[which](viewerOf(actor)), (field) => FIELDS[field]!))

/**
 * Datasets with their live version and, only where the viewer may see it, the pending one. The state of the pending
 * version comes from its row, which row-level security hides from other departments.
 */
export const SELECT_DATASET = sql.raw(`select v.* from (
  select x.id, x.jurisdiction, x.department_id, d.name as department_name, x.code, x.official_code, x.state, x.live_version,
    x.pending_version, x.version, x.published_at, x.updated_at,
    l.state as live_state, l.content as live_content, l.changed_at as live_changed_at,
    p.state as pending_state, p.content as pending_content, p.changed_at as pending_changed_at, p.opinion as pending_opinion,
    p.submitted_by as pending_submitted_by, p.signed_by as pending_signed_by, coalesce(l.name_zh, p.name_zh) as name_zh
  from dataset x join department d on d.id = x.department_id
    left join dataset_version l on l.dataset_id = x.id and l.number = x.live_version
    left join dataset_version p on p.dataset_id = x.id and p.number = x.pending_version) v`)

/** Hides the pending version from a viewer who may not see it. */
export function withoutHidden(row: DatasetRow, actor: Person): DatasetRow {
  const own = row.department_id === actor.departmentId
  const reviewing = actor.permissions.has('dataset.review') && row.pending_state === 'signed'
  if (own || reviewing) return row
  return { ...row, pending_state: null, pending_content: null, pending_version: null, pending_opinion: null }
}

export function datasetSummary(row: DatasetRow): Static<typeof DatasetSummary> {
  const content = row.live_content ?? row.pending_content
  return {
    id: row.id,
    code: row.code,
    officialCode: row.official_code,
    name: content?.name ?? { zh: row.code },
    departmentId: row.department_id,
    departmentName: row.department_name,
    shareAttribute: content?.shareAttribute ?? null,
    updateCycle: content?.updateCycle ?? null,
    itemCount: content?.items?.length ?? 0,
    state: row.state,
    pendingState: row.pending_state,
    publishedAt: row.published_at?.toISOString() ?? null,
    updatedAt: row.updated_at.toISOString(),
  }
}

/** Reads a dataset that the actor may see, or refuses with `object.not_found`. */
export async function findDataset(db: Reader, actor: Person, id: string): Promise<DatasetRow> {
  const row = await db.one<DatasetRow>(sql`${SELECT_DATASET} where v.id = ${id} and ${datasetSees(actor)}`)
  return withoutHidden(row, actor)
}

interface DistributionRow {
  id: string
  kind: 'table' | 'file' | 'service'
  source_id: string
  source_name: { zh: string; en?: string }
  schema_name: string | null
  table_name: string | null
  mapping: { item: string; field: string; type: string }[]
  key: string[] | null
  row_estimate: string | null
  convention: { operation: string | null; updatedAt: string; batch: string | null; mark?: string | null } | null
}

async function distributions(db: Reader, id: string): Promise<Static<typeof DatasetDetail>['distributions']> {
  const rows =
    await db.many<DistributionRow>(sql`select b.id, b.kind, b.source_id, s.name as source_name, t.schema_name, t.table_name,
      b.mapping, b.convention, t.key, t.row_estimate
    from distribution b join data_source s on s.id = b.source_id left join source_table t on t.id = b.table_id
    where b.dataset_id = ${id} order by b.kind`)
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    sourceId: row.source_id,
    sourceName: row.source_name,
    // The names of another department's tables are not for everyone: row-level security leaves them out.
    schema: row.schema_name ?? '',
    table: row.table_name ?? '',
    mapping: row.mapping.map(({ item, field, type }) => ({ item, field: row.table_name === null ? '' : field, type })),
    key: row.key ?? [],
    rowEstimate: row.row_estimate,
    convention: conventionOf(row),
  }))
}

/** That a table tells what changed is for everyone to know; by which fields it does is not. */
const conventionOf = ({ convention, table_name }: DistributionRow): DistributionRow['convention'] =>
  convention === null || table_name !== null ? convention : { operation: null, updatedAt: '', batch: null }

/** Everything that a dataset's page shows, as this actor may see it. */
export async function datasetDetail(
  db: Reader,
  actor: Person,
  id: string,
  want: 'live' | 'pending' | undefined = undefined,
): Promise<Static<typeof DatasetDetail>> {
  return detailOf(db, actor, await findDataset(db, actor, id), want)
}

/** The detail of a row that was read already, also where the actor's own act just took it out of sight. */
export async function detailOf(
  db: Reader,
  actor: Person,
  row: DatasetRow,
  want: 'live' | 'pending' | undefined = undefined,
): Promise<Static<typeof DatasetDetail>> {
  const pendingFirst = want === 'pending' || (want === undefined && row.live_content === null)
  const content = (pendingFirst ? row.pending_content : row.live_content) ?? row.live_content ?? row.pending_content
  const shown = content ?? { name: { zh: row.code } }
  return {
    ...datasetSummary(row),
    content: shown,
    live:
      row.live_version === null || row.live_state === null
        ? null
        : {
            number: row.live_version,
            state: row.live_state,
            changedAt: row.live_changed_at!.toISOString(),
            opinion: null,
          },
    pending:
      row.pending_version === null || row.pending_state === null
        ? null
        : {
            number: row.pending_version,
            state: row.pending_state,
            changedAt: row.pending_changed_at!.toISOString(),
            opinion: row.pending_opinion,
          },
    missing: row.pending_content ? missingFields(row.pending_content) : [],
    distributions: await distributions(db, row.id),
    actions: datasetActions(row, actor),
    version: row.version,
  }
}

type Verdict = { zh: string; en: string } | null
const because = (zh: string, en: string) => ({ zh, en })
const OTHER = because('不是本部门的目录', 'Not of your department')
export const SAME_PERSON = because('前一环节由您本人办理', 'You acted in an earlier step yourself')
const NO_RIGHT = because('没有此权限', 'You lack this permission')

/** May the actor do it now? null: yes; otherwise why not. Verbs and pages ask the same table. */
export const DATASET_RULES = {
  update(row: DatasetRow, actor: Person): Verdict {
    if (!actor.permissions.has('dataset.compile')) return NO_RIGHT
    if (row.department_id !== actor.departmentId) return OTHER
    return row.pending_state === 'submitted' || row.pending_state === 'signed'
      ? because('待发布版本正在审核', 'The pending version is under review')
      : null
  },
  submit(row: DatasetRow, actor: Person): Verdict {
    if (!actor.permissions.has('dataset.compile')) return NO_RIGHT
    if (row.department_id !== actor.departmentId) return OTHER
    return row.pending_state === 'draft' || row.pending_state === 'returned'
      ? null
      : because('没有可提交的草稿', 'There is no draft to submit')
  },
  sign(row: DatasetRow, actor: Person): Verdict {
    if (!actor.permissions.has('dataset.sign')) return NO_RIGHT
    if (row.department_id !== actor.departmentId) return OTHER
    if (row.pending_state !== 'submitted') return because('没有待签发的版本', 'Nothing waits for signature')
    return row.pending_submitted_by === actor.id ? SAME_PERSON : null
  },
  review(row: DatasetRow, actor: Person): Verdict {
    if (!actor.permissions.has('dataset.review')) return NO_RIGHT
    if (row.pending_state !== 'signed') return because('没有待审核的版本', 'Nothing waits for review')
    return row.pending_submitted_by === actor.id || row.pending_signed_by === actor.id ? SAME_PERSON : null
  },
  mount(row: DatasetRow, actor: Person): Verdict {
    if (!actor.permissions.has('dataset.mount')) return NO_RIGHT
    return row.department_id === actor.departmentId ? null : OTHER
  },
  request(row: DatasetRow, actor: Person): Verdict {
    if (!actor.permissions.has('request.make')) return NO_RIGHT
    if (row.department_id === actor.departmentId) return because('本部门的数据无需申请', 'Your own department holds it')
    if (row.state !== 'published') return because('只能申请已发布的目录', 'Only published datasets can be requested')
    return row.live_content?.shareAttribute === 'refused' ? because('不予共享', 'Not shareable') : null
  },
} as const

function datasetActions(row: DatasetRow, actor: Person): Static<typeof Action>[] {
  return Object.entries(DATASET_RULES).map(([name, rule]) => {
    const reason = rule(row, actor)
    return { name, allowed: reason === null, reason }
  })
}
