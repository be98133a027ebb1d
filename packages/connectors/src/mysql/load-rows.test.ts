import { randomUUID } from 'node:crypto'
import { csvLine } from '@huitong/segment'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database, LoadSegment, TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { runMysql, startMariadb, type TestMariadb } from '../testing/mariadb.ts'
import { mysql } from './connector.ts'
import type { MysqlSettings } from './settings.ts'

let mariadb: TestMariadb
let settings: MysqlSettings
let database: Database
beforeAll(async () => {
  mariadb = await startMariadb()
  settings = await mariadb.database()
  database = mysql.open(settings)
})
afterAll(() => mariadb?.stop())

let tables = 0
function tableOf(columns: Readonly<Record<string, string>>, key: readonly string[] = ['id']): TargetTable {
  const all = Object.entries(columns).map(([name, type]) => ({ name, type, nullable: !key.includes(name) }))
  return { schema: settings.database, name: `t${tables++}`, columns: all, key }
}
const segment = (
  table: TargetTable,
  rows: readonly (readonly (string | null)[])[],
  over: Partial<LoadSegment> = {},
): LoadSegment => ({
  generation: 1,
  sequence: 1,
  final: true,
  columns: table.columns.map(({ name, type }) => ({ name, type })),
  rows: String(rows.length),
  plain: Buffer.from(rows.map(csvLine).join('')),
  ...over,
})
async function open(table: TargetTable, channel: string = randomUUID(), on: Database = database) {
  await on.ensureTable(table)
  const { fence } = await on.claimChannel(channel, table)
  return { channel, fence, copy: await on.openFullCopy({ channel, table, fence, publish: { waitMsMax: 1_000 } }) }
}
async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ConnectorError)
  return error as ConnectorError
}
const rowsIn = (table: TargetTable) => runMysql(settings, `SELECT * FROM ${table.name} ORDER BY 1`)
const besides = async (table: TargetTable) =>
  (await runMysql(settings, String.raw`SHOW TABLES LIKE '\_huitong\_${table.name}\_%'`)).map(
    (row) => Object.values(row)[0],
  )

describe('nothing is changed to fit', () => {
  const refused: [string, string, string, ConnectorError['code']][] = [
    ['a text of one character too many', 'varchar(3)', '中文字多', 'bad_value'],
    ['a number that is none', 'numeric(10,2)', 'NaN', 'bad_value'],
    ['a number with more digits', 'numeric(5,2)', '1000.00', 'bad_value'],
    ['a decimal that would be rounded', 'numeric', `0.${'0'.repeat(30)}1`, 'bad_value'],
    ['an infinite float', 'double', 'Infinity', 'bad_value'],
    ['a day before Christ', 'date', '0044-03-15 BC', 'bad_value'],
    ['a day without end', 'timestamp', 'infinity', 'bad_value'],
    ['an instant in another zone', 'timestamptz', '2024-01-01 00:00:00+08', 'bad_value'],
    ['bytes that are none', 'bytea', String.raw`\x0g`, 'bad_value'],
    ['a truth that is none', 'boolean', 'maybe', 'bad_value'],
    ['an integer over its width', 'smallint', '32768', 'bad_value'],
  ]
  test.each(refused)('%s is refused, and nothing of its segment stays', async (_name, type, value, code) => {
    const table = tableOf({ id: 'bigint', v: type })
    const { copy } = await open(table)
    const error = await failure(copy.apply(segment(table, [['1', null], ['2', value]]))) // oxfmt-ignore
    expect(error.code).toBe(code)
    expect(error.hop).toBe('target')
    expect(`${error.detail}${error.message}`).not.toContain(value)
    expect(await copy.position()).toMatchObject({ sequence: 0, visible: 0 })
    expect(await rowsIn(table)).toEqual([])
    await copy.close()
  })

  test('a key twice, an empty key, a row too few and a row too short are refused by name', async () => {
    const table = tableOf({ id: 'bigint', v: 'text' })
    const { copy } = await open(table)
    const code = async (one: LoadSegment) => (await failure(copy.apply(one))).code
    expect(await code(segment(table, [['1', 'a'], ['1', 'b']]))).toBe('duplicate_key') // oxfmt-ignore
    expect(await code(segment(table, [[null, 'a']]))).toBe('null_value')
    expect(await code(segment(table, [['1', 'a']], { rows: '2' }))).toBe('row_count_mismatch')
    expect(await code(segment(table, [['1']]))).toBe('row_count_mismatch')
    await copy.close()
  })

  test('keys that differ by capitals or by a blank at the end are two', async () => {
    const table = tableOf({ id: 'text', v: 'text' })
    const { copy } = await open(table)
    await copy.apply(segment(table, [['a', '1'], ['A', '2'], ['a ', '3']])) // oxfmt-ignore
    expect(await database.countRows(table)).toBe('3')
    await copy.close()
  })
})

describe('generations', () => {
  test('are seen whole or not at all, resume where they stood, and views, rights and indexes stay', async () => {
    const table = tableOf({ id: 'bigint', v: 'text' })
    const { copy, channel } = await open(table)
    await copy.apply(segment(table, [['1', 'old']]))
    await runMysql(
      settings,
      `CREATE VIEW seen AS SELECT v FROM ${table.name}; CREATE INDEX by_v ON ${table.name} (v(10))`,
    )
    const first = segment(table, [['1', 'new']], { generation: 2, final: false })
    await copy.apply(first)
    expect(await rowsIn(table)).toEqual([{ id: '1', v: 'old' }])
    await copy.close()
    // Another agent takes over and is given the first segment again.
    const next = await open(table, channel)
    expect((await next.copy.apply(first)).outcome).toBe('skipped')
    const last = segment(table, [['2', 'new']], { generation: 2, sequence: 2 })
    expect((await next.copy.apply(last)).position).toMatchObject({ visible: 2, rows: '2' })
    expect((await next.copy.apply(last)).outcome).toBe('skipped')
    expect(await runMysql(settings, 'SELECT v FROM seen ORDER BY v')).toEqual([{ v: 'new' }, { v: 'new' }])
    expect((await runMysql(settings, `SHOW INDEX FROM ${table.name} WHERE Key_name = 'by_v'`)).length).toBe(1)
    expect(await besides(table)).toEqual([])
    expect((await failure(next.copy.apply(segment(table, [], { generation: 1, sequence: 5 })))).code).toBe(
      'stale_generation',
    )
    expect((await failure(next.copy.apply(segment(table, [], { generation: 3, sequence: 2 })))).code).toBe(
      'sequence_gap',
    )
    await next.copy.close()
  })

  test('whoever was taken over can neither fill nor show what he began', async () => {
    const table = tableOf({ id: 'bigint', v: 'text' })
    const old = await open(table)
    await old.copy.apply(segment(table, [['1', 'old']], { final: false }))
    const next = await open(table, old.channel)
    const error = await failure(old.copy.apply(segment(table, [['2', 'old']], { sequence: 2 })))
    expect(error.code).toBe('fenced')
    expect((await next.copy.apply(segment(table, [['3', 'new']], { generation: 2 }))).position.visible).toBe(2)
    expect((await failure(old.copy.apply(segment(table, [['2', 'old']], { generation: 3 })))).code).toBe('fenced')
    expect(await rowsIn(table)).toEqual([{ id: '3', v: 'new' }])
    await Promise.all([old.copy.close(), next.copy.close()])
  })

  test('a server that dies between the new name and the position loses nothing', async () => {
    const table = tableOf({ id: 'bigint', v: 'text' })
    const { copy, channel, fence } = await open(table)
    await copy.apply(segment(table, [['1', 'a']], { final: false }))
    const last = segment(table, [['2', 'b']], { sequence: 2 })
    // A reader keeps the name, so the last segment is loaded and cannot be shown.
    const name = `${settings.database}.${table.name}`
    const reading = runMysql(settings, `SELECT sleep(5) FROM (SELECT count(*) FROM ${name}) AS one`).catch(() => null)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await copy.apply(last).catch(() => undefined)
    await reading
    const beside = `${settings.database}._huitong_${table.name}_g1_${fence}`
    expect((await besides(table)).length).toBe(1)
    // What the rename does, done by hand, as if the kill came right after it.
    await runMysql(settings, `RENAME TABLE ${name} TO ${beside}_old, ${beside} TO ${name}`)
    await mariadb.crash()
    const next = await open(table, channel)
    expect((await next.copy.apply(last)).position).toMatchObject({ visible: 1, rows: '2' })
    expect(await rowsIn(table)).toEqual([{ id: '1', v: 'a' }, { id: '2', v: 'b' }]) // oxfmt-ignore
    await next.copy.close()
  }, 60_000)
})

test('a table that somebody else made is never touched', async () => {
  const table = tableOf({ id: 'bigint' })
  await runMysql(settings, `CREATE TABLE ${table.name} (id bigint)`)
  expect((await failure(database.ensureTable(table))).code).toBe('table_not_ours')
})

test('a repair whose row clashes with another unique key changes no other row', async () => {
  const table = tableOf({ id: 'bigint', code: 'varchar(20)' })
  const { copy, channel, fence } = await open(table)
  await copy.apply(segment(table, [['1', 'a'], ['2', 'b']])) // oxfmt-ignore
  await copy.close()
  await runMysql(settings, `CREATE UNIQUE INDEX one_code ON ${table.name} (code)`)
  const plain = Buffer.from('3,a\n')
  const { createHash } = await import('node:crypto')
  const plainDigest = createHash('sha256').update(plain).digest('hex')
  const repair = { channel, table, fence, upserts: { plain, rows: '1', plainDigest }, deletes: [['2']] }
  expect((await failure(database.applyRepair(repair))).code).toBe('duplicate_key')
  expect(await rowsIn(table)).toEqual([{ id: '1', code: 'a' }, { id: '2', code: 'b' }]) // oxfmt-ignore
})

test('a server that takes no local files is loaded by INSERT, with the same values and refusals', async () => {
  const closed = await startMariadb(['--local-infile=0'])
  try {
    const own = await closed.database()
    const target = mysql.open(own)
    const table = { ...tableOf({ id: 'bigint', t: 'text', b: 'bytea', o: 'boolean' }), schema: own.database }
    const { copy } = await open(table, randomUUID(), target)
    const hostile = [String.raw`\N`, "O'Neil", '\\', 'a"b,c\n\t', '𠮷', '']
    const rows = hostile.map((text, i) => [String(i), text, String.raw`\x00ff27`, 'f'])
    await copy.apply(segment(table, [...rows, ['99', null, null, null]]))
    const found = await runMysql(own, `SELECT t, hex(b) AS b, o FROM ${table.name} ORDER BY id`)
    expect(found.map(({ t }) => t)).toEqual([...hostile, null])
    expect(found[0]).toMatchObject({ b: '00FF27', o: '0' })
    const short = { ...tableOf({ id: 'bigint', v: 'varchar(2)' }), schema: own.database }
    const other = await open(short, randomUUID(), target)
    expect((await failure(other.copy.apply(segment(short, [['1', 'abc']])))).code).toBe('bad_value')
    await Promise.all([copy.close(), other.copy.close()])
  } finally {
    await closed.stop()
  }
})
