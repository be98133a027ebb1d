import type { BodyOf } from '@huitong/contract'
import { type LineageBox, LineageKind, readImpact } from '@huitong/contract/lineage'
import { emitPostgres, fieldsOf, latestOf, type Times, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { type Person, viewerOf } from '../../../kernel/actor.ts'
import { type Reader, SYSTEM_ROWS } from '../../../kernel/db.ts'
import { place, refuse } from '../../../kernel/errors.ts'
import { query } from '../../../kernel/verb.ts'
import { type DatasetRow, datasetSees, SELECT_DATASET } from '../../catalogue/index.ts'
import type { Names } from '../../exchange/index.ts'
import { contentOf, documentOf } from './facts.ts'
import { datasetBox, tableBox } from './flow-graph.ts'
import type { Spot } from './graph.ts'
import { graphAround } from './read-lineage.ts'
import { sightOf } from './sight.ts'
import { directBoxes, walk } from './walk.ts'

const GRANTS_MAX = 500
/** In the order of the way of the data. */
const KINDS: readonly string[] = (LineageKind as unknown as { enum: string[] }).enum

/** What is to change: columns of a box, and the items of datasets that they are. */
interface Change {
  readonly starts: readonly Spot[]
  readonly items: ReadonlyMap<string, readonly string[]>
}

/** Finds what is to change in the sight of the one who asks, and refuses what is not there. */
async function changeOf(db: Reader, actor: Person, body: BodyOf<typeof readImpact>): Promise<Change> {
  const unknown = (path: string, name: string) => place(`/${path}`, `没有 ${name}`, `there is no ${name}`)
  if ('datasetId' in body) {
    const row = await db.one<DatasetRow>(
      sql`${SELECT_DATASET} where v.id = ${body.datasetId} and ${datasetSees(actor)}`,
    )
    const known = new Set(contentOf(row).items?.map((one) => one.code))
    const places = body.items.flatMap((item, at) => (known.has(item) ? [] : [unknown(`items/${at}`, item)]))
    if (places.length > 0) refuse('request.invalid', { places: places.slice(0, 50) })
    return {
      starts: body.items.map((column) => ({ box: datasetBox(row.id), column })),
      items: new Map([[row.id, body.items]]),
    }
  }
  const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 's.department_id'))
  const table = await db.one<{
    source_id: string
    schema_name: string
    table_name: string
    fields: { name: string }[]
  }>(
    sql`select t.source_id, t.schema_name, t.table_name, t.fields from source_table t join data_source s on s.id = t.source_id
      where t.id = ${body.tableId} and ${visible}`,
  )
  const known = new Set(table.fields.map((one) => one.name))
  const places = body.columns.flatMap((column, at) => (known.has(column) ? [] : [unknown(`columns/${at}`, column)]))
  if (places.length > 0) refuse('request.invalid', { places: places.slice(0, 50) })
  const mounts = await db.many<{ dataset_id: string; mapping: { item: string; field: string }[] }>(
    sql`select dataset_id, mapping from distribution where table_id = ${body.tableId}`,
  )
  const itemsOf = (mapping: (typeof mounts)[number]['mapping']) =>
    mapping.filter((one) => body.columns.includes(one.field)).map((one) => one.item)
  const box = tableBox(table.source_id, table.schema_name, table.table_name)
  return {
    starts: body.columns.map((column) => ({ box, column })),
    items: new Map(mounts.map((one) => [one.dataset_id, itemsOf(one.mapping)])),
  }
}

interface GrantRow {
  id: string
  number: string
  dataset_id: string
  dataset_name: Names
  grantor_department_id: string
  grantee_department_id: string
  grantee_name: Names
  document: string
}

/** The grants in force that name what changes; those out of sight are only counted. */
async function touchedGrants(db: Reader, actor: Person, items: Change['items'], times: Times) {
  const rows = await db.many<GrantRow>(sql`select g.id, g.number, g.dataset_id, v.content->'name' as dataset_name,
      g.grantor_department_id, g.grantee_department_id, e.name as grantee_name, g.document
    from access_grant g join access_request r on r.id = g.request_id join department e on e.id = g.grantee_department_id
      join dataset_version v on v.dataset_id = r.dataset_id and v.number = r.dataset_version
    where g.dataset_id = any(${[...items.keys()]}::uuid[]) and g.jurisdiction = ${actor.jurisdiction}
      and g.revoked_at is null and g.valid_until > ${latestOf(times)} order by g.number desc limit ${GRANTS_MAX + 1}`)
  const touched = rows.slice(0, GRANTS_MAX).flatMap((row) => {
    const { items: given, rowFilter } = documentOf(row)
    const filters = fieldsOf(rowFilter)
    const changed = items.get(row.dataset_id)!
    const named = changed.filter((one) => given.includes(one) || filters.has(one))
    return named.length === 0 ? [] : [{ row, named, direct: named.some((one) => given.includes(one)) }]
  })
  const sight = sightOf(actor)
  const seen = touched.filter(({ row }) => sight.grant(row.grantor_department_id, row.grantee_department_id))
  return { seen, hidden: touched.length - seen.length, truncated: rows.length > GRANTS_MAX }
}

/** What a change of items, or of columns of a table, would touch: everything down the way, and the grants. */
export const readImpactVerb = query<typeof readImpact>({
  endpoint: readImpact,
  audit: null,
  async run({ db, actor, services, now, legalNow }, { body }) {
    const { starts, items } = await changeOf(db, actor, body)
    const times = { now, legalNow }
    return () =>
      services.db.read(SYSTEM_ROWS, async (all) => {
        const around = await graphAround(all, actor, { ids: [...items.keys()], directions: ['down'], times })
        const known = starts.filter((one) => around.graph.boxes.get(one.box)?.columns.has(one.column!))
        const walked = walk(around.graph, known, ['down'])
        const grants = await touchedGrants(all, actor, items, times)
        const direct = directBoxes(known, walked.edges)
        const start = starts[0]!.box
        const boxes = walked.boxes.filter((one) => one.id !== start).sort(byWay)
        return {
          touched: boxes.map((box) => ({ box, direct: direct.has(box.id) })),
          grants: grants.seen.map(({ row, named, direct: isDirect }) => ({
            id: row.id,
            number: row.number,
            datasetName: row.dataset_name,
            granteeDepartmentName: row.grantee_name,
            items: named,
            direct: isDirect,
          })),
          departments: departmentsOf(
            boxes,
            grants.seen.map((one) => one.row),
          ),
          hidden: walked.hidden + grants.hidden,
          truncated: around.truncated || walked.truncated || grants.truncated,
        }
      })
  },
})

const byWay = (one: LineageBox, other: LineageBox) =>
  KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || (one.id < other.id ? -1 : 1)

function departmentsOf(boxes: readonly LineageBox[], grants: readonly GrantRow[]) {
  const named = new Map<string, Names>()
  for (const { departmentId, departmentName } of boxes)
    if (departmentId !== null && departmentName !== null) named.set(departmentId, departmentName)
  for (const row of grants) named.set(row.grantee_department_id, row.grantee_name)
  return [...named].map(([id, name]) => ({ id, name })).sort((a, b) => (a.name.zh < b.name.zh ? -1 : 1))
}
