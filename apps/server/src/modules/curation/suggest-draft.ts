import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import { draftFromTable } from '@huitong/contract/curation'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { query } from '../../kernel/verb.ts'

interface Field {
  name: string
  canonicalType: string
  nullable: boolean
  length: number | null
  suggestedName: string | null
}
interface Row {
  table_name: string
  suggested_name: string | null
  key: string[]
  fields: Field[]
}

/** A draft that starts from a discovered table: names, types, keys and lengths; the officer completes the rest. */
export const suggestDraftVerb = query<typeof draftFromTable>({
  endpoint: draftFromTable,
  audit: null,
  async run({ db, actor }, { body }) {
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'department_id'))
    const table = await db.one<Row>(
      sql`select table_name, suggested_name, key, fields from source_table where id = ${body.tableId} and ${visible}`,
    )
    const codes = itemCodes(table.fields)
    const items = table.fields.map((field, at) => itemOf(field, codes[at]!, table.key))
    const content: DatasetContent = {
      name: { zh: table.suggested_name ?? table.table_name },
      format: { class: 'database', type: 'postgresql' },
      shareMethods: ['table'],
      items,
    }
    return { content, mapping: table.fields.map((field, at) => ({ item: codes[at]!, field: field.name })) }
  },
})

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

const TYPES: readonly (readonly [RegExp, NonNullable<ItemContent['type']>])[] = [
  [/^(int|bigint|smallint|integer)/, 'integer'],
  [/^(numeric|decimal|real|double|float)/, 'decimal'],
  [/^timestamp/, 'datetime'],
  [/^date/, 'date'],
  [/^bool/, 'boolean'],
  [/^bytea/, 'binary'],
]

function itemOf(field: Field, code: string, key: readonly string[]): ItemContent {
  const type = TYPES.find(([pattern]) => pattern.test(field.canonicalType))?.[1] ?? 'text'
  return {
    code,
    name: { zh: field.suggestedName ?? field.name },
    type,
    ...(field.length === null ? {} : { length: field.length }),
    key: key.includes(field.name),
    nullable: field.nullable,
  }
}
