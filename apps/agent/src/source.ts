import {
  checkSettings,
  ConnectorError,
  type Database,
  type DatabaseConnector,
  type Discovery,
  type DiscoverLimits,
  files,
  type FilesSettings,
  type LogEnd,
  mysql,
  postgresql,
} from '@huitong/connectors'
import type { SourceAccess } from '@huitong/contract/work'
import { decodeBox, openBox } from '@huitong/segment'
import type { Keys } from './keys.ts'
import { WorkError } from './problem.ts'

const SECRETS_INFO = 'huitong/source-secrets/v1'

/** A database that was opened, with its secrets inside. Never log it. */
export interface OpenedDatabase {
  readonly kind: 'database'
  readonly database: Database
  discover(limits: DiscoverLimits): Promise<Discovery>
}
/** A folder with files that was opened. */
export interface OpenedFolder {
  readonly kind: 'files'
  readonly settings: FilesSettings
  discover(limits: DiscoverLimits): Promise<Discovery>
}

/** The kinds of databases, by name. */
const DATABASES: Readonly<Record<string, (settings: unknown) => OpenedDatabase>> = Object.fromEntries([
  databaseKind(postgresql),
  databaseKind(mysql),
])

function databaseKind<S>(connector: DatabaseConnector<S>): [string, (settings: unknown) => OpenedDatabase] {
  const open = (value: unknown): OpenedDatabase => {
    const settings = checkSettings(connector, value)
    const discover = (limits: DiscoverLimits) => connector.discover(settings, limits)
    return { kind: 'database', database: connector.open(settings), discover }
  }
  return [connector.describe().kind, open]
}

/**
 * The database that a source's settings lead to, checked against the schema of its kind.
 * @throws WorkError `connector.unknown`, `secrets.unreadable`; ConnectorError `bad_settings`, `not_supported` for files.
 */
export async function openDatabase(access: SourceAccess, keys: Keys): Promise<Database> {
  const opened = await openSource(access, keys)
  if (opened.kind === 'database') return opened.database
  throw new ConnectorError('not_supported', 'files are discovered and read; they are not compared, repaired or filled')
}

/** What following the log asks of a database. @throws ConnectorError `not_supported` when its kind has none. */
export function logOf(database: Database): LogEnd {
  if (database.log !== undefined) return database.log
  throw new ConnectorError('not_supported', 'this kind of database has no log that can be followed')
}

/** As `openDatabase`, for what works on folders too. */
export async function openSource(access: SourceAccess, keys: Keys): Promise<OpenedDatabase | OpenedFolder> {
  const open = Object.hasOwn(DATABASES, access.kind) ? DATABASES[access.kind]! : null
  if (open === null && access.kind !== 'files') throw new WorkError('connector.unknown', access.kind)
  const secrets = access.secrets === null ? {} : await openSecrets(access.secrets, keys)
  // The open part goes last: a secret cannot stand in for a setting that people see.
  const value = { ...secrets, ...access.settings }
  if (open !== null) return open(value)
  const settings = checkSettings(files, value)
  return { kind: 'files', settings, discover: (limits) => files.discover(settings, limits) }
}

async function openSecrets(sealed: string, keys: Keys): Promise<object> {
  const plain = await openSecret(sealed, keys, SECRETS_INFO)
  try {
    const value: unknown = JSON.parse(plain.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below; the cause would quote the secret.
  }
  throw new WorkError('secrets.unreadable', 'not a JSON object')
}

/** Opens a box that was sealed to this node for one use. @throws WorkError `secrets.unreadable`. */
export async function openSecret(sealed: string, keys: Keys, info: string): Promise<Buffer> {
  try {
    return await openBox(keys.sealing.privateKey, decodeBox(sealed), { info })
  } catch (cause) {
    throw new WorkError('secrets.unreadable', info, { cause })
  }
}
