import { emitPostgres, maskPostgres, quoteIdentifier, quoteText } from '@huitong/policy'
import { canonicalTextSql, parseColumnType, postgresType } from '@huitong/segment'
import { codedPostgres } from '../code-map.ts'
import type { SqlForms } from '../database.ts'
import { livingSql, windowStartSql } from './changes.ts'

/** PostgreSQL's own writing of what goes into a source's query. */
export const postgresqlForms: SqlForms = {
  predicate: (predicate, fieldOf) => emitPostgres(predicate, (item) => quoteIdentifier(fieldOf(item))),
  column(field, type, mask) {
    const name = quoteIdentifier(field)
    const { name: typeName } = parseColumnType(type)
    // Whatever travels as `text` is cast, so that types without a canonical form read the same here and in a digest.
    if (mask === null) return typeName === 'text' ? `(${name})::text` : name
    const masked = `(${maskPostgres(mask, name)})`
    return typeName === 'text' ? masked : `${masked}::${postgresType(type)}`
  },
  coded: codedPostgres,
  constant: (value, type) => `${quoteText(value)}::${postgresType(type)}`,
  keyIn(columns, keys) {
    if (keys.length === 0) return 'false'
    const texts = columns.map(({ expression, type }) => `(${canonicalTextSql(expression, type)}) COLLATE "C"`)
    const rows = keys.map((key) => `(${key.map(quoteText).join(', ')})`)
    return `(${texts.join(', ')}) IN (VALUES ${rows.join(', ')})`
  },
  living: livingSql,
  changedSince(convention, since, lagSeconds) {
    const kind = since.endsWith('Z') ? 'timestamptz' : 'timestamp'
    return `coalesce(${quoteIdentifier(convention.updatedAt)} >= ${windowStartSql(since, lagSeconds, kind)}, false)`
  },
}
