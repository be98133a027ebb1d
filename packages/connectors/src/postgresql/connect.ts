import { sessionSettingsSql } from '@huitong/segment'
import { Client, types } from 'pg'
import type { Hop } from '../errors.ts'
import { toConnectorError } from './database-error.ts'
import type { PostgresqlSettings } from './settings.ts'

const CONNECT_TIMEOUT_MS = 15_000
/** A worker that is stopped in a transaction loses it after this, so that its locks do not block whoever takes over. */
const IDLE_IN_TRANSACTION_MS = 60_000
const LOCK_TIMEOUT_MS = 30_000
const CONNECTION_CHECK_MS = 2_000

const DURABLE = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`

const TEXT_ARRAY = 1009
const BOOLEAN = 16

/** Every value as the server's text, but booleans and text arrays: nothing becomes a number or a date. */
const textTypes = {
  getTypeParser(oid: number, format?: string): (value: string) => unknown {
    if (format === 'binary') return (value) => value
    // The declared ids leave out arrays.
    if (oid === TEXT_ARRAY) return types.getTypeParser(TEXT_ARRAY as never, 'text')
    if (oid === BOOLEAN) return (value) => value === 't'
    return (value) => value
  },
}

/**
 * Connect and fix the session: text forms, an empty search path (so that no object of the source can stand in for a
 * system function), and time limits. @throws ConnectorError.
 */
export async function connect(
  settings: PostgresqlSettings,
  hop: Hop,
  options: { readonly replication?: boolean } = {},
): Promise<Client> {
  const client = new Client({
    // The driver knows it and its types leave it out: a session that also takes commands of the replication protocol.
    ...(options.replication === true ? { replication: 'database' } : {}),
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    password: settings.password,
    ssl:
      settings.tls === 'off'
        ? false
        : {
            rejectUnauthorized: settings.tls === 'verify',
            ...(settings.tlsCa === undefined ? {} : { ca: settings.tlsCa }),
          },
    application_name: 'huitong',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: textTypes as never, // the declared type wants parsers of `any`
  })
  // Errors reach the query in flight; without a listener an idle connection's end would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(sessionSettingsSql())
    await client.query(
      `SET search_path = pg_catalog; SET statement_timeout = 0; SET lock_timeout = ${LOCK_TIMEOUT_MS}; ` +
        `SET idle_in_transaction_session_timeout = ${hop === 'source' ? 0 : IDLE_IN_TRANSACTION_MS}`,
    )
    // What is acknowledged after a commit must be on the disk, whatever the server's default.
    if (hop === 'target') await client.query(DURABLE)
    // A query that sends nothing would else run on after we have gone. Servers on some systems cannot do it.
    await client.query(`SET client_connection_check_interval = ${CONNECTION_CHECK_MS}`).catch(() => undefined)
  } catch (error) {
    hangUp(client)
    throw toConnectorError(error, hop)
  }
  return client
}

/** Run `work` on a connection of its own; errors come out as ConnectorError. */
export async function withClient<T>(
  settings: PostgresqlSettings,
  hop: Hop,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(settings, hop)
  try {
    return await work(client)
  } catch (error) {
    throw toConnectorError(error, hop)
  } finally {
    hangUp(client)
  }
}

/** Run `work` in one transaction of `client`; it is rolled back on any error. */
export async function inTransaction<T>(client: Client, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin)
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // The first error is the one to tell; a connection that cannot roll back has lost its transaction anyway.
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Close without waiting for the server. */
export function hangUp(client: Client): void {
  client.end().catch(() => undefined)
}
