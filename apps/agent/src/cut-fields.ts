import { ConnectorError, type FieldRead, type FieldText, type LogRead, mapCode } from '@huitong/connectors'
import type { CaptureInput, ReadInput, TransitColumn } from '@huitong/contract/work'
import { evaluate, fieldsOf, isLiteral, type Mask, maskText, type Predicate, type Value } from '@huitong/policy'
import { parseColumnType } from '@huitong/segment'
import { isPlain, maskOf, planOf } from './cut.ts'
import { WorkError } from './problem.ts'

/**
 * What a grant lets out of a source without SQL: masks and row filter run here, field by field, before anything is
 * sealed. The same grant on the same values gives the same rows as `cutByGrant` gives in a database.
 * @throws WorkError `grant.signature`, `grant.inactive`, `grant.items`.
 */
export function fieldsByGrant(
  input: Pick<ReadInput, 'grant' | 'columns' | 'table'>,
  platformKey: string,
  now: Date,
): FieldRead {
  const { masks, rows } = planOf(input.grant, platformKey, now)
  const fields = input.columns.map((column) => {
    const mask = maskOf(column, masks)
    const { field, as, type } = column
    return { field, as, type, ...(isPlain(column, mask) ? {} : { mask: changeOf(column, mask) }) }
  })
  const plain = input.columns.filter((column) => isPlain(column, maskOf(column, masks)))
  return {
    table: input.table,
    fields,
    expect: plain.map(({ field, type }) => ({ name: field, canonicalType: type })),
    ...(rows.op === 'true' ? {} : { filter: filterOf(rows, input.columns) }),
  }
}

/**
 * What a grant lets out of the log of a table: as {@link fieldsByGrant}, and a row that the table's convention marks as
 * deleted is none.
 */
export function logByGrant(input: CaptureInput, platformKey: string, now: Date): LogRead {
  const { table, fields, filter } = fieldsByGrant(input, platformKey, now)
  const { rows } = planOf(input.grant, platformKey, now)
  const byItem = new Map(input.columns.map(({ item, field }) => [item, field]))
  const { operation } = input
  const filterFields = [...fieldsOf(rows)].map((item) => byItem.get(item)!)
  if (operation === null) return { table, fields, key: input.key, filterFields, ...(filter ? { filter } : {}) }
  const living = (field: (name: string) => FieldText) => ['I', 'U'].includes((field(operation) ?? '').toUpperCase())
  const both: NonNullable<FieldRead['filter']> = (field) => living(field) && (filter?.(field) ?? true)
  return { table, fields, key: input.key, filterFields: [...filterFields, operation], filter: both }
}

/** What becomes of a field's text: its mask, and after it the mapping. */
function changeOf({ as, codes, constant }: TransitColumn, mask: Mask | null): (value: FieldText) => FieldText {
  if (constant !== undefined) return () => constant
  const masked = (value: FieldText) => (mask === null ? value : maskText(mask, value))
  if (codes === undefined) return masked
  const mapped = mapCode(codes, as)
  // Other types than text have no empty value.
  const isAbsent = (value: FieldText) => value === '' && !isText({ type: codes.of })
  return (value) => mapped(isAbsent(value) ? null : masked(value))
}

/** The row filter over a record's texts. A filter that cannot be applied must not be left out. */
function filterOf(rows: Predicate, columns: readonly TransitColumn[]): NonNullable<FieldRead['filter']> {
  const byItem = new Map(columns.map((column) => [column.item, column]))
  const literals = literalsOf(rows)
  const needed = [...fieldsOf(rows)].map((item) => {
    const column = byItem.get(item)
    if (column === undefined) throw new WorkError('grant.items', `the row filter needs item ${item}`)
    return {
      item,
      field: column.field,
      type: literals.get(item) ?? 'text',
      text: isText({ type: column.codes?.of ?? column.type }),
    }
  })
  return (field) => {
    const row: Record<string, FieldText> = {}
    for (const { item, field: name, type, text } of needed) row[item] = literalText(field(name), type, text, name)
    return evaluate(rows, row)
  }
}

const isText = ({ type }: Pick<TransitColumn, 'type'>): boolean =>
  ['text', 'varchar', 'char'].includes(parseColumnType(type).name)

/** The type with which the filter compares each item; an item that it compares with two types is refused. */
function literalsOf(predicate: Predicate, found = new Map<string, Value['type']>()): Map<string, Value['type']> {
  if (predicate.op === 'and' || predicate.op === 'or') for (const one of predicate.args) literalsOf(one, found)
  else if (predicate.op === 'not') literalsOf(predicate.arg, found)
  else if ('field' in predicate && predicate.op !== 'isNull') {
    const types = predicate.op === 'in' ? predicate.values.map(({ type }) => type) : [predicate.value.type]
    for (const type of types) {
      const known = found.get(predicate.field) ?? type
      if (known !== type) throw new WorkError('grant.items', `row filter: ${predicate.field} is compared as two types`)
      found.set(predicate.field, type)
    }
  }
  return found
}

/**
 * A field as the literal's type reads it, as PostgreSQL's cast would. Other types than text have no empty value.
 * @throws ConnectorError `bad_value` for what is none; the message does not quote it.
 */
function literalText(raw: FieldText, type: Value['type'], isText: boolean, name: string): FieldText {
  if (raw === null || (raw === '' && !isText)) return null
  if (type === 'text') return raw
  const value = shaped(raw.trim(), type)
  if (isLiteral({ type, value })) return value
  throw new ConnectorError('bad_value', `not a ${type}, which the row filter needs`, { place: { column: name } })
}

function shaped(text: string, type: Value['type']): string {
  if (type === 'boolean') return text.toLowerCase()
  if (type === 'date') return text.slice(0, 10)
  if (type !== 'timestamp') return text
  const instant = text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T')
  return /T\d\d:\d\d$/.test(instant) ? `${instant}:00` : instant
}
