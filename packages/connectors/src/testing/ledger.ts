import { Client } from 'pg'
import type { PostgresqlSettings } from '../postgresql/settings.ts'

/** Columns of the ledger as they travel. */
export const LEDGER_COLUMNS = [
  { name: 'account', type: 'bigint' },
  { name: 'holder', type: 'text' },
  { name: 'balance', type: 'numeric(20,4)' },
  { name: 'moved', type: 'timestamptz(6)' },
  { name: 'note', type: 'text' },
  { name: 'step', type: 'bigint' },
]

/** A generator of numbers with a seed, so that a failing run can be repeated. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * A ledger under random work: transfers between accounts, accounts that change their number, are closed into another or
 * opened out of another, and long notes of which other fields change without them. The sum of all balances never changes in
 * any committed state, and the step of an account only grows.
 */
export class Ledger {
  #client: Client
  readonly #settings: PostgresqlSettings
  readonly #next: () => number
  readonly #table: string
  #step = 0
  #free: number

  private constructor(settings: PostgresqlSettings, client: Client, table: string, accounts: number, seed: number) {
    this.#settings = settings
    this.#client = client
    this.#table = table
    this.#next = random(seed)
    this.#free = accounts + 1
  }

  /** Makes a table with so many accounts of 1000 each; some with a note that the server stores aside. */
  static async open(
    settings: PostgresqlSettings,
    table: string,
    options: { accounts?: number; seed?: number; identity?: 'DEFAULT' | 'FULL' } = {},
  ): Promise<Ledger> {
    const { accounts = 50, seed = 1, identity = 'DEFAULT' } = options
    const client = await connected(settings)
    await client.query(`CREATE TABLE IF NOT EXISTS public."${table}" (account bigint PRIMARY KEY, holder text NOT NULL, balance numeric(20,4)
      NOT NULL, moved timestamptz(6), note text, step bigint NOT NULL)`)
    await client.query(`ALTER TABLE public."${table}" REPLICA IDENTITY ${identity}`)
    await client.query(`ALTER TABLE public."${table}" ALTER note SET STORAGE EXTERNAL`)
    await client.query(
      `INSERT INTO public."${table}" SELECT i, '户 ' || i, 1000, clock_timestamp(),
         CASE WHEN i % 3 = 0 THEN repeat(md5(i::text), 200) END, 0 FROM generate_series(1, $1::int) i`,
      [accounts],
    )
    return new Ledger(settings, client, table, accounts, seed)
  }

  /** Goes on after its server was killed; whether the last transaction was committed, nobody knows. */
  async reconnect(): Promise<void> {
    await this.#client.end().catch(() => undefined)
    this.#client = await connected(this.#settings)
  }

  /** Commits one random transaction. @returns how many rows it changed. */
  async work(): Promise<number> {
    const client = this.#client
    const changes = 1 + Math.floor(this.#next() * 6)
    await client.query('BEGIN')
    for (let i = 0; i < changes; i++) await this.#change()
    // Some are taken back: their changes must never be seen.
    await client.query(this.#next() < 0.05 ? 'ROLLBACK' : 'COMMIT')
    return changes
  }

  /** One transaction that changes every account so many times. */
  async sweep(times = 1): Promise<void> {
    // Whatever is written next is later than any of these, also when the answer to the commit gets lost.
    this.#step += times
    await this.#client.query('BEGIN')
    for (let i = 0; i < times; i++) {
      await this.#client.query(`UPDATE public."${this.#table}" SET step = step + 1, moved = clock_timestamp()`)
    }
    await this.#client.query('COMMIT')
  }

  /** Runs any statement on the ledger's own connection. */
  async query(sql: string): Promise<void> {
    await this.#client.query(sql)
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  async #change(): Promise<void> {
    const table = `public."${this.#table}"`
    const kind = this.#next()
    const one = `(SELECT account FROM ${table} ORDER BY md5(account::text || ${Math.floor(this.#next() * 1e6)}) LIMIT 1)`
    const other = `(SELECT account FROM ${table} ORDER BY md5(account::text || ${Math.floor(this.#next() * 1e6)}) DESC LIMIT 1)`
    const step = ++this.#step
    if (kind < 0.55) {
      const amount = (this.#next() * 10).toFixed(4)
      await this.#client
        .query(`WITH a AS MATERIALIZED (SELECT ${one} AS f, ${other} AS t) UPDATE ${table} x SET step = ${step},
        moved = clock_timestamp(), balance = balance + CASE WHEN a.f = a.t THEN 0 WHEN account = a.f THEN -${amount} ELSE ${amount} END
        FROM a WHERE account IN (a.f, a.t)`)
    } else if (kind < 0.7) {
      // A new number for an account; a long note goes along without being written again.
      await this.#client.query(`UPDATE ${table} SET account = ${this.#free++}, step = ${step} WHERE account = ${one}`)
    } else if (kind < 0.8) {
      // Closed into another, when there is another.
      await this.#client
        .query(`WITH a AS MATERIALIZED (SELECT ${one} AS f, ${other} AS t), gone AS (DELETE FROM ${table} x USING a
          WHERE account = a.f AND a.f <> a.t AND (SELECT count(*) FROM ${table}) > 5 RETURNING balance)
        UPDATE ${table} x SET balance = x.balance + gone.balance, step = ${step} FROM gone, a WHERE account = a.t`)
    } else if (kind < 0.92) {
      const note = this.#next() < 0.5 ? `repeat(md5('${step}'), ${Math.floor(this.#next() * 300)})` : 'NULL'
      await this.#client.query(
        `INSERT INTO ${table} VALUES (${this.#free++}, '新户,"引号"', 0, clock_timestamp(), ${note}, ${step})`,
      )
    } else {
      const note = `repeat(md5('${step}'), ${80 + Math.floor(this.#next() * 200)})`
      await this.#client.query(`UPDATE ${table} SET note = ${note}, step = ${step} WHERE account = ${one}`)
    }
  }
}

async function connected(settings: PostgresqlSettings): Promise<Client> {
  const client = new Client({ ...settings, ssl: false })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
