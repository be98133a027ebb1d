import type { MysqlSettings } from '../mysql/settings.ts'
import { random } from './ledger.ts'
import { runMysql } from './mariadb.ts'

/** What a MariaDB needs so that its log can be followed. */
export const LOG_OPTIONS: readonly string[] = [
  '--log-bin=binlog',
  '--server-id=1',
  '--binlog-format=ROW',
  '--binlog-row-image=FULL',
  '--binlog-row-metadata=FULL',
]

/** Columns of the ledger as they travel. */
export const MYSQL_LEDGER_COLUMNS = [
  { name: 'account', type: 'bigint' },
  { name: 'holder', type: 'text' },
  { name: 'balance', type: 'numeric(20,4)' },
  { name: 'moved', type: 'timestamptz(6)' },
  { name: 'note', type: 'text' },
  { name: 'step', type: 'bigint' },
]

/** The ledger of `ledger.ts`, in a MariaDB: the same random work, and the same promises. */
export class MysqlLedger {
  #settings: MysqlSettings
  readonly #next: () => number
  readonly #table: string
  #step = 0
  #free: number

  private constructor(settings: MysqlSettings, table: string, accounts: number, seed: number) {
    this.#settings = settings
    this.#table = table
    this.#next = random(seed)
    this.#free = accounts + 1
  }

  /** Makes a table with so many accounts of 1000 each. */
  static async open(
    settings: MysqlSettings,
    table: string,
    { accounts = 50, seed = 1 }: { accounts?: number; seed?: number } = {},
  ): Promise<MysqlLedger> {
    const ledger = new MysqlLedger(settings, table, accounts, seed)
    const rows = Array.from(
      { length: accounts },
      (_, i) => `(${i + 1}, '户 ${i + 1}', 1000, now(6), ${i % 3 === 0 ? `repeat(md5('${i}'), 200)` : 'NULL'}, 0)`,
    )
    await ledger.query(
      `CREATE TABLE \`${table}\` (account bigint PRIMARY KEY, holder varchar(100) CHARACTER SET gbk NOT NULL,
         balance decimal(20,4) NOT NULL, moved timestamp(6) NULL, note longtext, step bigint NOT NULL) CHARACTER SET utf8mb4;
       INSERT INTO \`${table}\` VALUES ${rows.join(', ')}`,
    )
    return ledger
  }

  /** Commits one random transaction; some are taken back: their changes must never be seen. */
  async work(): Promise<void> {
    const changes = 1 + Math.floor(this.#next() * 6)
    const statements = Array.from({ length: changes }, () => this.#change())
    const end = this.#next() < 0.05 ? 'ROLLBACK' : 'COMMIT'
    await this.query(['BEGIN', ...statements, end].join(';\n'))
  }

  /** One transaction that changes every account so many times. */
  async sweep(times = 1): Promise<void> {
    this.#step += times
    const once = `UPDATE \`${this.#table}\` SET step = step + 1, moved = now(6)`
    await this.query(['BEGIN', ...Array<string>(times).fill(once), 'COMMIT'].join(';\n'))
  }

  /** Goes on at another server that has the same. */
  moveTo(settings: MysqlSettings): void {
    this.#settings = settings
  }

  /** Runs statements on a connection of their own. */
  async query(sql: string): Promise<void> {
    await runMysql(this.#settings, sql)
  }

  #change(): string {
    const table = `\`${this.#table}\``
    const kind = this.#next()
    const step = ++this.#step
    const pick = (into: string, order: 'ASC' | 'DESC') =>
      `SET ${into} = (SELECT account FROM ${table} ORDER BY md5(concat(account, ${Math.floor(this.#next() * 1e6)})) ${order} LIMIT 1)`
    const one = pick('@f', 'ASC')
    const other = pick('@t', 'DESC')
    if (kind < 0.55) {
      const amount = (this.#next() * 10).toFixed(4)
      return `${one}; ${other}; UPDATE ${table} SET step = ${step}, moved = now(6), balance = balance +
        CASE WHEN @f = @t THEN 0 WHEN account = @f THEN -${amount} ELSE ${amount} END WHERE account IN (@f, @t)`
    }
    if (kind < 0.7) return `${one}; UPDATE ${table} SET account = ${this.#free++}, step = ${step} WHERE account = @f`
    if (kind < 0.8) {
      // Closed into another, when there is another.
      return `${one}; ${other}; SET @n = (SELECT count(*) FROM ${table});
        UPDATE ${table} t JOIN (SELECT balance AS b FROM ${table} WHERE account = @f) g SET t.balance = t.balance + g.b,
          t.step = ${step} WHERE t.account = @t AND @f <> @t AND @n > 5;
        DELETE FROM ${table} WHERE account = @f AND @f <> @t AND @n > 5`
    }
    if (kind < 0.92) {
      const note = this.#next() < 0.5 ? `repeat(md5('${step}'), ${Math.floor(this.#next() * 300)})` : 'NULL'
      return `INSERT INTO ${table} VALUES (${this.#free++}, '新户,"引号"', 0, now(6), ${note}, ${step})`
    }
    const note = `repeat(md5('${step}'), ${80 + Math.floor(this.#next() * 200)})`
    return `${one}; UPDATE ${table} SET note = ${note}, step = ${step} WHERE account = @f`
  }
}

/** Where a MariaDB's log stands now. */
export async function placeNow(settings: MysqlSettings): Promise<string> {
  const [row] = await runMysql(settings, 'SELECT @@gtid_binlog_pos AS place')
  return row!['place']!
}
