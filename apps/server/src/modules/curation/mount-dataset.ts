import { randomUUID } from 'node:crypto'
import { isFolderName } from '@huitong/connectors'
import { mountDataset } from '@huitong/contract/curation'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { datasetDetail, requireRule } from '../catalogue/index.ts'
import { CONNECTOR_KINDS, requireConsent } from '../nodes/index.ts'
import { conventionFaults } from './convention.ts'

interface TableRow {
  id: string
  source_id: string
  schema_hash: string
  usage: 'provide' | 'receive' | 'both'
  kind: string
  front_database: boolean
  key: string[]
  table_name: string
  fields: { name: string; canonicalType: string; nullable: boolean }[]
}

/** A folder whose files travel as they are. */
const isFolder = (table: TableRow) =>
  CONNECTOR_KINDS[table.kind]?.capabilities.folders === true && isFolderName(table.table_name)

/** Marks are written in push tables only, and by the table's own key. */
const markFaults = (table: TableRow) => [
  ...(table.front_database
    ? []
    : [
        place(
          '/convention/mark',
          '不是前置库，平台不写交换标记',
          'no front database: the platform writes nothing there',
        ),
      ]),
  ...(table.key.length > 0
    ? []
    : [place('/convention/mark', '该表没有主键，无法标记', 'without a key no row can be marked')]),
]

/** Mounts a discovered table of the own department: each item gets the field that holds it. */
export const mountDatasetVerb = command<typeof mountDataset>({
  endpoint: mountDataset,
  audit: ({ params, body }) => ({ objectKind: 'dataset', objectId: params.id, detail: { table: body.tableId } }),
  async run({ db, actor, now }, { params, body }) {
    const dataset = await requireRule(db, actor, params.id, 'mount')
    const table =
      await db.one<TableRow>(sql`select t.id, t.source_id, t.schema_hash, t.fields, s.usage, s.kind, s.front_database, t.key, t.table_name
      from source_table t join data_source s on s.id = t.source_id
      where t.id = ${body.tableId} and not t.gone and t.department_id = ${dataset.department_id}`)
    if (table.usage === 'receive')
      refuse('object.state', {
        places: [place('/tableId', '接收库不能对外提供数据', 'a receiving database provides nothing')],
      })
    await requireConsent(db, table.source_id, now)
    const content = dataset.live_content ?? dataset.pending_content
    const items = new Set((content?.items ?? []).map((item) => item.code))
    const fields = new Map(table.fields.map((field) => [field.name, field]))
    const places = body.mapping.flatMap(({ item, field }, index) => [
      ...(items.has(item) ? [] : [place(`/mapping/${index}/item`, '目录中没有此信息项', 'no such item')]),
      ...(fields.has(field) ? [] : [place(`/mapping/${index}/field`, '库表中没有此字段', 'no such field')]),
    ])
    const repeated = body.mapping.findIndex(
      (one, index) => body.mapping.findIndex((other) => other.item === one.item) < index,
    )
    if (repeated >= 0) places.push(place(`/mapping/${repeated}/item`, '信息项重复挂接', 'item is mapped twice'))
    const convention = body.convention ?? null
    if (convention !== null) places.push(...conventionFaults(convention, table.fields, body.mapping))
    if (convention?.mark != null) places.push(...markFaults(table))
    const kind = isFolder(table) ? 'file' : 'table'
    if (kind === 'file' && convention !== null)
      places.push(place('/convention', '文件夹没有操作标识字段', 'a folder has no fields of operation and update time'))
    if (places.length > 0) refuse('request.invalid', { places })
    const mapping = body.mapping.map(({ item, field }) => {
      const found = fields.get(field)!
      return { item, field, type: found.canonicalType, nullable: found.nullable }
    })
    await db.run(sql`insert into distribution (id, jurisdiction, department_id, dataset_id, kind, source_id, table_id, mapping, schema_hash, convention, created_at)
      values (${randomUUID()}, ${dataset.jurisdiction}, ${dataset.department_id}, ${params.id}, ${kind}, ${table.source_id}, ${table.id},
        ${JSON.stringify(mapping)}, ${table.schema_hash}, ${convention === null ? null : JSON.stringify(convention)}, ${now})
      on conflict (dataset_id, kind) do update set source_id = excluded.source_id, table_id = excluded.table_id,
        mapping = excluded.mapping, schema_hash = excluded.schema_hash, convention = excluded.convention, unlisted = null`)
    return datasetDetail(db, actor, params.id)
  },
})
