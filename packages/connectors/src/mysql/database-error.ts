import { ConnectorError, type ConnectorErrorCode, type ErrorPlace, type Hop } from '../errors.ts'

// Numbers of the server's errors (MySQL 8 error reference, MariaDB error codes).
const BY_NUMBER: Readonly<Record<number, ConnectorErrorCode>> = {
  1040: 'unreachable', // too many connections
  1044: 'access_denied',
  1045: 'access_denied',
  1698: 'access_denied',
  1049: 'database_missing',
  1053: 'connection_lost', // server shutdown
  1142: 'permission_denied',
  1143: 'permission_denied',
  1227: 'permission_denied',
  1146: 'table_missing',
  1051: 'table_missing',
  1054: 'schema_changed',
  1412: 'schema_changed', // table definition changed after the snapshot
  1356: 'schema_changed', // a view of columns that are gone
  1062: 'duplicate_key',
  1048: 'null_value',
  1263: 'null_value', // the warning of a load
  1364: 'null_value',
  1205: 'target_busy',
  1213: 'target_busy',
  3572: 'target_busy',
  1021: 'target_full',
  1114: 'target_full',
  1317: 'connection_lost', // query interrupted
  1927: 'connection_lost', // killed
  3024: 'stalled',
  1153: 'row_too_large', // over max_allowed_packet
  1118: 'not_supported', // a row of too many bytes
  1071: 'not_supported', // a key of too many bytes
}
/** What values do not fit: their messages quote data. */
const VALUES: ReadonlySet<number> = new Set([
  1062, 1048, 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1452, 1690, 3819, 4025,
])
const BY_DRIVER: Readonly<Record<string, ConnectorErrorCode>> = {
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ETIMEDOUT: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  PROTOCOL_CONNECTION_LOST: 'connection_lost',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls_failed',
  HANDSHAKE_SSL_ERROR: 'tls_failed',
}

interface DriverError extends Error {
  readonly code?: string
  readonly errno?: number
  readonly sqlState?: string
}

/** Turn whatever the driver threw into a {@link ConnectorError}; one of those passes as it is. */
export function toConnectorError(error: unknown, hop: Hop, place: ErrorPlace = {}): ConnectorError {
  if (error instanceof ConnectorError) return error
  if (error instanceof AggregateError && error.errors.length > 0) return toConnectorError(error.errors[0], hop, place)
  if (!(error instanceof Error)) return new ConnectorError('database_error', String(error), { hop, place })
  const { code = '', errno, sqlState, message } = error as DriverError
  if (typeof sqlState === 'string' && sqlState !== '' && errno !== undefined)
    return fromServer(errno, message, hop, place)
  // The cause would carry the statement, which holds literals.
  return new ConnectorError(codeOfDriver(code, message), `${code} ${message}`.trim(), { hop, place })
}

function codeOfDriver(code: string, message: string): ConnectorErrorCode {
  const known = BY_DRIVER[code]
  if (known !== undefined) return known
  if (/certificate|SSL|TLS|secure connection|self.signed|altnames/i.test(`${code} ${message}`)) return 'tls_failed'
  if (/closed state|Connection lost|closed|ended/i.test(message)) return 'connection_lost'
  return 'database_error'
}

function fromServer(errno: number, message: string, hop: Hop, place: ErrorPlace): ConnectorError {
  const code = BY_NUMBER[errno] ?? (VALUES.has(errno) ? 'bad_value' : 'database_error')
  const column = /column '([^']+)'/i.exec(message)?.[1] ?? /Field '([^']+)'/.exec(message)?.[1]
  const line = / at row (\d+)/.exec(message)?.[1]
  const found: ErrorPlace = {
    ...place,
    ...(column === undefined ? {} : { column: column.split('.').at(-1)!.replaceAll('`', '') }),
    ...(line === undefined ? {} : { line: Number(line) }),
  }
  const detail = VALUES.has(errno) ? `error ${errno}` : `error ${errno} ${message}`
  return new ConnectorError(code, detail, { hop, place: found })
}

/** The first warning of a load, as an error: whatever a server would change in a value is refused. */
export function fromWarning(errno: number, message: string, place: ErrorPlace): ConnectorError {
  // In a load with LOCAL, what would be an error is a warning.
  if (errno === 1261 || errno === 1262)
    return new ConnectorError('row_count_mismatch', `warning ${errno}`, { hop: 'target', place })
  const error = fromServer(errno, message, 'target', place)
  const code = error.code === 'database_error' ? 'bad_value' : error.code
  return new ConnectorError(code, `warning ${errno}`, { hop: 'target', place: error.place })
}
