import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely'
import pg from 'pg'
import { refuse } from './errors.ts'
import { statementNames, type NameOf } from './statement-names.ts'

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
  /**
   * One statement on technical state that is a transaction of its own, known by its name to each connection: for what is
   * asked thousands of times a second.
   */
  tickOnce<T>(statement: { name: string; text: string; values: readonly unknown[] }): Promise<T[]>
  end(): Promise<void>
}

export const STATEMENT_TIMEOUT_MS = 30_000
const IDLE_IN_TRANSACTION_MS = 60_000

/** Dates stay texts; 64-bit integers and decimals stay strings; instants become Date. */
const typeParsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === 1082
      ? (text: string) => text
      : pg.types.getTypeParser(oid, format as 'text')) as unknown as typeof pg.types.getTypeParser,
}

function poolFor(url: string, max: number, more = ''): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: typeParsers,
    connectionTimeoutMillis: 5_000,
    options: `-c statement_timeout=${STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS} -c timezone=UTC${more}`,
  })
  // An idle connection that breaks (the server was restarted) must not end the process; the next use reconnects.
  pool.on('error', () => undefined)
  // Nor may one that breaks between two statements of a transaction, of which the pool itself hears nothing.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** Turns the parts of a statement into its text and parameters; it has no connection. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** Wraps a connection as a {@link Writer} until its transaction ends: afterwards it is another's. */
function handleOf(client: pg.ClientBase, nameOf: NameOf, ended: () => boolean): Writer {
  const ask = async <T extends pg.QueryResultRow>(query: RawBuilder<T>) => {
    if (ended()) throw new Error('a statement came after the end of its transaction')
    const { sql, parameters } = query.compile(compiler)
    const name = nameOf(sql)
    return client.query<T>({ text: sql, values: [...parameters], ...(name === null ? {} : { name }) })
  }
  const rows = async <T>(query: RawBuilder<T>) => (await ask(query as RawBuilder<pg.QueryResultRow>)).rows as T[]
  return {
    many: rows,
    maybe: async (query) => (await rows(query))[0] ?? null,
    one: async (query) => (await rows(query))[0] ?? refuse('object.not_found'),
    run: async (query) => (await ask(query as RawBuilder<pg.QueryResultRow>)).rowCount ?? 0,
  }
}

/** A role's connections, and what its statements are called there. */
interface Asked {
  readonly pool: pg.Pool
  readonly nameOf: NameOf
}

/**
 * A connection whose named statements are not to be used again. `cached plan must not change result type`: a table was changed
 * meanwhile; `prepared statement does not exist`: it was never parsed there, though its name is taken for known.
 */
const NAMES_OUTDATED: ReadonlySet<unknown> = new Set(['0A000', '26000'])

/** Runs a transaction that `begin` opens. It is rolled back when `work` or the commit fails. */
async function transact<T>(
  { pool, nameOf }: Asked,
  begin: string,
  rows: RowContext,
  work: (db: Writer) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  let ended = false
  try {
    // One question for both: thousands of short transactions would pay for a second one.
    await client.query(`${begin}; ${contextSql(client, rows)}`)
    const result = await work(handleOf(client, nameOf, () => ended))
    ended = true
    const { command } = await client.query('commit')
    // PostgreSQL answers so, and with no error, when a statement had failed and somebody passed over it.
    if (command === 'ROLLBACK') throw new Error('a statement of the transaction failed, so nothing was written')
    return result
  } catch (error) {
    ended = true
    // It would meet the same statement again with the plan that no longer fits.
    if (NAMES_OUTDATED.has((error as { code?: unknown }).code)) broken = error as Error
    await client.query('rollback').catch((cause: Error) => (broken = cause))
    throw error
  } finally {
    // A connection that cannot roll back is not given to the next one.
    client.release(broken)
  }
}

/** Tells row-level security who acts, until the transaction ends. */
function contextSql(client: pg.ClientBase, rows: RowContext): string {
  const settings = {
    scope: rows.scope,
    jurisdiction: rows.jurisdiction,
    department: rows.departmentId ?? '',
    actor: rows.actorId ?? '',
    accounts: rows.accounts === true ? 'on' : 'off',
  }
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config('huitong.${name}', ${client.escapeLiteral(value)}, true)`,
  )
  return `select ${calls.join(', ')}`
}

/** Opens the pools of the application's two database roles. */
export function openDb(urls: { app: string; tick: string }): Db {
  const app = { pool: poolFor(urls.app, 12), nameOf: statementNames() }
  // Ticks are the platform's own: what a transaction sets, a single statement finds set by its connection.
  const tick = { pool: poolFor(urls.tick, 6, ' -c huitong.scope=system'), nameOf: statementNames() }
  return {
    write: (rows, work) => transact(app, 'begin', rows, work),
    // One snapshot for all questions of an answer: its parts must not be of different moments.
    read: (rows, work) => transact(app, 'begin isolation level repeatable read read only', rows, work),
    tick: (work) => transact(tick, 'begin', SYSTEM_ROWS, work),
    tickOnce: async <T>({ name, text, values }: { name: string; text: string; values: readonly unknown[] }) =>
      (await tick.pool.query<pg.QueryResultRow>({ name, text, values: [...values] })).rows as T[],
    end: async () => {
      await Promise.all([app.pool.end(), tick.pool.end()])
    },
  }
}
