import {
  checkSettings,
  ConnectorError,
  type Database,
  type DatabaseConnector,
  type DiscoveredTable,
  type Discovery,
  type DiscoverLimits,
  type FieldConnector,
  type FieldRead,
  files,
  type FilesSettings,
  type LogEnd,
  mysql,
  postgresql,
  type ReadOptions,
  type RowStream,
  sqlite,
  UPLOADED,
} from '@huitong/connectors'
import type { SourceAccess } from '@huitong/contract/work'
import { decodeBox, openBox } from '@huitong/segment'
import type { WorkContext } from './context.ts'
import type { Keys } from './keys.ts'
import { WorkError } from './problem.ts'
import { fetchUploads } from './uploads.ts'

const SECRETS_INFO = 'huitong/source-secrets/v1'

/** A database that was opened, with its secrets inside. Never log it. */
export interface OpenedDatabase {
  readonly kind: 'database'
  readonly database: Database
  discover(limits: DiscoverLimits): Promise<Discovery>
}
/** A source without SQL that was opened: masks and filters run in this process. */
export interface OpenedFields {
  readonly kind: 'fields'
  describe(name: string): Promise<DiscoveredTable>
  readRows(request: FieldRead, options: ReadOptions): Promise<RowStream>
  discover(limits: DiscoverLimits): Promise<Discovery>
}

type Open = (settings: unknown) => OpenedDatabase | OpenedFields

/** The kinds of sources, by name. */
const KINDS: Readonly<Record<string, Open>> = Object.fromEntries([
  databaseKind(postgresql),
  databaseKind(mysql),
  fieldsKind(sqlite),
  fieldsKind(files),
])

function databaseKind<S>(connector: DatabaseConnector<S>): [string, Open] {
  const open: Open = (value) => {
    const settings = checkSettings(connector, value)
    const discover = (limits: DiscoverLimits) => connector.discover(settings, limits)
    return { kind: 'database', database: connector.open(settings), discover }
  }
  return [connector.describe().kind, open]
}

function fieldsKind<S>(connector: FieldConnector<S>): [string, Open] {
  const open: Open = (value) => {
    const settings = checkSettings(connector, value)
    return {
      kind: 'fields',
      describe: (name) => connector.describeTable(settings, name),
      readRows: (request, options) => connector.readRows(settings, request, options),
      discover: (limits) => connector.discover(settings, limits),
    }
  }
  return [connector.describe().kind, open]
}

/**
 * The database that a source's settings lead to, checked against the schema of its kind.
 * @throws WorkError `connector.unknown`, `secrets.unreadable`; ConnectorError `bad_settings`, `not_supported` for other sources.
 */
export async function openDatabase(access: SourceAccess, keys: Keys): Promise<Database> {
  const opened = await openKind(access, keys)
  if (opened.kind === 'database') return opened.database
  throw new ConnectorError(
    'not_supported',
    'this kind of source is discovered and read; it is not compared, repaired or filled',
  )
}

/** What following the log asks of a database. @throws ConnectorError `not_supported` when its kind has none. */
export function logOf(database: Database): LogEnd {
  if (database.log !== undefined) return database.log
  throw new ConnectorError('not_supported', 'this kind of database has no log that can be followed')
}

/** As `openDatabase`, for what works on sources without SQL too. Uploaded files are fetched first. */
export async function openSource(access: SourceAccess, context: WorkContext): Promise<OpenedDatabase | OpenedFields> {
  if (access.kind !== UPLOADED.kind) return openKind(access, context.keys)
  const root = await fetchUploads(access.sourceId, context)
  return openKind({ ...access, kind: 'files', settings: { ...access.settings, root } }, context.keys)
}

async function openKind(access: SourceAccess, keys: Keys): Promise<OpenedDatabase | OpenedFields> {
  const open = Object.hasOwn(KINDS, access.kind) ? KINDS[access.kind]! : null
  if (open === null) throw new WorkError('connector.unknown', access.kind)
  return open(await settingsOf(access, keys))
}

/** The settings of a folder whose files travel as they are. @throws as `openDatabase`; `not_supported` for other sources. */
export async function openFolder(access: SourceAccess, keys: Keys): Promise<FilesSettings> {
  if (access.kind !== files.describe().kind)
    throw new ConnectorError('not_supported', 'this kind of source holds no files')
  return checkSettings(files, await settingsOf(access, keys))
}

async function settingsOf(access: SourceAccess, keys: Keys): Promise<object> {
  const secrets = access.secrets === null ? {} : await openSecrets(access.secrets, keys)
  // The open part goes last: a secret cannot stand in for a setting that people see.
  return { ...secrets, ...access.settings }
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
