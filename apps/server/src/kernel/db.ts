import { Kysely, PostgresDialect, sql, type RawBuilder, type Transaction } from 'kysely'
import pg from 'pg'
import { refuse } from './errors.ts'

/** Reads rows. In a `query()` the transaction is READ ONLY as well. */
export interface Reader {
  many<T>(query: RawBuilder<T>): Promise<T[]>
  maybe<T>(query: RawBuilder<T>): Promise<T | null>
  /** Exactly one row; `object.not_found` when there is none. */
  one<T>(query: RawBuilder<T>): Promise<T>
}

/** Reads and writes; only commands, ticks and migrations hold one. */
export interface Writer extends Reader {
  /** Runs a statement and answers how many rows it touched. */
  run(query: RawBuilder<unknown>): Promise<number>
}

/** What row-level security sees of the one who acts. */
export interface RowContext {
  readonly scope: 'none' | 'department' | 'jurisdiction' | 'system'
  readonly jurisdiction: string
  readonly departmentId: string | null
  /** Who acts, as far as rows belong to a single person, node or application. */
  readonly actorId?: string
  /** The act manages accounts: it reaches the passwords and sessions of others of the jurisdiction. */
  readonly accounts?: boolean
}

export const SYSTEM_ROWS: RowContext = { scope: 'system', jurisdiction: '', departmentId: null }

export interface Db {
  /** A writable business transaction (role `huitong_app`, row-level security on). */
  write<T>(rows: RowContext, work: (db: Writer) => Promise<T>): Promise<T>
  /** A READ ONLY business transaction; all that it asks is of one moment. */
  read<T>(rows: RowContext, work: (db: Reader) => Promise<T>): Promise<T>
  /** A transaction on technical state (role `huitong_tick`, named tables only). */
  tick<T>(work: (db: Writer) => Promise<T>): Promise<T>
  end(): Promise<void>
}

const STATEMENT_TIMEOUT_MS = 30_000
const IDLE_IN_TRANSACTION_MS = 60_000

/** Dates stay texts; 64-bit integers and decimals stay strings; instants become Date. */
const typeParsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === 1082
      ? (text: string) => text
      : pg.types.getTypeParser(oid, format as 'text')) as unknown as typeof pg.types.getTypeParser,
}

function poolFor(url: string, max: number): Kysely<unknown> {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: typeParsers,
    connectionTimeoutMillis: 5_000,
    options: `-c statement_timeout=${STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS} -c timezone=UTC`,
  })
  // An idle connection that breaks (the server was restarted) must not end the process; the next use reconnects.
  pool.on('error', () => undefined)
  // Nor may one that breaks between two statements of a transaction, of which the pool itself hears nothing.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}

/** Wraps any Kysely transaction or connection as a {@link Writer}. */
export function handleOf(db: Kysely<unknown> | Transaction<unknown>): Writer {
  const rows = async <T>(query: RawBuilder<T>) => (await query.execute(db)).rows
  return {
    many: rows,
    maybe: async (query) => (await rows(query))[0] ?? null,
    one: async (query) => (await rows(query))[0] ?? refuse('object.not_found'),
    run: async (query) => Number((await query.execute(db)).numAffectedRows ?? 0),
  }
}

/** Opens the pools of the application's two database roles. */
export function openDb(urls: { app: string; tick: string }): Db {
  const app = poolFor(urls.app, 12)
  const tick = poolFor(urls.tick, 6)
  const context = (rows: RowContext) => sql`select set_config('huitong.scope', ${rows.scope}, true),
    set_config('huitong.jurisdiction', ${rows.jurisdiction}, true),
    set_config('huitong.department', ${rows.departmentId ?? ''}, true),
    set_config('huitong.actor', ${rows.actorId ?? ''}, true),
    set_config('huitong.accounts', ${rows.accounts === true ? 'on' : 'off'}, true)`
  return {
    write: (rows, work) =>
      app.transaction().execute(async (tx) => {
        await context(rows).execute(tx)
        return work(handleOf(tx))
      }),
    read: (rows, work) =>
      app
        .transaction()
        // One snapshot for all questions of an answer: its parts must not be of different moments.
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (tx) => {
          await context(rows).execute(tx)
          return work(handleOf(tx))
        }),
    tick: (work) =>
      tick.transaction().execute(async (tx) => {
        await context(SYSTEM_ROWS).execute(tx)
        return work(handleOf(tx))
      }),
    end: async () => {
      await Promise.all([app.destroy(), tick.destroy()])
    },
  }
}
