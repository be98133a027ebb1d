import { afterAll, beforeAll, expect, test } from 'vitest'
import { FRONT_KINDS, frontTableSql } from './front-table-sql.ts'
import type { FrontColumn, FrontTable } from './front-table.ts'
import { postgresql } from './postgresql/connector.ts'
import type { PostgresqlSettings } from './postgresql/settings.ts'
import { run, startCluster, type TestCluster } from './testing/cluster.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

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
})
