import { isFolderName } from '@huitong/connectors'
import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import { draftFromTable } from '@huitong/contract/curation'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { query } from '../../kernel/verb.ts'
import { CONNECTOR_KINDS } from '../nodes/index.ts'
import { suggestConvention, technicalFields } from './convention.ts'

interface Field {
  name: string
  canonicalType: string
  nullable: boolean
  length: number | null
  suggestedName: string | null
}
interface Row {
  kind: string
  table_name: string
  suggested_name: string | null
  key: string[]
  fields: Field[]
}

/** A draft that starts from a discovered table: names, types, keys and lengths; the officer completes the rest. Technical fields are left out. */
export const suggestDraftVerb = query<typeof draftFromTable>({
  endpoint: draftFromTable,
  audit: null,
  async run({ db, actor }, { body }) {
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 't.department_id'))
    const table = await db.one<Row>(
      sql`select s.kind, t.table_name, t.suggested_name, t.key, t.fields from source_table t join data_source s on s.id = t.source_id
        where t.id = ${body.tableId} and not t.gone and ${visible}`,
    )
    const convention = isFolderName(table.table_name) ? null : suggestConvention(table.fields)
    const technical = new Set(technicalFields(convention))
    const fields = table.fields.filter((field) => !technical.has(field.name))
    const codes = itemCodes(fields)
    const items = fields.map((field, at) => itemOf(field, codes[at]!, table.key))
    const content: DatasetContent = {
      name: { zh: named(table.suggested_name ?? table.table_name) },
      format: formatOf(table.kind, table.table_name),
      shareMethods: [isFolderName(table.table_name) ? 'file' : 'table'],
      items,
    }
    return { content, mapping: fields.map((field, at) => ({ item: codes[at]!, field: field.name })), convention }
  },
})

/** A file is told by the end of its path (`people.xlsx#2026`): data that say their own fields, or a sheet; all else is a database of its kind. */
export function formatOf(kind: string, table: string): NonNullable<DatasetContent['format']> {
  if (CONNECTOR_KINDS[kind]?.capabilities.folders !== true) return { class: 'database', type: kind }
  if (isFolderName(table)) return { class: 'electronic_file', type: 'folder' }
  const type = /\.([a-z0-9]{1,8})(#.*)?$/i.exec(table)?.[1]?.toLowerCase() ?? 'csv'
  return { class: ['jsonl', 'ndjson', 'xml'].includes(type) ? 'self_describing' : 'spreadsheet', type }
}

/** Item codes are lower-case identifiers, unique; a field name in Chinese gets a numbered one. */
export function itemCodes(fields: readonly { name: string }[]): string[] {
  const used = new Set<string>()
  return fields.map((field, at) => {
    const plain = field.name
      .toLowerCase()
      .replace(/[^a-z0-9_]/g, '_')
      .replace(/^[^a-z]+/, '')
      .slice(0, 56)
    const base = plain.replace(/_+$/, '') || `item_${at + 1}`
    let code = base
    for (let n = 2; used.has(code); n++) code = `${base}_${n}`
    used.add(code)
    return code
  })
}

/** Item types of the canonical types (packages/segment); every other type is text. */
const TYPES: Readonly<Record<string, NonNullable<ItemContent['type']>>> = {
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  numeric: 'decimal',
  real: 'decimal',
  double: 'decimal',
  timestamp: 'datetime',
  timestamptz: 'datetime',
  date: 'date',
  boolean: 'boolean',
  bytea: 'binary',
}
const NAME_MAX = 128
/** A comment in the source may be longer than a name may be. */
const named = (text: string) => [...text].slice(0, NAME_MAX).join('')

function itemOf(field: Field, code: string, key: readonly string[]): ItemContent {
  const type = TYPES[field.canonicalType.replace(/\(.*$/, '')] ?? 'text'
  return {
    code,
    name: { zh: named(field.suggestedName ?? field.name) },
    type,
    ...(field.length === null ? {} : { length: field.length }),
    key: key.includes(field.name),
    nullable: field.nullable,
  }
}
