import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cursor } from './connector.ts'
import { FRONT_KINDS, frontTableSql } from './front-table-sql.ts'
import type { FrontColumn, FrontTable } from './front-table.ts'
import { mysql } from './mysql/connector.ts'
import type { MysqlSettings } from './mysql/settings.ts'
import { postgresql } from './postgresql/connector.ts'
import type { PostgresqlSettings } from './postgresql/settings.ts'
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

const column = (name: string, over: Partial<FrontColumn> = {}): FrontColumn => ({
  name,
  type: 'text',
  length: null,
  nullable: true,
  key: false,
  comment: `${name} 的说明`,
  ...over,
})
const PEOPLE: FrontTable = {
  name: 'people',
  comment: "低保对象，含 ' 引号",
  columns: [
    column('id', { type: 'integer', key: true }),
    column('name', { length: 30, nullable: false }),
    column('amount', { type: 'money' }),
    column('rate', { type: 'decimal' }),
    column('born', { type: 'date' }),
    column('seen', { type: 'datetime' }),
    column('active', { type: 'boolean' }),
    column('note', { type: 'memo' }),
    column('photo', { type: 'binary' }),
  ],
}

test('postgresql: the script runs as it is, and discovery finds items, key, technical columns and words', async () => {
  await run(db, frontTableSql('postgresql', PEOPLE))
  const { tables } = await postgresql.discover(db, { tablesMax: 10, columnsMax: 100 })
  const [table] = tables.filter(({ name }) => name === 'people')
  expect(table).toMatchObject({ primaryKey: ['id'], comment: PEOPLE.comment })
  expect(table!.columns.map(({ name, canonicalType, nullable }) => [name, canonicalType, nullable])).toEqual([
    ['id', 'bigint', false],
    ['name', 'varchar(30)', false],
    ['amount', 'numeric(18,2)', true],
    ['rate', 'numeric', true],
    ['born', 'date', true],
    ['seen', 'timestamp', true],
    ['active', 'boolean', true],
    ['note', 'text', true],
    ['photo', 'bytea', true],
    ['op', 'char(1)', false],
    ['updated_at', 'timestamptz', false],
    ['batch_no', 'bigint', false],
  ])
  expect(table!.columns[1]!.comment).toBe('name 的说明')
})

test('postgresql: the database itself says when and what; a pusher’s own clock and a forgotten mark do not count', async () => {
  await run(db, frontTableSql('postgresql', { ...PEOPLE, name: 'pushed' }))
  const future = "timestamptz '2099-01-01'"
  await run(
    db,
    `insert into pushed (id, name, updated_at) values (1, 'a', ${future}), (2, 'b', ${future}), (3, 'c', ${future})`,
  )
  await run(
    db,
    `update pushed set name = 'aa' where id = 1; update pushed set op = 'D', updated_at = ${future} where id = 2`,
  )
  const rows = await run(
    db,
    "select id, op, updated_at between now() - interval '1 minute' and now() as fresh from pushed order by id",
  )
  expect(rows).toEqual([
    { id: '1', op: 'U', fresh: true },
    { id: '2', op: 'D', fresh: true },
    { id: '3', op: 'I', fresh: true },
  ])
  await expect(run(db, "update pushed set op = 'X' where id = 1")).rejects.toThrow('check constraint')
})

test('mysql: the script runs as it is, and discovery finds items, key, technical columns and words', async () => {
  await runMysql(my, frontTableSql('mysql', PEOPLE))
  const { tables } = await mysql.discover(my, { tablesMax: 10, columnsMax: 100 })
  const [table] = tables.filter(({ name }) => name === 'people')
  expect(table).toMatchObject({ primaryKey: ['id'], comment: PEOPLE.comment })
  expect(table!.columns.map(({ name, canonicalType, nullable }) => [name, canonicalType, nullable])).toEqual([
    ['id', 'bigint', false],
    ['name', 'varchar(30)', false],
    ['amount', 'numeric(18,2)', true],
    ['rate', 'numeric(65,30)', true],
    ['born', 'date', true],
    ['seen', 'timestamp(6)', true],
    ['active', 'boolean', true],
    ['note', 'text', true],
    ['photo', 'bytea', true],
    ['op', 'char(1)', false],
    ['updated_at', 'timestamptz(6)', false],
    ['batch_no', 'bigint', false],
  ])
  expect(table!.columns[1]!.comment).toBe('name 的说明')
})

test('mysql: the database itself says when and what; keys are told apart by capitals; what is pushed is read by cursor', async () => {
  await runMysql(
    my,
    frontTableSql('mysql', {
      ...PEOPLE,
      name: 'pushed',
      columns: [column('code', { key: true }), column('active', { type: 'boolean' })],
    }),
  )
  const future = "'2037-01-01 00:00:00'"
  const values = ['a', 'A', 'b'].map((code) => `('${code}', true, ${future})`).join(', ')
  await runMysql(my, `INSERT INTO pushed (code, active, updated_at) VALUES ${values}`)
  const table = { schema: my.database, name: 'pushed' }
  const database = mysql.open(my)
  const read = async (cursor: Cursor | null) => {
    const stream = await database.readChanges({
      table,
      select: [
        { expression: database.sql.column('code', 'text', null), as: 'code', type: 'text' },
        { expression: database.sql.column('active', 'boolean', null), as: 'active', type: 'boolean' },
      ],
      where: null,
      convention: { operation: 'op', updatedAt: 'updated_at' },
      key: ['code'],
      cursor,
      lagSeconds: 0,
    })
    let text = ''
    for await (const { data } of stream) text += Buffer.from(data).toString()
    return { rows: text.split('\n').filter(Boolean).sort(), cursor: stream.cursor }
  }
  const first = await read(null)
  expect(first.rows).toEqual(['A,t', 'a,t', 'b,t'])
  await runMysql(
    my,
    `UPDATE pushed SET active = false WHERE code = 'a'; UPDATE pushed SET op = 'D', updated_at = ${future} WHERE code = 'A'`,
  )
  expect((await read(first.cursor)).rows).toEqual(expect.arrayContaining(['D,A,', 'U,a,f']))
  const rows = await runMysql(
    my,
    'SELECT code, op, abs(timestampdiff(SECOND, updated_at, now())) < 60 AS fresh FROM pushed ORDER BY code',
  )
  expect(rows).toEqual([
    { code: 'A', op: 'D', fresh: '1' },
    { code: 'a', op: 'U', fresh: '1' },
    { code: 'b', op: 'I', fresh: '1' },
  ])
  await expect(runMysql(my, "UPDATE pushed SET op = 'X' WHERE code = 'a'")).rejects.toThrow(/constraint/i)
})

test('mysql: texts that a row cannot hold go beside it, and a key that cannot be one is refused before anything is run', async () => {
  const many = Array.from({ length: 40 }, (_, i) => column(`c${i}`, { length: 700 }))
  await runMysql(
    my,
    frontTableSql('mysql', {
      ...PEOPLE,
      name: 'wide',
      columns: [column('id', { type: 'integer', key: true }), ...many],
    }),
  )
  const keys = Array.from({ length: 4 }, (_, i) => column(`k${i}`, { length: 500, key: true }))
  expect(() => frontTableSql('mysql', { ...PEOPLE, columns: keys })).toThrow(RangeError)
})

test('names and words of any kind stay names and words; control characters are refused', async () => {
  const hostile: FrontTable = {
    name: 'a"; drop table people; --',
    comment: "x'; drop table people; --\n$touch$",
    columns: [column('编号 "1"', { key: true, length: 0 }), column('select', { comment: '\n-- 换行' })],
  }
  for (const kind of FRONT_KINDS) expect(() => frontTableSql(kind, { ...hostile, name: 'a\nb' })).toThrow(RangeError)
  await run(db, frontTableSql('postgresql', hostile))
  const { tables } = await postgresql.discover(db, { tablesMax: 10, columnsMax: 100 })
  const table = tables.find(({ name }) => name === hostile.name)
  expect(table).toMatchObject({ comment: hostile.comment, primaryKey: ['编号 "1"'] })
  expect(tables.some(({ name }) => name === 'people')).toBe(true)
  const inMysql: FrontTable = { ...hostile, name: 'a`"; drop table people; --', comment: `\\'; drop table people; \\` }
  await runMysql(my, frontTableSql('mysql', inMysql))
  const found = await mysql.discover(my, { tablesMax: 10, columnsMax: 100 })
  expect(found.tables.find(({ name }) => name === inMysql.name)).toMatchObject({
    comment: inMysql.comment,
    primaryKey: ['编号 "1"'],
  })
  expect(found.tables.some(({ name }) => name === 'people')).toBe(true)
})

test('oracle, sqlserver, dameng and kingbase are said to be not verified; names and words stay such there too', async () => {
  const hostile: FrontTable = {
    name: `a"]; drop table people; --`,
    comment: "x'; drop table people; --",
    columns: [column('编号 "]', { key: true, length: 20 }), column('说明', { comment: "y' --" })],
  }
  for (const kind of ['oracle', 'sqlserver', 'dameng', 'kingbase'] as const) {
    const script = frontTableSql(kind, hostile)
    expect(script.split('\n')[0]).toContain('未经验证（not verified）')
    expect(script).toContain(kind === 'sqlserver' ? '[a"]]; drop table people; --]' : '"a""]; drop table people; --"')
    expect(script).toContain(`${kind === 'sqlserver' ? 'N' : ''}'x''; drop table people; --'`)
    // Every quoted thing is closed: without them nothing of what was given is left.
    const bare = script.replaceAll(/N?'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]/g, '')
    expect(bare).not.toContain('drop table')
  }
  // KingbaseES speaks the protocol and the words of PostgreSQL: there at least the script runs.
  await run(db, frontTableSql('kingbase', { ...PEOPLE, name: 'in_kingbase' }))
})

test('every type of the catalogue has a column there, and keys that these databases cannot have are refused', () => {
  expect(frontTableSql('oracle', PEOPLE)).toContain('"amount" number(18,2),\n  "rate" number,\n  "born" date,')
  expect(frontTableSql('oracle', PEOPLE)).toContain('"active" number(1) check ("active" in (0, 1))')
  expect(frontTableSql('sqlserver', PEOPLE)).toContain('[name] nvarchar(30) collate Latin1_General_100_BIN2 not null')
  const keyed = (...keys: Partial<FrontColumn>[]) => ({
    ...PEOPLE,
    columns: keys.map((key, i) => column(`k${i}`, { key: true, ...key })),
  })
  for (const kind of ['oracle', 'dameng'] as const) {
    expect(() => frontTableSql(kind, keyed({ length: 1_001 }))).toThrow(RangeError)
    expect(() => frontTableSql(kind, keyed({ type: 'binary' }))).toThrow(RangeError)
  }
  expect(() => frontTableSql('sqlserver', keyed({ length: 400 }, { length: 51 }))).toThrow(RangeError)
  expect(() => frontTableSql('sqlserver', keyed({ type: 'memo' }))).toThrow(RangeError)
  expect(() => frontTableSql('sqlserver', { ...PEOPLE, columns: [column('a')] })).toThrow(RangeError)
  expect(frontTableSql('sqlserver', keyed({ length: 400 }, { length: 50 }))).toContain('primary key ([k0], [k1])')
})
