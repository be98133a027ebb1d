import { BucketSums, type Column, postgresType } from '@huitong/segment'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database.ts'
import { postgresql } from '../postgresql/connector.ts'
import type { PostgresqlSettings } from '../postgresql/settings.ts'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { runMysql, startMariadb, type TestMariadb } from '../testing/mariadb.ts'
import {
  NATIVE,
  nativeLiteral,
  pad,
  someDay,
  someDecimal,
  someDouble,
  someFraction,
  someInteger,
  someMoment,
  someText,
  someTime,
} from '../testing/native-types.ts'
import { csvOf, fieldsOf, sumsOf, transfer } from '../testing/transfer.ts'
import { mysql } from './connector.ts'
import type { MysqlSettings } from './settings.ts'

let cluster: TestCluster
let mariadb: TestMariadb
let pgSettings: PostgresqlSettings
let mySettings: MysqlSettings
let pg: Database
let my: Database
beforeAll(async () => {
  ;[cluster, mariadb] = await Promise.all([startCluster(), startMariadb()])
  pgSettings = await cluster.database()
  mySettings = await mariadb.database()
  pg = postgresql.open(pgSettings)
  my = mysql.open(mySettings)
})
afterAll(async () => {
  await mariadb?.stop()
  await cluster?.stop()
})

const secret = Buffer.from('ff00d1f067b06fc4fa7e2e27'.padEnd(64, '5c'), 'hex')
const KEY = ['id']
const quoted = (text: string | null) => (text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`)

/** Canonical types, and values that both kinds of databases hold, as PostgreSQL reads them. */
const SHARED: Readonly<Record<string, fc.Arbitrary<string>>> = {
  boolean: fc.constantFrom('t', 'f'),
  smallint: someInteger(16),
  integer: someInteger(32),
  bigint: someInteger(64),
  'numeric(38,18)': someDecimal(38, 18),
  'numeric(20,0)': someDecimal(20, 0),
  numeric: someDecimal(60, 25),
  double: someDouble.map(String),
  real: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  text: someText,
  'varchar(40)': someText,
  'char(40)': someText.filter((text) => [...text].length <= 40),
  date: someDay,
  'time(6)': fc.tuple(someTime, someFraction).map((parts) => parts.join('')),
  timestamp: someMoment,
  'timestamp(3)': fc.tuple(someDay, someTime).map(([day, time]) => `${day} ${time}.120`),
  timestamptz: someMoment.map((text) => `${text}+00`),
  'interval(6)': fc
    .tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 838 }), fc.integer({ min: 0, max: 59 }), someFraction)
    .map(([sign, hours, minutes, rest]) => `${sign}${pad(hours, 2)}:${pad(minutes, 2)}:58${rest}`),
  interval: fc.constantFrom('1 year 2 mons -3 days +04:05:06.7', '-00:00:01', '00:00:00', '178000000 years'),
  timetz: fc.tuple(someTime, fc.constantFrom('+00', '+08', '-03:30')).map((parts) => parts.join('')),
  uuid: fc.uuid(),
  bytea: fc.uint8Array({ maxLength: 40 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  json: fc.json().filter((text) => !text.includes('\\u0000')),
  jsonb: fc.json().filter((text) => !/\\u0000|\\ud[89a-f]|e[+-]?\d{2}/i.test(text)),
}
const COLUMNS: Column[] = [
  { name: 'id', type: 'bigint' },
  ...Object.keys(SHARED).map((type, i) => ({ name: `字段"${i}`, type })),
]
const sharedRow = fc.tuple(...Object.values(SHARED).map((one) => fc.option(one, { freq: 6 })))

/** Canonical texts of CSV rows, in order of the key. */
const canonicalRows = (csv: Buffer, columns: readonly Column[]) =>
  fieldsOf(csv, columns).sort((a, b) => Number(a[0]) - Number(b[0]))

let copies = 0
const fresh = (name: string) => `${name}_${copies++}`

describe('values of every type that both hold', () => {
  test('travel PostgreSQL → MariaDB → PostgreSQL with equal canonical text, and all three have equal digests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sharedRow, { minLength: 1, maxLength: 150 }), async (rows) => {
        const from = { schema: 'public', name: fresh('origin') }
        const definitions = COLUMNS.map(({ name, type }) => `"${name.replaceAll('"', '""')}" ${postgresType(type)}`)
        const values = rows.map((row, i) => `(${[String(i), ...row.map(quoted)].join(', ')})`)
        await run(pgSettings, `CREATE TABLE ${from.name} (${definitions.join(', ')}, PRIMARY KEY (id))`)
        await run(pgSettings, `INSERT INTO ${from.name} VALUES ${values.join(', ')}`)
        const over = { schema: mySettings.database, name: fresh('over') }
        const back = { schema: 'public', name: fresh('back') }
        const sent = await transfer(pg, from, my, over, COLUMNS, KEY)
        const returned = await transfer(my, over, pg, back, COLUMNS, KEY)
        expect(canonicalRows(returned, COLUMNS)).toEqual(canonicalRows(sent, COLUMNS))
        const [first, second, third] = await Promise.all([
          sumsOf(pg, from, COLUMNS, KEY, secret),
          sumsOf(my, over, COLUMNS, KEY, secret),
          sumsOf(pg, back, COLUMNS, KEY, secret),
        ])
        expect(second).toEqual(first)
        expect(third).toEqual(first)
        // The third writing of the same rule: in TypeScript, over the text that travelled.
        const local = new BucketSums({ columns: COLUMNS, key: KEY, buckets: 16 }, secret)
        local.push(returned)
        expect(local.result()).toEqual(first)
      }),
      { numRuns: 8 },
    )
  }, 120_000)
})

describe('values of MariaDB’s own types', () => {
  test('travel MariaDB → PostgreSQL and MariaDB → MariaDB with equal canonical text and equal digests', async () => {
    const table = { schema: mySettings.database, name: 'native' }
    const names = Object.keys(NATIVE)
    const definitions = names.map((type, i) => `c${i} ${type} NULL`).join(', ')
    await runMysql(mySettings, `CREATE TABLE native (id bigint PRIMARY KEY, ${definitions}) CHARACTER SET utf8mb4`)
    const found = await my.describe(table)
    const columns = found!.columns.map(({ name, canonicalType }) => ({ name, type: canonicalType }))
    const row = fc.tuple(...Object.values(NATIVE).map((one) => fc.option(one, { freq: 6 })))
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 150 }), async (rows) => {
        const value = (text: string | null, i: number) => nativeLiteral(names[i]!, text)
        const values = rows.map((one, i) => `(${[String(i), ...one.map(value)].join(', ')})`)
        await runMysql(
          mySettings,
          `SET time_zone = '+00:00'; TRUNCATE native; INSERT INTO native VALUES ${values.join(', ')}`,
        )
        const there = { schema: 'public', name: fresh('there') }
        const twin = { schema: mySettings.database, name: fresh('twin') }
        const sent = await transfer(my, table, pg, there, columns, KEY)
        await transfer(my, table, my, twin, columns, KEY)
        const expected = canonicalRows(sent, columns)
        expect(canonicalRows((await csvOf(pg, there, columns)).csv, columns)).toEqual(expected)
        expect(canonicalRows((await csvOf(my, twin, columns)).csv, columns)).toEqual(expected)
        const [first, second, third] = await Promise.all([
          sumsOf(my, table, columns, KEY, secret),
          sumsOf(pg, there, columns, KEY, secret),
          sumsOf(my, twin, columns, KEY, secret),
        ])
        expect(second).toEqual(first)
        expect(third).toEqual(first)
      }),
      { numRuns: 8 },
    )
  }, 120_000)
})

test('a zero date ends reading with its field, or travels as empty where the settings say so', async () => {
  const { database } = mySettings
  await runMysql(
    mySettings,
    `SET sql_mode = ''; CREATE TABLE zero (id bigint PRIMARY KEY, d date, l datetime);
     INSERT INTO zero VALUES (1, '2024-02-29', '2024-02-29 08:00:00'), (2, '0000-00-00', '0000-00-00 00:00:00'), (3, '2024-02-00', NULL)`,
  )
  const columns = [
    { name: 'id', type: 'bigint' },
    { name: 'd', type: 'date' },
    { name: 'l', type: 'timestamp(0)' },
  ]
  const table = { schema: database, name: 'zero' }
  await expect(csvOf(my, table, columns)).rejects.toMatchObject({ code: 'bad_value', place: { column: 'd' } })
  const lenient = mysql.open({ ...mySettings, zeroDates: 'null' })
  const { csv } = await csvOf(lenient, table, columns)
  expect(csv.toString()).toBe('1,2024-02-29,2024-02-29 08:00:00\n2,,\n3,,\n')
  const there = { schema: 'public', name: fresh('zero') }
  await transfer(lenient, table, pg, there, columns, KEY)
  expect(await sumsOf(pg, there, columns, KEY, secret)).toEqual(await sumsOf(lenient, table, columns, KEY, secret))
})
