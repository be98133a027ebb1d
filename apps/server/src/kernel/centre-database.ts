import { quoteIdentifier } from '@huitong/policy'
import pg from 'pg'
import { Refusal } from './errors.ts'
import { ensureRole, withRetry } from './migrate.ts'

/** The account with which the centre's own node lands tables, and the one with which the server reads them. */
export const CENTRE_LOADER = 'huitong_centre_loader'
export const CENTRE_READER = 'huitong_centre_reader'

/** Name of the database of the resource centre that stands beside a platform's database. */
export const centreDatabaseOf = (platformDatabase: string): string => `${platformDatabase}_centre`

/** A row as texts in PostgreSQL's own form; values never become JavaScript numbers or dates. */
export type TextRow = readonly (string | null)[]

/** The server's own eyes on the resource centre: single statements, read only. */
export interface CentreDb {
  /** Name of the database: data sources that name it are the centre's. */
  readonly database: string
  /**
   * Runs one statement in a snapshot of its own; `name` prepares it once per connection. Errors of the statement are
   * thrown as they are; a database that cannot be reached is refused with `centre.unavailable`.
   */
  rows(text: string, values?: readonly unknown[], name?: string): Promise<TextRow[]>
  end(): Promise<void>
}

/** SQLSTATEs that speak of the statement, not of a database that is away (08, 57P), not there (3D) or shut (28, 53). */
const OF_STATEMENT = /^(?!08|28|3D|53|57P)[0-9A-Z]{5}$/
const STATEMENT_TIMEOUT_MS = 15_000
const CONNECTIONS_MAX = 8
const texts = { getTypeParser: () => (value: string) => value }

/** Opens the read-only pool; nothing is connected before the first question. */
export function openCentreDb(url: string): CentreDb {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    types: texts as unknown as pg.CustomTypesConfig, // the declared parsers are of `any`
    connectionTimeoutMillis: 5_000,
    application_name: 'huitong-centre-reader',
    options: `-c statement_timeout=${STATEMENT_TIMEOUT_MS} -c default_transaction_read_only=on -c timezone=UTC`,
  })
  pool.on('error', () => undefined) // a broken idle connection is replaced at the next use
  return {
    database: decodeURIComponent(new URL(url).pathname.slice(1)),
    async rows(text, values = [], name) {
      const query = { text, values: [...values], rowMode: 'array' as const, ...(name === undefined ? {} : { name }) }
      try {
        return (await pool.query<(string | null)[]>(query)).rows
      } catch (error) {
        if (OF_STATEMENT.test((error as { code?: string }).code ?? '')) throw error
        throw new Refusal('centre.unavailable', { detail: (error as Error).message, cause: error })
      }
    },
    end: () => pool.end(),
  }
}

/** Where the centre's database is, as accounts of its own reach it. */
export interface CentreUrls {
  readonly loader: string
  readonly reader: string
}

export function centreUrls(ownerUrl: string, passwords: { loader: string; reader: string }): CentreUrls {
  const urlOf = (role: string, password: string) => {
    const url = new URL(ownerUrl)
    url.pathname = `/${centreDatabaseOf(decodeURIComponent(url.pathname.slice(1)))}`
    url.username = role
    url.password = encodeURIComponent(password)
    return url.href
  }
  return { loader: urlOf(CENTRE_LOADER, passwords.loader), reader: urlOf(CENTRE_READER, passwords.reader) }
}

/**
 * Makes the database of the resource centre beside the platform's own, and its two accounts. Answers false when the
 * owner may not create databases and nobody made it: then the platform runs without a resource centre.
 */
export async function ensureCentreDatabase(
  ownerUrl: string,
  passwords: { loader: string; reader: string },
): Promise<boolean> {
  const database = centreDatabaseOf(decodeURIComponent(new URL(ownerUrl).pathname.slice(1)))
  const made = await connected(ownerUrl, async (client) => {
    if (!(await makeDatabase(client, database))) return false
    await ensureRole(client, CENTRE_LOADER, passwords.loader)
    await ensureRole(client, CENTRE_READER, passwords.reader)
    // Whoever sets default rights for the loader's tables must be one of its members.
    const member = await client.query<{ is: boolean }>('select pg_has_role($1, $2) as is', [CENTRE_LOADER, 'usage'])
    if (member.rows[0]?.is !== true) await withRetry(() => client.query(`grant ${CENTRE_LOADER} to current_user`))
    return true
  })
  if (made) await grantRights(ownerUrl, database)
  return made
}

/** Made by the supervisor in the embedded cluster; elsewhere by us, when we may. */
async function makeDatabase(client: pg.Client, database: string): Promise<boolean> {
  const known = await client.query('select 1 from pg_database where datname = $1', [database])
  if (known.rowCount !== 0) return true
  try {
    await client.query(`create database ${quoteIdentifier(database)} encoding 'UTF8' template template0`)
    return true
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === '42501') return false // may not create databases
    if (code === '42P04' || code === '23505') return true // another process was quicker
    throw error
  }
}

async function grantRights(ownerUrl: string, database: string): Promise<void> {
  const url = new URL(ownerUrl)
  url.pathname = `/${database}`
  const name = quoteIdentifier(database)
  await connected(url.href, async (client) => {
    await withRetry(() =>
      client.query(`revoke all on database ${name} from public;
        grant connect, temporary on database ${name} to ${CENTRE_LOADER};
        grant connect on database ${name} to ${CENTRE_READER};
        revoke create on schema public from public;
        grant usage, create on schema public to ${CENTRE_LOADER};
        grant usage on schema public to ${CENTRE_READER};
        alter default privileges for role ${CENTRE_LOADER} in schema public grant select on tables to ${CENTRE_READER}`),
    )
  })
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // told by the query at hand
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
