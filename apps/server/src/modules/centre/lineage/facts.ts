import type { DatasetContent } from '@huitong/contract/catalogue'
import type { TransitColumn } from '@huitong/contract/work'
import type { GrantDocument } from '@huitong/policy'
import type { Step } from '@huitong/recipes'
import { sql } from 'kysely'
import type { Reader } from '../../../kernel/db.ts'
import { type DatasetRow, SELECT_DATASET } from '../../catalogue/index.ts'
import type { Names } from '../../exchange/index.ts'
import type { FusionSettings } from '../fusion-rules.ts'
import type { LibraryName } from '../library.ts'

/** The most exchange tasks, services and openings that are looked at, the newest first, and the most columns of each. */
const ROWS_MAX = 1000
const COLUMNS_MAX = 10_000

/** A table of a department that is mounted to a dataset. */
export interface MountFact {
  dataset_id: string
  kind: 'table' | 'file' | 'service'
  source_id: string
  source_name: Names
  department_id: string
  department_name: Names
  schema_name: string
  table_name: string
  mapping: { item: string; field: string }[]
  convention: { operation: string | null; updatedAt: string } | null
}
export interface TaskFact {
  id: string
  number: string
  dataset_id: string
  provider_department_id: string
  consumer_department_id: string
  consumer_name: Names
  /** The consumer is the resource centre. */
  lands: boolean
  target_id: string
  target_name: Names
  target_schema: string
  target_table: string
  columns: TransitColumn[]
  key: string[]
  document: string
}
export interface RecipeFact {
  id: string
  dataset_id: string
  department_id: string
  steps: Step[]
  /** Of the run whose table is the governed one. */
  run_steps: Step[] | null
}
export interface ServiceFact {
  id: string
  code: string
  name: Names
  dataset_id: string
  channel_id: string | null
  provider_department_id: string
  provider_name: Names
  items: { code: string; name: Names }[]
  key: string[]
}
export interface OpeningFact {
  id: string
  service_id: string
  department_id: string
  department_name: Names
  provider_department_id: string
  grant_number: string
  document: string
}
export interface LibraryFact {
  library: LibraryName
  settings: FusionSettings | null
  parts: { channel_id: string; key_item: string }[]
}

/** What is known of some datasets and of all that is made from them. */
export interface Facts {
  readonly datasets: readonly DatasetRow[]
  readonly mounts: readonly MountFact[]
  readonly tasks: readonly TaskFact[]
  readonly recipes: readonly RecipeFact[]
  readonly services: readonly ServiceFact[]
  readonly openings: readonly OpeningFact[]
  readonly libraries: readonly LibraryFact[]
  /** There are more tasks, services or openings than these. */
  readonly truncated: boolean
}

export const documentOf = (row: { document: string }) => JSON.parse(row.document) as GrantDocument
/** What a dataset says of itself; what its own department alone may see comes last. */
export const contentOf = (row: DatasetRow): DatasetContent =>
  row.live_content ?? row.pending_content ?? { name: { zh: row.code } }

/** Reads what the platform knows of datasets, and the openings that hold at a time; whoever shows it decides what of it is seen. */
export async function readFacts(db: Reader, jurisdiction: string, ids: readonly string[], at: Date): Promise<Facts> {
  const given = sql`any(${[...ids]}::uuid[])`
  const within = sql`jurisdiction = ${jurisdiction}`
  const tasks = await db.many<TaskFact & { columns_before: number }>(sql`select c.id, c.number, c.dataset_id,
      c.provider_department_id, c.consumer_department_id, u.name as consumer_name, u.kind = 'data_centre' as lands, c.target_id,
      t.name as target_name, c.target_schema, c.target_table, c.key, g.document, c.columns_before,
      case when c.columns_before < ${COLUMNS_MAX} then c.columns else '[]' end as columns
    from (select *, coalesce(sum(jsonb_array_length(columns)) over (order by created_at desc, id
        rows between unbounded preceding and 1 preceding), 0)::int as columns_before
      from channel where dataset_id = ${given} and ${within}) c
      join department u on u.id = c.consumer_department_id join data_source t on t.id = c.target_id
      join access_grant g on g.id = c.grant_id
    order by c.created_at desc, c.id limit ${ROWS_MAX + 1}`)
  const near = tasks.slice(0, ROWS_MAX).filter((one) => one.columns_before < COLUMNS_MAX)
  const services = await db.many<ServiceFact>(sql`select s.id, s.code, s.name, s.dataset_id, s.channel_id,
      s.provider_department_id, p.name as provider_name, s.items, s.key
    from service s join department p on p.id = s.provider_department_id
    where s.dataset_id = ${given} and s.${within} order by s.created_at desc, s.id limit ${ROWS_MAX + 1}`)
  const openings = await db.many<OpeningFact>(sql`select o.id, o.service_id, o.department_id, d.name as department_name,
      o.provider_department_id, g.number as grant_number, g.document
    from service_opening o join service s on s.id = o.service_id join access_grant g on g.id = o.grant_id
      join department d on d.id = o.department_id
    where s.dataset_id = ${given} and o.${within} and g.revoked_at is null and g.valid_until > ${at}
    order by o.created_at desc, o.id limit ${ROWS_MAX + 1}`)
  const served = withinColumns(services, (one) => one.items.length)
  const opened = withinColumns(openings, (one) => documentOf(one).items.length)
  return {
    datasets: await db.many<DatasetRow>(sql`${SELECT_DATASET} where v.id = ${given} and v.${within}`),
    mounts:
      await db.many<MountFact>(sql`select b.dataset_id, b.kind, b.source_id, s.name as source_name, s.department_id,
        d.name as department_name, t.schema_name, t.table_name, b.mapping, b.convention
      from distribution b join data_source s on s.id = b.source_id join source_table t on t.id = b.table_id
        join department d on d.id = s.department_id
      where b.dataset_id = ${given} and b.${within} order by b.kind`),
    tasks: near,
    recipes: await db.many<RecipeFact>(sql`select r.id, r.dataset_id, r.department_id, r.steps,
        (select x.steps from recipe_run x where x.dataset_id = r.dataset_id and x.state = 'done' and x.bytes is not null
          order by x.created_at desc, x.id desc limit 1) as run_steps
      from recipe r where r.dataset_id = ${given} and r.${within}`),
    services: served,
    openings: opened,
    libraries: await readLibraries(db, jurisdiction),
    truncated: near.length < tasks.length || served.length < services.length || opened.length < openings.length,
  }
}

/** The first of these, as many as both bounds have room for. */
function withinColumns<T>(rows: readonly T[], columnsOf: (row: T) => number): T[] {
  let columns = 0
  return rows.slice(0, ROWS_MAX).filter((row) => (columns += columnsOf(row)) <= COLUMNS_MAX)
}

async function readLibraries(db: Reader, jurisdiction: string): Promise<LibraryFact[]> {
  const settings = await db.many<{ library: LibraryName; settings: FusionSettings }>(
    sql`select library, settings from fusion_settings where jurisdiction = ${jurisdiction}`,
  )
  const parts = await db.many<{ library: LibraryName; channel_id: string; key_item: string }>(
    sql`select library, channel_id, key_item from library_part where jurisdiction = ${jurisdiction} order by position`,
  )
  return [...new Set([...settings, ...parts].map((one) => one.library))].map((library) => ({
    library,
    settings: settings.find((one) => one.library === library)?.settings ?? null,
    parts: parts.filter((one) => one.library === library),
  }))
}
