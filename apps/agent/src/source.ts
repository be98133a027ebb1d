import { join } from 'node:path'
import {
  type Brought,
  checkSettings,
  ConnectorError,
  type Database,
  type DatabaseConnector,
  type DiscoveredTable,
  type Discovery,
  type DiscoverLimits,
  type FieldConnector,
  type FieldRead,
  fileOfTable,
  files,
  type FilesSettings,
  gaussdb,
  HeldFiles,
  kingbase,
  type LogEnd,
  mysql,
  postgresql,
  READABLE,
  type ReadOptions,
  type RemoteKind,
  type RowStream,
  s3,
  sftp,
  sqlite,
  UPLOADED,
  type UploadsSettings,
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
  databaseKind(kingbase),
  databaseKind(gaussdb),
  fieldsKind(sqlite),
  fieldsKind(files),
])

/** The kinds of sources whose files are brought to this machine, by name. */
const REMOTE: Readonly<Record<string, RemoteKind>> = Object.fromEntries(
  [sftp, s3].map((kind) => [kind.describe().kind, kind]),
)

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

/**
 * As `openDatabase`, for what works on sources without SQL too. Files that are not on this machine are brought first.
 * @param table the one that will be read; null for all of them.
 */
export async function openSource(
  access: SourceAccess,
  table: string | null,
  context: WorkContext,
): Promise<OpenedDatabase | OpenedFields> {
  const wanted = table === null ? isTable : (path: string) => path === fileOfTable(table)
  const brought = await bring(access, wanted, context)
  // An older content of it may lie here, which is not what the source holds.
  if (table !== null && brought?.missed.has(fileOfTable(table)) === true)
    throw new ConnectorError('source_changed', 'it is still being written', { place: { file: fileOfTable(table) } })
  return brought === null
    ? openKind(access, context.keys)
    : openKind({ ...access, kind: 'files', settings: brought.settings, secrets: null }, context.keys)
}

const isTable = (path: string) => READABLE.test(path)

/** The files of a source that are not on this machine, brought to a folder of the node; null for other sources. */
async function bring(
  access: SourceAccess,
  wanted: (path: string) => boolean,
  context: WorkContext,
): Promise<Brought | null> {
  const { sourceId, kind } = access
  if (kind === UPLOADED.kind) {
    const root = await fetchUploads(sourceId, context)
    return {
      settings: { ...(access.settings as UploadsSettings), root, settleSeconds: 1 },
      held: new HeldFiles(),
      missed: new Set(),
    }
  }
  const remote = Object.hasOwn(REMOTE, kind) ? REMOTE[kind]! : null
  if (remote === null) return null
  const { signal, report, dir } = context
  const settings = await settingsOf(access, context.keys)
  return context.turns.run(`mirror ${sourceId}`, signal, () =>
    remote.bring(settings, join(dir, 'mirrors', sourceId), {
      wanted,
      signal,
      report: (file, bytes) => report({ file, fetched: String(bytes) }),
    }),
  )
}

async function openKind(access: SourceAccess, keys: Keys): Promise<OpenedDatabase | OpenedFields> {
  const open = Object.hasOwn(KINDS, access.kind) ? KINDS[access.kind]! : null
  if (open === null) throw new WorkError('connector.unknown', access.kind)
  return open(await settingsOf(access, keys))
}

/** The folder that receives files as they are. @throws as `openDatabase`; `not_supported` for other targets. */
export async function openReceiving(access: SourceAccess, keys: Keys): Promise<FilesSettings> {
  if (access.kind !== files.describe().kind)
    throw new ConnectorError('not_supported', 'this kind of source receives no files')
  return checkSettings(files, await settingsOf(access, keys))
}

/**
 * The place of a folder whose files travel as they are; files that are not on this machine are brought first.
 * @throws as `openDatabase`; `not_supported` for other sources.
 */
export async function openFolder(access: SourceAccess, name: string, context: WorkContext): Promise<Brought> {
  const isInside = name === './' ? () => true : (path: string) => path.startsWith(name)
  const brought = await bring(access, isInside, context)
  if (brought !== null) return brought
  if (access.kind !== files.describe().kind)
    throw new ConnectorError('not_supported', 'this kind of source holds no files')
  return {
    settings: checkSettings(files, await settingsOf(access, context.keys)),
    held: new HeldFiles(),
    missed: new Set(),
  }
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
