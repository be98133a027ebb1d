import {
  checkSettings,
  type Connector,
  ConnectorError,
  files,
  type FilesSettings,
  postgresql,
  type PostgresqlSettings,
} from '@huitong/connectors'
import type { SourceAccess } from '@huitong/contract/work'
import { decodeBox, openBox } from '@huitong/segment'
import type { Keys } from './keys.ts'
import { WorkError } from './problem.ts'

const SECRETS_INFO = 'huitong/source-secrets/v1'

/** A database that was opened: its connector and its settings with secrets. Never log it. */
export interface OpenedSource {
  readonly kind: 'postgresql'
  readonly connector: Connector<PostgresqlSettings>
  readonly settings: PostgresqlSettings
}
/** A folder with files that was opened. */
export interface OpenedFolder {
  readonly kind: 'files'
  readonly connector: Connector<FilesSettings>
  readonly settings: FilesSettings
}

/**
 * The settings of a database with its secrets, checked against the connector's schema.
 * @throws WorkError `connector.unknown`, `secrets.unreadable`; ConnectorError `bad_settings`, `not_supported` for files.
 */
export async function openSource(access: SourceAccess, keys: Keys): Promise<OpenedSource> {
  const opened = await openAnySource(access, keys)
  if (opened.kind === 'postgresql') return opened
  throw new ConnectorError('not_supported', 'files are discovered and read; they are not compared, repaired or filled')
}

/** As `openSource`, for what works on folders too. */
export async function openAnySource(access: SourceAccess, keys: Keys): Promise<OpenedSource | OpenedFolder> {
  if (access.kind !== 'postgresql' && access.kind !== 'files') throw new WorkError('connector.unknown', access.kind)
  const secrets = access.secrets === null ? {} : await openSecrets(access.secrets, keys)
  // The open part goes last: a secret cannot stand in for a setting that people see.
  const settings = { ...secrets, ...access.settings }
  return access.kind === 'files'
    ? { kind: 'files', connector: files, settings: checkSettings(files, settings) }
    : { kind: 'postgresql', connector: postgresql, settings: checkSettings(postgresql, settings) }
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
