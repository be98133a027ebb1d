import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cursor, UnmarkedRow } from './connector.ts'
import type { Database, FrontTableRef } from './database.ts'
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
    ['exchanged_at', 'timestamptz', true],
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
    ['exchanged_at', 'timestamptz(6)', true],
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

/** A front table of either engine under test: how statements are run there, and what is read of it. */
interface Engine {
  readonly kind: 'postgresql' | 'mysql'
  readonly database: Database
  readonly schema: string
  exec(sql: string): Promise<Record<string, string | null>[]>
}
const KEYED = { ...PEOPLE, columns: [column('code', { key: true, length: 20 }), column('note', { type: 'memo' })] }

/** One reading of the table; gives the rows that it found unmarked, and how many rows travelled. */
async function readOnce({ database, schema }: Engine, name: string, cursor: Cursor | null, sweep: boolean) {
  const unmarked: UnmarkedRow[] = []
  const field = (one: string) => ({ expression: database.sql.column(one, 'text', null), as: one, type: 'text' })
  const stream = await database.readChanges({
    table: { schema, name },
    select: [field('code'), field('note')],
    where: `note <> '不共享'`,
    convention: { operation: 'op', updatedAt: 'updated_at' },
    key: ['code'],
    cursor,
    lagSeconds: 0,
    mark: {
      columns: { mark: 'exchanged_at', batch: 'batch_no', key: ['code'] },
      sweep,
      onUnmarked: (rows) => Promise.resolve(void unmarked.push(...rows)),
    },
  })
  let text = ''
  for await (const { data } of stream) text += Buffer.from(data).toString()
  return { unmarked, codes: unmarked.map(([code]) => code).sort(), cursor: stream.cursor, text }
}
const refOf = ({ schema }: Engine, name: string): FrontTableRef => ({
  table: { schema, name },
  convention: { operation: 'op', updatedAt: 'updated_at' },
  columns: { mark: 'exchanged_at', batch: 'batch_no', key: ['code'] },
})

test.each(['postgresql', 'mysql'] as const)(
  '%s: only rows that still are as they were read are marked, marked tombstones alone are cleaned, and both say what keeps them from it',
  async (kind) => {
    const engine: Engine =
      kind === 'postgresql'
        ? { kind, database: postgresql.open(db), schema: 'public', exec: (sql) => run(db, sql) }
        : { kind, database: mysql.open(my), schema: my.database, exec: (sql) => runMysql(my, sql) }
    const front = engine.database.front!
    const exec = (sql: string) => engine.exec(sql)
    await exec(frontTableSql(kind, { ...KEYED, name: 'queue' }))
    await exec(
      `insert into queue (code, note) values ('a', 'x'), ('b', 'x'), ('c', 'x'), ('d', 'x'), ('e', '不共享'), ('f', 'x')`,
    )
    await exec(`update queue set op = 'D' where code = 'd'`)
    const ref = refOf(engine, 'queue')
    const copy = await readOnce(engine, 'queue', null, true)
    // A tombstone and a row that the grant keeps back are done with as well: nothing of them needs to travel.
    expect(copy.codes).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    // Between reading and marking the department changes one row, removes one, and pushes another batch.
    await exec(`update queue set note = 'y' where code = 'b'`)
    await exec(`update queue set op = 'D' where code = 'c'`)
    await exec(`update queue set batch_no = 2 where code = 'f'`)
    const before = await exec('select code, op, updated_at from queue order by code')
    expect(await front.mark(ref, [copy.unmarked])).toBe(3n)
    const marked = await exec('select code from queue where exchanged_at is not null order by code')
    expect(marked.map(({ code }) => code)).toEqual(['a', 'd', 'e'])
    // Marking is no change: neither the time nor the operation moves, and marking twice marks nothing.
    expect(await exec('select code, op, updated_at from queue order by code')).toEqual(before)
    expect(await front.mark(ref, [copy.unmarked])).toBe(0n)
    expect(await front.count(ref)).toMatchObject({ marked: '3', unmarked: '3', oldest: expect.stringMatching(/Z$/) })
    // What is not marked comes again with the next reading, and a change of a marked row empties its mark.
    await exec(`update queue set note = 'z' where code = 'a'`)
    const next = await readOnce(engine, 'queue', copy.cursor, true)
    expect(next.codes).toEqual(['a', 'b', 'c', 'f'])
    expect(await front.mark(ref, [next.unmarked])).toBe(4n)
    expect(await front.count(ref)).toEqual({ marked: '6', unmarked: '0', oldest: null })

    const later = '2099-01-01T00:00:00.000000Z'
    const limits = { afterDays: 2, before: later, batchRows: 1, rowsMax: 10 }
    expect(await front.clean(ref, limits)).toBe(0n)
    const past = kind === 'mysql' ? `now() - interval 3 day` : `now() - interval '3 days'`
    await exec(`update queue set exchanged_at = ${past}`)
    expect(await front.clean(ref, { ...limits, before: '2020-01-01T00:00:00.000000Z' })).toBe(0n)
    expect(await front.clean(ref, { ...limits, rowsMax: 1 })).toBe(1n)
    expect(await front.clean(ref, limits)).toBe(1n)
    expect((await exec('select code from queue order by code')).map(({ code }) => code)).toEqual(['a', 'b', 'e', 'f'])

    await exec(`create table own (code varchar(20) primary key, note varchar(20), op char(1), updated_at timestamp(6) ${kind === 'mysql' ? 'null' : ''},
      batch_no bigint, exchanged_at ${kind === 'mysql' ? 'timestamp(6) null' : 'timestamptz'})`)
    await exec(
      `insert into own values ('p', 'x', 'I', '2026-05-01 10:00:00.123456', null, null), ('q', 'x', 'I', '2026-05-01 10:00:00', 7, null)`,
    )
    const own = await readOnce(engine, 'own', null, true)
    // Its department's own clock: an older time than the one that was read.
    await exec(`update own set note = 'y', updated_at = '2025-01-01 00:00:00' where code = 'q'`)
    expect(await front.mark(refOf(engine, 'own'), [own.unmarked])).toBe(1n)
    const swept = await readOnce(engine, 'own', own.cursor, true)
    expect([swept.codes, swept.text]).toEqual([['q'], 'I,q,y\n'])
    expect((await readOnce(engine, 'own', own.cursor, false)).text).toBe('')

    // A trigger that takes the mark for a change would send every row again, for ever: nothing is marked.
    await exec(
      kind === 'mysql'
        ? 'create trigger own_touch before update on own for each row set new.updated_at = sysdate(6)'
        : `create function own_touch() returns trigger language plpgsql as 'begin new.updated_at := clock_timestamp(); return new; end';
           create trigger own_touch before update on own for each row execute function own_touch()`,
    )
    await expect(front.mark(refOf(engine, 'own'), [swept.unmarked])).rejects.toMatchObject({
      code: 'mark_touches',
      place: { table: 'own', column: 'updated_at' },
    })
    expect((await front.count(refOf(engine, 'own'))).unmarked).toBe('1')
    await exec('alter table own drop column exchanged_at')
    await expect(front.mark(refOf(engine, 'own'), [])).rejects.toMatchObject({
      code: 'schema_changed',
      place: { table: 'own', column: 'exchanged_at' },
    })

    await exec(
      kind === 'mysql'
        ? `create user if not exists reader_only identified by 'r'; grant select on ${my.database}.queue to reader_only`
        : `create role reader_only login password 'r'; grant select on queue to reader_only`,
    )
    const reader = { user: 'reader_only', password: 'r' }
    const limited = (kind === 'mysql' ? mysql.open({ ...my, ...reader }) : postgresql.open({ ...db, ...reader })).front!
    for (const [act, right] of [
      [() => limited.mark(ref, []), /^GRANT UPDATE \(exchanged_at\) ON /],
      [() => limited.clean(ref, limits), /^GRANT DELETE ON /],
    ] as const) {
      await expect(act()).rejects.toMatchObject({
        code: 'permission_denied',
        place: { table: 'queue', setting: expect.stringMatching(right) },
      })
    }
  },
)
