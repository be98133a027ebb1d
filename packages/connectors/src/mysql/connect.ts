import { type Duplex, Readable } from 'node:stream'
import { MYSQL_SESSION_SETTINGS } from '@huitong/segment'
import { type Connection, createConnection, type ResultSetHeader } from 'mysql2'
import type { Hop } from '../errors.ts'
import { toConnectorError } from './database-error.ts'
import type { MysqlSettings } from './settings.ts'

const CONNECT_TIMEOUT_MS = 15_000
const KEEP_ALIVE_MS = 10_000
/** A reader may wait so long for what takes its rows, before the server gives it up. */
const WRITE_TIMEOUT_S = 3_600
const LOCK_TIMEOUT_S = 30
/** A worker that is stopped in a transaction loses it after this, so that its locks do not block whoever takes over. */
const IDLE_IN_TRANSACTION_S = 60
const IDLE_S = 28_800

/** A row of a small answer: every value its text. */
export type TextRow = Readonly<Record<string, string | null>>

/** A connection whose session is fixed: text forms, quoting and time limits. Everything of the driver goes through here. */
export class Session {
  readonly #connection: Connection
  readonly #hop: Hop
  #lost: Error | null = null

  private constructor(connection: Connection, hop: Hop) {
    this.#connection = connection
    this.#hop = hop
    // Errors reach the query in flight; without a listener an idle connection's end would end the process.
    connection.on('error', (error: Error) => {
      this.#lost = error
    })
  }

  /** @throws ConnectorError. */
  static async open(settings: MysqlSettings, hop: Hop): Promise<Session> {
    const connection = createConnection({
      host: settings.host,
      port: settings.port,
      database: settings.database,
      user: settings.user,
      password: settings.password,
      charset: 'utf8mb4_bin',
      connectTimeout: CONNECT_TIMEOUT_MS,
      enableKeepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      // Rows changed are not rows found: what is counted is what a statement matched.
      flags: ['+FOUND_ROWS'],
      ...(settings.tls === 'off'
        ? {}
        : {
            ssl: {
              rejectUnauthorized: settings.tls === 'verify',
              verifyIdentity: settings.tls === 'verify',
              ...(settings.tlsCa === undefined ? {} : { ca: settings.tlsCa }),
            },
          }),
    })
    const session = new Session(connection, hop)
    try {
      await new Promise<void>((resolve, reject) => {
        connection.connect((error) => (error === null ? resolve() : reject(error)))
      })
      for (const setting of MYSQL_SESSION_SETTINGS) await session.run(`SET ${setting}`)
      await session.run(
        `SET SESSION net_write_timeout = ${WRITE_TIMEOUT_S}, SESSION lock_wait_timeout = ${LOCK_TIMEOUT_S}, ` +
          `SESSION innodb_lock_wait_timeout = ${LOCK_TIMEOUT_S}, SESSION wait_timeout = ${IDLE_S}`,
      )
    } catch (error) {
      session.close()
      throw toConnectorError(error, hop)
    }
    return session
  }

  /** The driver's connection, for reading rows as a stream. */
  get connection(): Connection {
    return this.#connection
  }

  /** What the connection was lost by, when it was. */
  get lost(): Error | null {
    return this.#lost
  }

  /** Rows of a small answer. `sql` holds its literals: the driver would escape by a rule that this session has not. */
  rows(sql: string): Promise<TextRow[]> {
    return new Promise((resolve, reject) => {
      const typeCast = (field: { string(): string | null }) => field.string()
      this.#connection.query({ sql, typeCast: typeCast as never }, (error, rows) => {
        if (error === null) resolve(rows as unknown as TextRow[])
        else reject(error)
      })
    })
  }

  /** A statement without an answer; gives the rows that it matched and the warnings it left. */
  run(sql: string): Promise<{ readonly rows: bigint; readonly warnings: number }> {
    return new Promise((resolve, reject) => {
      this.#connection.query({ sql }, (error, result) => {
        if (error === null) resolve(countsOf(result as ResultSetHeader))
        else reject(error)
      })
    })
  }

  /** `LOAD DATA LOCAL INFILE`, whose file is `pieces`; nothing else is ever given to the server. */
  load(sql: string, pieces: Iterable<Uint8Array>): Promise<{ readonly rows: bigint; readonly warnings: number }> {
    return new Promise((resolve, reject) => {
      const infileStreamFactory = () => Readable.from(pieces, { objectMode: true, highWaterMark: 2 })
      this.#connection.query({ sql, infileStreamFactory } as never, (error: Error | null, result: unknown) => {
        if (error === null) resolve(countsOf(result as ResultSetHeader))
        else reject(error)
      })
    })
  }

  /** Runs `work` in one transaction; it is rolled back on any error. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hop === 'target') await this.run(`SET SESSION wait_timeout = ${IDLE_IN_TRANSACTION_S}`)
    await this.run('START TRANSACTION')
    try {
      const result = await work()
      await this.run('COMMIT')
      if (this.#hop === 'target') await this.run(`SET SESSION wait_timeout = ${IDLE_S}`)
      return result
    } catch (error) {
      // The first error is the one to tell; a connection that cannot roll back has lost its transaction anyway.
      await this.run('ROLLBACK').catch(() => undefined)
      await this.run(`SET SESSION wait_timeout = ${IDLE_S}`).catch(() => undefined)
      throw error
    }
  }

  /** Ends the socket without waiting for the server. */
  close(): void {
    this.#connection.destroy()
    // The driver only says that it will send no more: a server that is writing would never notice.
    ;(this.#connection as unknown as { readonly stream: Duplex }).stream.destroy()
  }
}

function countsOf({ affectedRows, warningStatus }: ResultSetHeader) {
  return { rows: BigInt(affectedRows), warnings: warningStatus }
}

/** Run `work` on a connection of its own; errors come out as ConnectorError. */
export async function withSession<T>(
  settings: MysqlSettings,
  hop: Hop,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.open(settings, hop)
  try {
    return await work(session)
  } catch (error) {
    throw toConnectorError(error, hop)
  } finally {
    session.close()
  }
}
