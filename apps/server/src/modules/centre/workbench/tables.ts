import type { ReplyOf } from '@huitong/contract'
import { listWorkbenchTables } from '@huitong/contract/workbench'
import { compileGrant, type GrantDocument, type Mask, momentOf, previewMask } from '@huitong/policy'
import { sql } from 'kysely'
import type { Person } from '../../../kernel/actor.ts'
import type { Reader } from '../../../kernel/db.ts'
import type { Services } from '../../../kernel/services.ts'
import { query } from '../../../kernel/verb.ts'
import { lakeType } from '../../engine/index.ts'
import { itemOf, type LandedRow, type Names, selectLanded } from '../../exchange/index.ts'
import { type GovernedTable, governedTables } from '../../governance/index.ts'
import type { Moment } from '../fusion-sources.ts'

const TABLES_MAX = 500

/** A table as a person may ask it. */
export interface AskableTable {
  readonly layer: 'collection' | 'governed'
  readonly name: string
  readonly channelId: string
  /** The cleaning run that made it; null in the collection. */
  readonly runId: string | null
  readonly row: LandedRow
  readonly columns: readonly { name: string; label: Names; type: string; mask: Mask | null }[]
}

/**
 * The tables that a person may ask now: those that the own department provides, as they are, and those whose grant reaches it, with
 * what is of people masked. No purpose is stated for a question, so a mask cannot be lifted here.
 */
export async function askableTables(
  db: Reader,
  services: Services,
  actor: Person,
  moment: Moment,
): Promise<AskableTable[]> {
  const rows = await db.many<LandedRow>(sql`select * from (select distinct on (l.dataset_id) l.* from (
      ${selectLanded(services.centre.database)}) l where exists (select from lake_file f where f.channel_id = l.id and f.problem is null)
    order by l.dataset_id, l.number desc) n order by n.number desc`)
  const readable = rows.flatMap((row) => readableColumns(row, actor, moment))
  const governed = await governedTables(
    db,
    readable.map((one) => one.row.dataset_id),
  )
  const names = namesOf(readable.map((one) => one.row))
  return readable.flatMap(({ row, columns }) => {
    const name = names.get(row.id)!
    const landed = { layer: 'collection', name, channelId: row.id, runId: null, row, columns } as const
    const made = governed.get(row.dataset_id)
    if (made === undefined) return [landed]
    const isOwn = row.provider_department_id === actor.departmentId
    return [landed, { ...landed, layer: 'governed', runId: made.runId, columns: governedColumns(made, columns, isOwn) }]
  })
}

function readableColumns(row: LandedRow, actor: Person, moment: Moment) {
  const document = JSON.parse(row.document) as GrantDocument
  const isOwn = row.provider_department_id === actor.departmentId
  const departmentId = isOwn ? document.grantee.departmentId : actor.departmentId
  const use = { departmentId, ...momentOf(moment), items: null, revoked: row.revoked_at !== null }
  const plan = compileGrant(document, use)
  if (!plan.allowed) return []
  const granted = new Set(plan.columns.map((one) => one.item))
  const columns = row.columns
    .filter((one) => granted.has(one.item))
    .map(({ item, as, type }) => {
      const { name, personal } = itemOf(row, item)
      const mask = isOwn ? null : previewMask({ code: item, name: name.zh, personal })
      return { name: as, label: name, type: lakeType(type), mask }
    })
  return columns.length === 0 ? [] : [{ row, columns }]
}

/**
 * The columns that a recipe left. What it made of values that are masked, or that are of another table, is masked as a whole, for no
 * mask knows its form; what it made of columns that the grant does not give is not there.
 */
function governedColumns(
  made: GovernedTable,
  columns: AskableTable['columns'],
  isOwn: boolean,
): AskableTable['columns'] {
  const known = new Map(columns.map((one) => [one.name, one]))
  return made.columns.flatMap(({ name, from, elsewhere }) => {
    if (!from.every((one) => known.has(one))) return []
    const source = known.get(name)
    const isSame = source !== undefined && from.length === 1 && from[0] === name && !elsewhere
    if (isSame) return [source]
    const isOpen = isOwn || (!elsewhere && from.every((one) => known.get(one)!.mask === null))
    return [
      { name, label: source?.label ?? { zh: name }, type: source?.type ?? 'VARCHAR', mask: isOpen ? null : 'null' },
    ]
  })
}

/** Names of tables: that of the landing, with its schema before it where two are called the same. */
function namesOf(rows: readonly LandedRow[]): Map<string, string> {
  const same = Map.groupBy(rows, (row) => row.target_table.toLowerCase())
  return new Map(
    rows.map((row) => {
      const isOnly = same.get(row.target_table.toLowerCase())!.length === 1
      return [row.id, isOnly ? row.target_table : `${row.target_schema}_${row.target_table}`]
    }),
  )
}

/** Tables that can be asked, newest task first. */
export const listWorkbenchTablesVerb = query<typeof listWorkbenchTables>({
  endpoint: listWorkbenchTables,
  audit: null,
  async run({ db, actor, services, now, legalNow }) {
    const tables = await askableTables(db, services, actor, { now, legalNow })
    const items: ReplyOf<typeof listWorkbenchTables>['items'] = tables.slice(0, TABLES_MAX).map((one) => ({
      layer: one.layer,
      name: one.name,
      datasetId: one.row.dataset_id,
      datasetName: one.row.dataset_name,
      departmentName: one.row.provider_name,
      columns: one.columns.map(({ name, label, type, mask }) => ({ name, label, type, masked: mask !== null })),
    }))
    return { items, more: tables.length > TABLES_MAX }
  },
})
