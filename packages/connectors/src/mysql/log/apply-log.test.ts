import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { padded } from '../../log/padded.ts'
import { parseLsn } from '../../postgresql/log/lsn.ts'
import type { PostgresqlSettings } from '../../postgresql/settings.ts'
import { run, startCluster, type TestCluster } from '../../testing/cluster.ts'
import { Ledger, LEDGER_COLUMNS } from '../../testing/ledger.ts'
import { Logged, type LoggedOptions, mysqlEnd, postgresqlEnd } from '../../testing/logged.ts'
import { runMysql, startMariadb, type TestMariadb } from '../../testing/mariadb.ts'
import { sumsOf } from '../../testing/transfer.ts'
import type { MysqlSettings } from '../settings.ts'

let mariadb: TestMariadb
let cluster: TestCluster
let source: PostgresqlSettings
let target: MysqlSettings
beforeAll(async () => {
  ;[mariadb, cluster] = await Promise.all([startMariadb(), startCluster()])
  source = await cluster.database()
  target = await mariadb.database()
})
afterAll(() => Promise.all([mariadb?.stop(), cluster?.stop()]))

const secret = Buffer.from('ff00d1f067b06fc4fa7e2e27'.padEnd(64, '5c'), 'hex')
const now = async () => {
  const [row] = await run(source, 'SELECT pg_current_wal_insert_lsn()::text AS lsn')
  return { since: padded(parseLsn(row!['lsn']!)) }
}
const sums = async (logged: Logged, { columns, key }: LoggedOptions) => {
  const [from, to] = [postgresqlEnd(source).database, mysqlEnd(target).database]
  return [
    await sumsOf(from, logged.read.table, [...columns], [...key], secret),
    await sumsOf(to, logged.target, [...columns], [...key], secret),
  ]
}

describe('the log of PostgreSQL in a table of MariaDB', () => {
  it('brings a ledger whole: values that did not change and are not in the log stay, also when a row takes another key', async () => {
    const ledger = await Ledger.open(source, 'ledger', { seed: 13 })
    const options = { columns: LEDGER_COLUMNS, key: ['account'], pieceBytesMax: 3000, together: 2 }
    const logged = new Logged(postgresqlEnd(source), mysqlEnd(target), 'ledger', options)
    await logged.copy()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 60; i++) await ledger.work()
      if (round === 1) await ledger.sweep(3)
      await logged.followTo(await now())
      const [from, to] = await sums(logged, options)
      expect(to).toEqual(from)
    }
    const parts = logged.pieces.flatMap(({ data }) => data.toString().match(/^U,(5|"[^"]*5[^"]*"),/gm) ?? [])
    expect(parts.length).toBeGreaterThan(0)
    const [row] = await runMysql(target, `SELECT "rows" AS n FROM huitong_position`.replaceAll('"', '`'))
    const [count] = await runMysql(target, 'SELECT count(*) AS n FROM ledger_received')
    expect(row!['n']).toBe(count!['n'])
    await ledger.close()
  }, 60_000)

  it('knows keys of several parts, and what was truncated by a person’s leave', async () => {
    const columns = [
      { name: 'day', type: 'date' },
      { name: 'code', type: 'bytea' },
      { name: 'long', type: 'text' },
    ]
    await run(source, `CREATE TABLE parts (day date, code bytea, long text, PRIMARY KEY (day, code))`)
    await run(source, `ALTER TABLE parts ALTER long SET STORAGE EXTERNAL`)
    await run(
      source,
      `INSERT INTO parts SELECT DATE '2026-01-01' + i, int4send(i), repeat('长', 2000) FROM generate_series(1, 20) i`,
    )
    const options = { columns, key: ['day', 'code'] }
    const logged = new Logged(postgresqlEnd(source), mysqlEnd(target), 'parts', options)
    await logged.copy()
    await run(source, `UPDATE parts SET code = code || '\\x00'::bytea WHERE day < '2026-01-09'`)
    await run(source, `UPDATE parts SET day = day + 100`)
    await logged.followTo(await now())
    const [from, to] = await sums(logged, options)
    expect(to).toEqual(from)
    await run(source, 'TRUNCATE parts')
    const stopped = await logged.followTo(await now()).catch((error: { code: string; detail: string }) => error)
    expect(stopped).toMatchObject({ code: 'log_truncated' })
    logged.approved = [(stopped as { detail: string }).detail]
    await logged.followTo(await now())
    expect(await runMysql(target, 'SELECT count(*) AS n FROM parts_received')).toEqual([{ n: '0' }])
  })

  it('lets an older holder commit nothing', async () => {
    const ledger = await Ledger.open(source, 'fenced', { seed: 2 })
    const logged = new Logged(postgresqlEnd(source), mysqlEnd(target), 'fenced', {
      columns: LEDGER_COLUMNS,
      key: ['account'],
    })
    await logged.copy()
    await ledger.sweep(1)
    await logged.followTo(await now())
    const older = await logged.loader()
    await older.position()
    await ledger.sweep(1)
    await logged.followTo(await now())
    logged.generation++
    logged.sequence = 0
    await older.merge(logged.segment(logged.pieces.at(-1)!))
    await expect(older.commit()).rejects.toMatchObject({ code: 'fenced' })
    await older.close()
    await ledger.close()
  })
})
