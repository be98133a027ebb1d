import { quoteIdentifier } from '@huitong/policy'
import { countCsvRows } from '@huitong/segment'
import type { ReadOptions, ReadRequest, RowStream, Connector } from '../connector.ts'

/** Everything that a read gives, with each chunk's row count checked against its text. */
export async function readAll<Settings>(
  connector: Connector<Settings>,
  settings: Settings,
  request: ReadRequest,
  options?: ReadOptions,
): Promise<{ text: string; csv: Buffer; rows: bigint; columns: RowStream['columns']; source: RowStream['source'] }> {
  const stream = await connector.readRows(settings, request, options)
  const parts: Uint8Array[] = []
  for await (const { data, rows } of stream) {
    if (countCsvRows(data) !== rows) throw new Error('a chunk is not aligned at rows')
    parts.push(Uint8Array.from(data))
  }
  const csv = Buffer.concat(parts)
  return { text: csv.toString('utf8'), csv, rows: stream.rows, columns: stream.columns, source: stream.source }
}

/** A read of columns by name, all rows. */
export function columnsOf(name: string, columns: readonly string[], where: string | null = null): ReadRequest {
  return {
    table: { schema: 'public', name },
    select: columns.map((column) => ({ expression: quoteIdentifier(column), as: column })),
    where,
  }
}
