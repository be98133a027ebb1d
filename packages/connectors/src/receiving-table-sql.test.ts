import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database, TargetTable } from './database.ts'
import { FRONT_KINDS } from './front-table-sql.ts'
import { mysql } from './mysql/connector.ts'
import type { MysqlSettings } from './mysql/settings.ts'
import { postgresql } from './postgresql/connector.ts'
import type { PostgresqlSettings } from './postgresql/settings.ts'
import { receivingTableSql } from './receiving-table-sql.ts'
import { run, startCluster, type TestCluster } from './testing/cluster.ts'
import { runMysql, startMariadb, type TestMariadb } from './testing/mariadb.ts'

let cluster: TestCluster
let db: PostgresqlSettings
let mariadb: TestMariadb
let my: MysqlSettings
beforeAll(async () => {
  ;[cluster, mariadb] = await Promise.all([startCluster(), startMariadb()])
  ;[db, my] = await Promise.all([cluster.database(), mariadb.database()])
})
afterAll(() => Promise.all([cluster?.stop(), mariadb?.stop()]))

const COLUMNS = [
  ['id', 'bigint', false],
  ['姓名 "', 'varchar(30)', false],
  ['amount', 'numeric(18,2)', true],
  ['rate', 'numeric', true],
  ['born', 'date', true],
  ['seen', 'timestamptz(6)', true],
  ['active', 'boolean', true],
  ['doc', 'json', true],
  ['photo', 'bytea', true],
] as const
const tableIn = (schema: string): TargetTable => ({
  schema,
  name: '低保对象',
  comment: "低保对象，含 ' 引号和 \\ 斜线",
  key: ['id'],
  columns: COLUMNS.map(([name, type, nullable]) => ({ name, type, nullable, comment: `${name} 的 '说明'` })),
})

test.each(['postgresql', 'mysql'] as const)(
  '%s: an administrator makes the table, and a node with its own account takes it, loads it and makes it visible',
  async (kind) => {
    const account = 'node_account'
    let database: Database
    const schema = kind === 'mysql' ? my.database : 'receiving'
    const script = receivingTableSql(kind, tableIn(schema), account)
    if (kind === 'mysql') {
      await runMysql(my, `create user ${account} identified by 'n'`)
      await runMysql(my, script)
      database = mysql.open({ ...my, user: account, password: 'n' })
    } else {
      await run(db, `create role ${account} login password 'n'`)
      await run(db, script)
      database = postgresql.open({ ...db, user: account, password: 'n' })
    }
    const table = tableIn(schema)
    expect(await database.ensureTable(table)).toBe('exists')
    const channel = '00000000-0000-4000-8000-000000000001'
    const { fence } = await database.claimChannel(channel, table)
    const loader = await database.openFullCopy({ channel, table, fence })
    const columns = COLUMNS.map(([name, type]) => ({ name, type }))
    const plain = Buffer.from('1,张三,1.50,,2026-01-31,2026-01-31 00:00:00+00,t,{},\n')
    for (const generation of [1, 2])
      await loader.apply({ generation, sequence: 1, final: true, columns, rows: '1', plain })
    await loader.close()
    expect(await database.countRows(table)).toBe('1')
  },
  30_000,
)

test('the others are said to be not verified; every type has a column there, names and words stay such', () => {
  const hostile = `a"]; drop table people; --`
  const table: TargetTable = { ...tableIn('public'), name: hostile, comment: "x'; drop table people; --" }
  for (const kind of FRONT_KINDS) {
    const script = receivingTableSql(kind, table, hostile)
    expect(script.split('\n')[0]!.includes('未经验证（not verified）')).toBe(!['postgresql', 'mysql'].includes(kind))
    // Every quoted thing is closed: without them nothing of what was given is left.
    const bare = script.replaceAll(/N?'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]/g, '')
    expect(bare).not.toContain('drop table')
  }
  expect(receivingTableSql('oracle', tableIn('x'), 'n')).toContain('"amount" number(18,2) null,\n  "rate" number null,')
  expect(receivingTableSql('sqlserver', tableIn('x'), 'n')).toContain('[seen] datetimeoffset(6) null')
  const keyed = { ...tableIn('x'), key: ['doc'] }
  for (const kind of ['oracle', 'sqlserver', 'dameng'] as const)
    expect(() => receivingTableSql(kind, keyed, 'n')).toThrow(/^doc: a key/)
  expect(() => receivingTableSql('mysql', { ...tableIn('x'), name: 'a\nb' }, 'n')).toThrow(RangeError)
})
