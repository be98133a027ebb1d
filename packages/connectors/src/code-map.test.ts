import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { run, settingsOf } from '../../../apps/agent/src/testing/exchange.ts'
import { type CodeMap, mapCode } from './code-map.ts'
import type { Database } from './database.ts'
import { mysql } from './mysql/connector.ts'
import { postgresql } from './postgresql/connector.ts'
import { runMysql, startMariadb, type TestMariadb } from './testing/mariadb.ts'

// One map has the same outcome in PostgreSQL, in MariaDB and field by field.

const pairs = [
  { from: '1', to: '男' },
  { from: '2', to: "女'性" },
  { from: 'a', to: '小写' },
  { from: '', to: '未填' },
  { from: 'b"\\', to: 'b' },
]
const VALUES = ['1', '2', 'a', 'A', 'a ', '', 'b"\\', '9', '１', null]

let source: TestDatabase
let mariadb: TestMariadb
const databases: { kind: string; database: Database; schema: string }[] = []
beforeAll(async () => {
  ;[source, mariadb] = await Promise.all([createDatabase(), startMariadb()])
  const settings = await mariadb.database()
  const rows = VALUES.map((value, i) => `(${i}, ${value === null ? 'NULL' : `'${value}'`})`).join(', ')
  await run(source.url, `CREATE TABLE coded (id int PRIMARY KEY, code varchar(10)); INSERT INTO coded VALUES ${rows}`)
  await runMysql(
    settings,
    `CREATE TABLE coded (id int PRIMARY KEY, code varchar(10)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
     INSERT INTO coded VALUES ${rows.replaceAll('\\', '\\\\')}`,
  )
  databases.push({ kind: 'PostgreSQL', database: postgresql.open(settingsOf(source.url)), schema: 'public' })
  databases.push({ kind: 'MariaDB', database: mysql.open(settings), schema: settings.database })
})
afterAll(() => Promise.all([source?.drop(), mariadb?.stop()]))

/** The mapped columns of all rows as CSV text. */
async function read({ database, schema }: { database: Database; schema: string }, map: CodeMap): Promise<string> {
  const { sql } = database
  const select = [
    { expression: sql.column('id', 'integer', null), as: 'id', type: 'integer' },
    { expression: sql.coded(sql.column('code', 'text', null), map, 'sex'), as: 'sex', type: 'text' },
    { expression: sql.constant('2026-01-31', 'date'), as: 'day', type: 'date' },
    { expression: sql.constant('1.50', 'numeric'), as: 'rate', type: 'numeric' },
    { expression: sql.constant("a'b\\n", 'text'), as: 'note', type: 'text' },
  ]
  const rows = await database.readRows({ table: { schema, name: 'coded' }, select, where: null, key: ['id'] })
  expect(rows.columns).toEqual(select.map(({ as, type }) => ({ name: as, type })))
  let text = ''
  for await (const { data } of rows) text += data.toString()
  return text.split('\n').toSorted().join('\n')
}

describe('codes of one list into codes of another', () => {
  const csv = (value: string | null) =>
    value === null ? '' : value === '' || value.includes('"') ? `"${value.replaceAll('"', '""')}"` : value
  test.each(['keep', 'null'] as const)(
    'the same in every kind of source, whatever the collation: %s',
    async (otherwise) => {
      const map = { pairs, otherwise }
      const one = mapCode(map, 'sex')
      const expected = VALUES.map((value, i) => `${i},${csv(one(value))},2026-01-31,1.50,a'b\\n`)
      expect(one('A')).toBe(otherwise === 'keep' ? 'A' : null)
      for (const place of databases) expect(await read(place, map), place.kind).toBe(['', ...expected].join('\n'))
    },
  )

  test('a code that is not mapped ends the reading with the name of the column, and never with the value', async () => {
    const map = { pairs, otherwise: 'refuse' as const }
    const fault = { code: 'unmapped_code', place: { column: 'sex' }, retryable: false }
    expect(() => mapCode(map, 'sex')('secret')).toThrow(expect.objectContaining(fault))
    for (const place of databases) {
      const error: Error = await read(place, map).then(
        () => expect.fail(place.kind),
        (error: Error) => error,
      )
      expect(error, place.kind).toMatchObject({ ...fault, place: expect.objectContaining(fault.place) })
      expect(`${error.message}${error.stack}`).not.toMatch(/１|'A'/)
    }
    const whole = { ...map, pairs: [...pairs, ...['A', 'a ', '9', '１'].map((from) => ({ from, to: from }))] }
    for (const place of databases) expect(await read(place, whole)).toContain('女')
  })
})
