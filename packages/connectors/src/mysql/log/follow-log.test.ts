import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { padded } from '../../log/padded.ts'
import type { LogPlace } from '../../log/types.ts'
import type { PostgresqlSettings } from '../../postgresql/settings.ts'
import { startCluster, type TestCluster } from '../../testing/cluster.ts'
import { Logged, type LoggedOptions, mysqlEnd, postgresqlEnd } from '../../testing/logged.ts'
import { runMysql, startMariadb, type TestMariadb } from '../../testing/mariadb.ts'
import { LOG_OPTIONS, MYSQL_LEDGER_COLUMNS, MysqlLedger, placeNow } from '../../testing/mysql-ledger.ts'
import { NATIVE, nativeLiteral } from '../../testing/native-types.ts'
import { csvOf, fieldsOf } from '../../testing/transfer.ts'
import { mysql } from '../connector.ts'
import type { MysqlSettings } from '../settings.ts'
import { parsePlace } from './gtid.ts'

let mariadb: TestMariadb
let cluster: TestCluster
let source: MysqlSettings
let target: MysqlSettings
let there: PostgresqlSettings
beforeAll(async () => {
  ;[mariadb, cluster] = await Promise.all([startMariadb(LOG_OPTIONS), startCluster()])
  source = await mariadb.database()
  target = await mariadb.database()
  there = await cluster.database()
})
afterAll(() => Promise.all([mariadb?.stop(), cluster?.stop()]))

let tables = 0
const now = async (): Promise<LogPlace> => {
  const place = await placeNow(source)
  return { since: padded(parsePlace('mariadb', place).count), place }
}
async function ledgerOf(options: { seed?: number; accounts?: number } = {}, over: Partial<LoggedOptions> = {}) {
  const table = `ledger_${tables++}`
  const ledger = await MysqlLedger.open(source, table, options)
  const logged = new Logged(mysqlEnd(source), mysqlEnd(target), table, {
    columns: MYSQL_LEDGER_COLUMNS,
    key: ['account'],
    ...over,
  })
  return { table, ledger, logged }
}
const LISTED = `account, hex(convert(holder using utf8mb4)) AS holder, balance, date_format(moved, '%Y%m%d%H%i%s.%f') AS moved, md5(note) AS note, step`
const rowsOf = (settings: MysqlSettings, table: string, where = 'true') =>
  runMysql(settings, `SET time_zone = '+00:00'; SELECT ${LISTED} FROM \`${table}\` WHERE ${where} ORDER BY account`)
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  )

describe('following the log of a table of MariaDB', () => {
  it('keeps every state of a ledger: copied while it works, its sum constant at each commit, its rows equal at the end', async () => {
    for (const pieceBytesMax of [undefined, 1500]) {
      const { table, ledger, logged } = await ledgerOf(
        { seed: 7 },
        pieceBytesMax === undefined ? {} : { pieceBytesMax },
      )
      const sums = new Set<string>()
      logged.onCommit = async () => {
        const [row] = await runMysql(target, `SELECT sum(balance) AS sum FROM \`${table}_received\``)
        sums.add(row!['sum']!)
      }
      const working = (async () => {
        for (let i = 0; i < 40; i++) await ledger.work()
      })()
      await logged.copy()
      await working
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 30; i++) await ledger.work()
        if (round === 1) await ledger.sweep(2)
        await logged.followTo(await now())
        expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
      }
      expect([...sums]).toEqual(['50000.0000'])
    }
  }, 120_000)

  it('gives the same texts as a copy, for random values of every type, whether inserted, changed or moved', async () => {
    const names = Object.keys(NATIVE)
    const definitions = names.map((type, i) => `c${i} ${type} NULL`).join(', ')
    await runMysql(source, `CREATE TABLE native (id bigint PRIMARY KEY, ${definitions}) CHARACTER SET utf8mb4`)
    const table = { schema: source.database, name: 'native' }
    const my = mysql.open(source)
    const found = await my.describe(table)
    const columns = found!.columns.map(({ name, canonicalType }) => ({ name, type: canonicalType }))
    const logged = new Logged(mysqlEnd(source), postgresqlEnd(there), 'native', { columns, key: ['id'] })
    await logged.copy()
    const shapes: string[] = []
    const onShape = async (list: readonly { name: string; canonicalType: string }[]) => {
      shapes.push(list.map(({ name, canonicalType }) => `${name} ${canonicalType}`).join('\n'))
    }
    const row = fc.tuple(...Object.values(NATIVE).map((one) => fc.option(one, { freq: 6 })))
    const sorted = (csv: Buffer) => fieldsOf(csv, columns).sort((a, b) => Number(a[0]) - Number(b[0]))
    let next = 0
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 60 }), async (rows) => {
        const first = next
        next += rows.length
        const listOf = (one: readonly (string | null)[]) => one.map((text, i) => nativeLiteral(names[i]!, text))
        const values = rows.map((one, i) => `(${[String(first + i), ...listOf(one)].join(', ')})`)
        const set = listOf(rows[0]!).map((text, i) => `c${i} = ${text}`)
        await runMysql(
          source,
          `SET time_zone = '+00:00'; INSERT INTO native VALUES ${values.join(', ')};
           UPDATE native SET ${set.join(', ')} WHERE id = ${first + 1}; UPDATE native SET id = -id - 5 WHERE id = ${first}`,
        )
        await logged.followTo(await now(), { onShape })
        const copied = await csvOf(my, table, columns)
        const received = await csvOf(postgresqlEnd(there).database, logged.target, columns)
        expect(sorted(received.csv)).toEqual(sorted(copied.csv))
      }),
      { numRuns: 8 },
    )
    expect(new Set(shapes)).toEqual(new Set([columns.map(({ name, type }) => `${name} ${type}`).join('\n')]))
  }, 120_000)

  it('applies a transaction larger than a piece as one', async () => {
    const { table, ledger, logged } = await ledgerOf({ accounts: 120 }, { pieceBytesMax: 2000 })
    await logged.copy()
    const seen = new Set<string>()
    logged.onCommit = async () => {
      const [row] = await runMysql(target, `SELECT group_concat(DISTINCT step) AS steps FROM \`${table}_received\``)
      seen.add(row!['steps']!)
    }
    await ledger.sweep(3)
    await ledger.sweep(1)
    await logged.followTo(await now())
    expect(logged.pieces.filter(({ from, to }) => from.since === to.since).length).toBeGreaterThan(5)
    expect([...seen]).toEqual(['3', '4'])
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('gives everything again that was read and not committed, and applies it once', async () => {
    const { table, ledger, logged } = await ledgerOf({ seed: 3 }, { together: 3, pieceBytesMax: 1500 })
    await logged.copy()
    for (let i = 0; i < 60; i++) await ledger.work()
    await logged.followTo(await now())
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    const loader = await logged.loader()
    logged.generation++
    logged.sequence = 0
    for (const piece of logged.pieces) await loader.merge(logged.segment(piece))
    await loader.commit()
    await loader.close()
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('lets out only what the filter lets out: rows that move in are inserts, rows that move out are deletes', async () => {
    const filter: NonNullable<LoggedOptions['filter']> = (field) => Number(field('balance')) >= 1000
    const { table, ledger, logged } = await ledgerOf(
      { seed: 11 },
      { filter, filterFields: ['balance'], where: 'balance >= 1000' },
    )
    await logged.copy()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 60; i++) await ledger.work()
      await logged.followTo(await now())
      expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table, 'balance >= 1000'))
    }
    // Of a row that stays outside not even the key leaves.
    await ledger.query(`INSERT INTO \`${table}\` VALUES (900001, '外', 1, now(), NULL, 1);
      UPDATE \`${table}\` SET holder = '仍在外' WHERE account = 900001; DELETE FROM \`${table}\` WHERE account = 900001`)
    await logged.followTo(await now())
    expect(logged.pieces.some(({ data }) => data.includes('900001'))).toBe(false)
  })

  it('stops at TRUNCATE after what was before it, and goes on when a person approved it', async () => {
    const { table, ledger, logged } = await ledgerOf()
    await logged.copy()
    await ledger.sweep(1)
    const before = await rowsOf(source, table)
    await ledger.query(`TRUNCATE \`${table}\`; INSERT INTO \`${table}\` VALUES (1, '新', 5, NULL, NULL, 1)`)
    const stopped = await logged.followTo(await now()).then(
      () => null,
      (error: { code: string; detail: string }) => error,
    )
    expect(stopped?.code).toBe('log_truncated')
    expect(await rowsOf(target, `${table}_received`)).toEqual(before)
    logged.approved = [stopped!.detail]
    await logged.followTo(await now())
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
  })

  it('stops where rows come or go without the log, or another table takes the name', async () => {
    for (const [sql, code] of [
      ['SET SESSION binlog_format = STATEMENT; UPDATE $table SET step = 9 WHERE account = 1', 'log_incomplete'],
      [
        'ALTER TABLE $table ADD parent bigint NULL, ADD FOREIGN KEY (parent) REFERENCES $table (account) ON DELETE CASCADE',
        'log_incomplete',
      ],
      ['RENAME TABLE $table TO $table_was', 'log_gap'],
      ['CREATE OR REPLACE TABLE $table (account bigint PRIMARY KEY)', 'log_gap'],
      ['SET SESSION binlog_row_image = MINIMAL; UPDATE $table SET step = 9', 'binlog_off'],
      ['ALTER TABLE $table ADD INDEX (step); OPTIMIZE TABLE $table; UPDATE $table SET step = 9', 'no error'],
    ] as const) {
      const { table, ledger, logged } = await ledgerOf()
      await logged.copy()
      const named = sql.replaceAll('$table_was', `\`${table}_was\``).replaceAll('$table', `\`${table}\``)
      await ledger.query(named)
      expect([sql, await codeOf(logged.followTo(await now()))]).toEqual([sql, code])
      if (code === 'no error') expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    }
  })

  it('tells how the table is from the place on where it was changed, and by name when a needed field is gone', async () => {
    const { table, ledger, logged } = await ledgerOf()
    await logged.copy()
    await ledger.sweep(1)
    await ledger.query(`ALTER TABLE \`${table}\` ADD extra int AFTER account; UPDATE \`${table}\` SET step = 7;
      ALTER TABLE \`${table}\` MODIFY holder varchar(200) CHARACTER SET utf8mb4; UPDATE \`${table}\` SET holder = '𠮷' WHERE account = 1`)
    const shapes: string[] = []
    await logged.followTo(await now(), {
      onShape: async (list) =>
        void shapes.push(list.map(({ name, canonicalType }) => `${name} ${canonicalType}`).join()),
    })
    const rest = 'balance numeric(20,4),moved timestamptz(6),note text,step bigint'
    expect(shapes).toEqual([
      `account bigint,holder varchar(100),${rest}`,
      `account bigint,extra integer,holder varchar(100),${rest}`,
      `account bigint,extra integer,holder varchar(200),${rest}`,
    ])
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    await ledger.query(`ALTER TABLE \`${table}\` RENAME COLUMN note TO remark; UPDATE \`${table}\` SET step = 8`)
    await expect(logged.followTo(await now())).rejects.toMatchObject({
      code: 'schema_changed',
      place: { column: 'note' },
    })
  })

  it('refuses a value that no segment may hold by its field, and lets it lie where the row does not leave', async () => {
    const columns = [
      { name: 'id', type: 'bigint' },
      { name: 'd', type: 'date' },
      { name: 'g', type: 'text' },
    ]
    await runMysql(
      source,
      'CREATE TABLE odd (id bigint PRIMARY KEY, d date, g varchar(20) CHARACTER SET gbk, o varbinary(9))',
    )
    for (const [row, column] of [
      [`(1, '0000-00-00', 'a', '')`, 'd'],
      [`(1, NULL, cast(x'C0EEA6D9' as char character set gbk), '')`, 'g'],
      [`(1, NULL, 'a\\0b', '')`, 'g'],
    ] as const) {
      await runMysql(source, 'DELETE FROM odd')
      const logged = new Logged(mysqlEnd(source), mysqlEnd(target), 'odd', { columns, key: ['id'] })
      const filtered = new Logged(mysqlEnd(source), mysqlEnd(target), 'odd', {
        columns,
        key: ['id'],
        filter: (field) => field('id') !== '1',
        filterFields: ['id'],
        where: 'id <> 1',
      })
      await runMysql(target, 'DROP TABLE IF EXISTS odd_received, huitong_table, huitong_position')
      await filtered.copy()
      await runMysql(source, `SET sql_mode = ''; INSERT INTO odd VALUES ${row}`)
      await filtered.followTo(await now())
      await expect(filtered.followTo(await now(), { from: await filtered.position() })).resolves.toBeUndefined()
      await runMysql(target, 'DROP TABLE IF EXISTS odd_received, huitong_table, huitong_position')
      await runMysql(source, 'DELETE FROM odd')
      await logged.copy()
      await runMysql(source, `SET sql_mode = ''; INSERT INTO odd VALUES ${row}`)
      await expect(logged.followTo(await now())).rejects.toMatchObject({
        code: 'bad_value',
        place: { table: 'odd', column },
      })
    }
  })

  it('reads a compressed log, and goes along while only other tables are written', async () => {
    const { table, ledger, logged } = await ledgerOf({ seed: 9 })
    await logged.copy()
    await runMysql(source, 'SET GLOBAL log_bin_compress = ON, GLOBAL log_bin_compress_min_len = 10')
    try {
      for (let i = 0; i < 30; i++) await ledger.work()
    } finally {
      await runMysql(source, 'SET GLOBAL log_bin_compress = OFF')
    }
    await logged.followTo(await now())
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    await runMysql(source, 'CREATE TABLE IF NOT EXISTS noise (n int); INSERT INTO noise VALUES (1), (2)')
    const wanted = await now()
    const reader = await logged.open(new AbortController().signal, { moveMs: 0 })
    for await (const event of reader.events()) {
      if (event.kind !== 'piece') continue
      expect(event).toMatchObject({ rows: 0, transactions: 0 })
      if (event.to.since >= wanted.since) break
    }
    reader.close()
  })

  it('says that there is a gap when the log was purged, or the server never had what was received', async () => {
    const { ledger, logged } = await ledgerOf()
    await logged.copy()
    await ledger.work()
    const { slot } = logged
    const ahead = { ...(await logged.position()), place: '0-1-999999999' }
    expect(await codeOf(logged.followTo(await now(), { from: ahead }))).toBe('log_gap')
    expect(await codeOf(logged.followTo(await now(), { slot: { ...slot, systemId: 'mysql' } }))).toBe('log_gap')
    await runMysql(source, 'FLUSH BINARY LOGS')
    await ledger.work()
    await runMysql(source, 'FLUSH BINARY LOGS')
    // Readers that were left behind hold their file for a moment.
    const purge = async () => {
      const files = await runMysql(source, 'SHOW BINARY LOGS')
      await runMysql(source, `PURGE BINARY LOGS TO '${files.at(-1)!['Log_name']}'`)
      return runMysql(source, 'SHOW BINARY LOGS')
    }
    await expect.poll(purge, { timeout: 20_000 }).toHaveLength(1)
    expect(await codeOf(logged.followTo(await now()))).toBe('log_gap')
  })

  it('names the setting, the right or the kind of table that is missing', async () => {
    const { table, logged } = await ledgerOf()
    for (const [name, value, back] of [
      ['binlog_row_metadata', 'NO_LOG', 'FULL'],
      ['binlog_row_image', 'MINIMAL', 'FULL'],
      ['binlog_format', 'MIXED', 'ROW'],
    ] as const) {
      await runMysql(source, `SET GLOBAL ${name} = ${value}`)
      await expect(logged.copy()).rejects.toMatchObject({ code: 'binlog_off', place: { setting: `${name} = ${back}` } })
      await runMysql(source, `SET GLOBAL ${name} = ${back}`)
    }
    const poor = { ...source, user: `reader_${tables}`, password: 'secret' }
    const account = `${poor.user}@'127.0.0.1'`
    await runMysql(
      source,
      `CREATE USER ${account} IDENTIFIED BY 'secret'; GRANT SELECT ON \`${source.database}\`.* TO ${account}`,
    )
    const asUser = () =>
      new Logged(mysqlEnd(poor), mysqlEnd(target), table, { columns: MYSQL_LEDGER_COLUMNS, key: ['account'] })
    await expect(asUser().copy()).rejects.toMatchObject({ code: 'binlog_rights' })
    await runMysql(source, `GRANT BINLOG MONITOR ON *.* TO ${account}`)
    await expect(asUser().copy()).rejects.toMatchObject({ code: 'binlog_rights' })
    await runMysql(source, `GRANT REPLICATION SLAVE ON *.* TO ${account}`)
    const rich = asUser()
    await rich.copy()
    await runMysql(source, `UPDATE \`${table}\` SET step = 5`)
    await rich.followTo(await now())
    expect(await rowsOf(target, `${table}_received`)).toEqual(await rowsOf(source, table))
    await runMysql(
      source,
      `CREATE TABLE parent (id bigint PRIMARY KEY); CREATE TABLE child (account bigint PRIMARY KEY, p bigint,
         FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL); CREATE TABLE plain (account bigint PRIMARY KEY) ENGINE = MyISAM`,
    )
    const options = { columns: [{ name: 'account', type: 'bigint' }], key: ['account'] }
    const copyOf = (name: string) => new Logged(mysqlEnd(poor), mysqlEnd(target), name, options).copy()
    await expect(copyOf('child')).rejects.toMatchObject({ code: 'log_incomplete', place: { table: 'child' } })
    await expect(copyOf('plain')).rejects.toMatchObject({ code: 'not_supported' })
  })
})
