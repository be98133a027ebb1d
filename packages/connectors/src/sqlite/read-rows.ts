import { TextDecoder } from 'node:util'
import { quoteIdentifier } from '@huitong/policy'
import type { DiscoveredTable, ReadOptions, ReadRequest, RowStream } from '../connector.ts'
import { ConnectorError, inTable } from '../errors.ts'
import { type FieldRecord, readFields, RECORD_BYTES_MAX } from '../field-rows.ts'
import type { Value } from './child.ts'
import { describe } from './describe.ts'
import { SqliteSession } from './session.ts'
import type { SqliteSettings } from './settings.ts'
import { OtherValue, textOf } from './types.ts'

/** Read a table's rows as segment CSV, all of one moment. */
export async function readRows(
  settings: SqliteSettings,
  request: ReadRequest,
  options: ReadOptions = {},
): Promise<RowStream> {
  if (!('fields' in request)) throw new ConnectorError('not_supported', 'a SQLite file is read by fields')
  const { name } = request.table
  const session = await SqliteSession.open(settings)
  try {
    const table = await describe(session, name)
    if (table.problem !== null) throw table.problem
    const decode = await decoderOf(session)
    const opened = {
      header: table.columns.map((column) => column.name),
      types: table.columns.map((column) => column.canonicalType),
      isTyped: true,
      snapshot: null,
      records: (signal?: AbortSignal) => records(session, table, decode, signal),
      verify: () => Promise.resolve(),
      close: () => session.close(),
    }
    return await readFields(opened, request, options)
  } catch (error) {
    await session.close()
    throw inTable(error, name)
  }
}

type Decode = (bytes: Uint8Array) => string

/** Texts are taken as the bytes that they are: SQLite itself would hand out other signs for those that are none. */
async function decoderOf(session: SqliteSession): Promise<Decode> {
  let encoding = 'utf-8'
  for await (const [name] of session.query('PRAGMA encoding')) encoding = String(name).toLowerCase()
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  return (bytes) => {
    try {
      return decoder.decode(bytes)
    } catch {
      throw new OtherValue(`text that is not ${encoding}`)
    }
  }
}

async function* records(
  session: SqliteSession,
  { name, columns, primaryKey }: DiscoveredTable,
  decode: Decode,
  signal: AbortSignal | undefined,
): AsyncGenerator<FieldRecord> {
  const select = columns.flatMap((column) => {
    const one = quoteIdentifier(column.name)
    const large = `octet_length(${one}) > ${RECORD_BYTES_MAX}`
    return [
      `CASE WHEN ${large} THEN 'large' ELSE typeof(${one}) END`,
      `CASE WHEN ${large} THEN NULL WHEN typeof(${one}) = 'text' THEN CAST(${one} AS BLOB) ELSE ${one} END`,
    ]
  })
  const keys = primaryKey.map((key) => columns.findIndex((column) => column.name === key))
  let line = 0
  for await (const row of session.query(`SELECT ${select.join(', ')} FROM ${quoteIdentifier(name)}`, [], signal)) {
    line++
    const bad = new Map<number, string>()
    const fields = columns.map(({ canonicalType }, i) => {
      try {
        return textOf(String(row[2 * i]), row[2 * i + 1] as Value, canonicalType, decode)
      } catch (error) {
        if (!(error instanceof OtherValue)) throw error
        bad.set(i, error.message)
        return null
      }
    })
    const key = keys.map((at) => fields[at]!)
    const named = key.length > 0 && key.every((text) => text !== null) ? { key } : {}
    yield { line, fields, ...(bad.size > 0 ? { bad } : {}), ...named }
  }
}
