import { DatabaseError } from 'pg'
import { unmappedColumn } from '../code-map.ts'
import { ConnectorError, type ConnectorErrorCode, type ErrorPlace, type Hop } from '../errors.ts'

const BY_SQLSTATE: Readonly<Record<string, ConnectorErrorCode>> = {
  '28P01': 'access_denied',
  '28000': 'access_denied',
  '3D000': 'database_missing',
  '42501': 'permission_denied',
  '42P01': 'table_missing',
  '3F000': 'table_missing',
  '42703': 'schema_changed',
  '23505': 'duplicate_key',
  '23502': 'null_value',
  '55P03': 'target_busy',
  '40P01': 'target_busy',
  '57P01': 'connection_lost',
  '57P02': 'connection_lost',
  '57P03': 'unreachable',
  '25P03': 'connection_lost',
  '25P02': 'connection_lost',
}
const BY_CLASS: Readonly<Record<string, ConnectorErrorCode>> = {
  '08': 'connection_lost',
  '22': 'bad_value',
  '23': 'bad_value',
  '53': 'target_full',
}
const BY_SYSTEM: Readonly<Record<string, ConnectorErrorCode>> = {
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ETIMEDOUT: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
}

/** Turn whatever the driver threw into a {@link ConnectorError}; one of those passes as it is. */
export function toConnectorError(error: unknown, hop: Hop, place: ErrorPlace = {}): ConnectorError {
  if (error instanceof ConnectorError) return error
  if (error instanceof DatabaseError) return fromDatabase(error, hop, place)
  if (error instanceof AggregateError && error.errors.length > 0) return toConnectorError(error.errors[0], hop, place)
  const message = error instanceof Error ? error.message : String(error)
  const system = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new ConnectorError(codeOfSystem(system, message), `${system} ${message}`.trim(), { hop, place, cause: error })
}

function codeOfSystem(system: string, message: string): ConnectorErrorCode {
  const known = BY_SYSTEM[system]
  if (known !== undefined) return known
  if (/does not support SSL|certificate|SSL|TLS/i.test(`${system} ${message}`)) return 'tls_failed'
  if (/timeout expired|timeout exceeded/i.test(message)) return 'unreachable'
  if (/terminated|not queryable|closed|ended/i.test(message)) return 'connection_lost'
  return 'database_error'
}

function fromDatabase(error: DatabaseError, hop: Hop, place: ErrorPlace): ConnectorError {
  const state = error.code ?? ''
  const unmapped = unmappedColumn(error.message)
  if (unmapped !== null) {
    return new ConnectorError('unmapped_code', 'a code that is not mapped', {
      hop,
      place: { ...place, column: unmapped },
    })
  }
  // When a server is killed, a parallel query hears first of the loss of its workers, under a code that says little.
  const lostWorker = state === '55000' && error.file === 'parallel.c'
  const known = BY_SQLSTATE[state] ?? BY_CLASS[state.slice(0, 2)] ?? 'database_error'
  const code = lostWorker ? 'connection_lost' : known
  const column = error.column ?? columnOf(error)
  const line = /, line (\d+)/.exec(error.where ?? '')?.[1]
  const found: ErrorPlace = {
    ...place,
    ...(column === undefined ? {} : { column }),
    ...(line === undefined ? {} : { line: Number(line) }),
  }
  // Messages of classes 22 and 23 quote data values; they and the cause that carries them stay out.
  const holdsValues = state.startsWith('22') || state.startsWith('23')
  const detail = holdsValues ? `SQLSTATE ${state}` : `SQLSTATE ${state} ${error.message}`
  return new ConnectorError(code, detail, { hop, place: found, ...(holdsValues ? {} : { cause: error }) })
}

function columnOf(error: DatabaseError): string | undefined {
  const copy = /, column (.+?)(?:: |$)/.exec(error.where ?? '')?.[1]
  if (copy !== undefined) return copy
  if (error.code !== '42703') return undefined
  return /column "?([^"]+?)"? (?:of relation .* )?does not exist/.exec(error.message)?.[1]?.split('.').at(-1)
}
