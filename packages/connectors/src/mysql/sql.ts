import { emitMysql, maskMysql, quoteIdentifier, quoteText } from '@huitong/policy'
import { canonicalTextMysql, parseColumnType, segmentTextMysql, wholeTextMysql } from '@huitong/segment'
import { codedMysql } from '../code-map.ts'
import type { SqlForms } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import type { TableName } from '../connector.ts'

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z?$/

/** SQL name of a table. */
export function quoteTable(table: TableName): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
}

/** MySQL's own writing of what goes into a source's query; `zeroDates` as in the settings. */
export function mysqlForms(zeroDates: 'refuse' | 'null'): SqlForms {
  return {
    predicate: (predicate, fieldOf) => emitMysql(predicate, (item) => quoteIdentifier(fieldOf(item))),
    column(field, type, mask) {
      const name = quoteIdentifier(field)
      if (mask === 'null') return `(${maskMysql(mask, name)})`
      if (mask !== null) return wholeTextMysql(name, maskMysql(mask, name))
      return segmentTextMysql(zeroDates === 'null' && hasDay(type) ? daysOnly(name) : name, type)
    },
    coded: codedMysql,
    constant: (value) => quoteText(value),
    keyIn(columns, keys) {
      if (keys.length === 0) return 'false'
      const texts = columns.map(({ expression, type }) => bytes(canonicalTextMysql(expression, type)))
      const rows = keys.map((key) => `(${key.map((text) => bytes(quoteText(text))).join(', ')})`)
      return `(${texts.join(', ')}) IN (${rows.join(', ')})`
    },
    living: livingMysql,
    changedSince: ({ updatedAt }, since, lagSeconds) =>
      `coalesce(${quoteIdentifier(updatedAt)} >= ${windowStartMysql(since, lagSeconds)}, false)`,
  }
}

/** By bytes: a collation would take other texts for the same. */
export const bytes = (text: string): string => `cast(convert(${text} using utf8mb4) as binary)`

/** Whether values of a type have a day, which may be the zero one. */
export const hasDay = (type: string): boolean =>
  ['date', 'timestamp', 'timestamptz'].includes(parseColumnType(type).name)

const daysOnly = (column: string) =>
  `(case when year(${column}) > 0 and month(${column}) > 0 and day(${column}) > 0 then ${column} end)`

/** Rows that are there; tombstones and rows with an unknown letter are not. */
export function livingMysql(operation: string | null): string {
  return operation === null ? 'true' : `coalesce(upper(${quoteIdentifier(operation)}) IN ('I', 'U'), false)`
}

/** The first moment of the window: the cursor less the lag, inclusive. @throws ConnectorError `bad_cursor`. */
export function windowStartMysql(since: string, lagSeconds: number): string {
  if (!INSTANT.test(since) || !Number.isSafeInteger(lagSeconds) || lagSeconds < 0) {
    throw new ConnectorError('bad_cursor', 'not a position of this kind of cursor')
  }
  const time = since.replace('T', ' ').replace('Z', '')
  return `(cast('${time}' as datetime(6)) - interval ${lagSeconds} second)`
}
