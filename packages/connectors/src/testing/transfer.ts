import { randomUUID } from 'node:crypto'
import { canonicalText, type Column, parseCsvRows } from '@huitong/segment'
import type { TableName } from '../connector.ts'
import type { Database, TargetTable } from '../database.ts'

/** Columns of a table as they travel. */
export const selectOf = (database: Database, columns: readonly Column[]) =>
  columns.map(({ name, type }) => ({ expression: database.sql.column(name, type, null), as: name, type }))

/** The rows of a table as segment CSV. */
export async function csvOf(
  database: Database,
  table: TableName,
  columns: readonly Column[],
  where: string | null = null,
) {
  const stream = await database.readRows({ table, select: selectOf(database, columns), where })
  const parts: Uint8Array[] = []
  for await (const { data } of stream) parts.push(Uint8Array.from(data))
  return { csv: Buffer.concat(parts), rows: stream.rows.toString() }
}

/** Copies a table from one database into a new one of another, as a channel does, without agents on the way. */
export async function transfer(
  source: Database,
  from: TableName,
  target: Database,
  into: TableName,
  columns: readonly Column[],
  key: readonly string[],
): Promise<Buffer> {
  const { csv, rows } = await csvOf(source, from, columns)
  const table: TargetTable = {
    ...into,
    columns: columns.map((column) => ({ ...column, nullable: !key.includes(column.name) })),
    key,
  }
  const channel = randomUUID()
  await target.ensureTable(table)
  const { fence } = await target.claimChannel(channel, table)
  const copy = await target.openFullCopy({ channel, table, fence })
  try {
    await copy.apply({ generation: 1, sequence: 1, final: true, columns, rows, plain: csv })
  } finally {
    await copy.close()
  }
  return csv
}

/** Sums of a table's digests, as a reconciliation takes them. */
export function sumsOf(
  database: Database,
  table: TableName,
  columns: readonly Column[],
  key: readonly string[],
  secret: Uint8Array,
) {
  const select = selectOf(database, columns)
  const withText = columns.map((column, i) => ({ ...column, expression: select[i]!.expression }))
  const plan = { schema: table.schema, table: table.name, key, columns: withText, buckets: 16, where: null }
  return database.bucketSums(plan, secret)
}

/** The canonical texts of the fields of CSV rows. */
export const fieldsOf = (csv: Buffer, columns: readonly Column[]): (string | null)[][] =>
  [...parseCsvRows(csv)].map((row) =>
    row.map((field, i) => (field === null ? null : canonicalText(field, columns[i]!.type).toString())),
  )
