import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeRead } from '../connector.ts'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { Followed } from '../testing/follow.ts'
import { readChanges } from './read-changes.ts'
import type { PostgresqlSettings } from './settings.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

const COLUMNS = [
  { name: 'id', type: 'bigint' },
  { name: 'name', type: 'text' },
  { name: 'province', type: 'varchar(2)' },
  { name: 'amount', type: 'numeric' },
]

let tables = 0
async function front(
  rows: string,
  over: { time?: string; where?: string; lagSeconds?: number; operation?: string | null } = {},
): Promise<Followed> {
  const name = `people_${tables++}`
  await run(
    db,
    `CREATE TABLE ${name} (id bigint PRIMARY KEY, name text, province varchar(2), amount numeric, op text,
       updated_at ${over.time ?? 'timestamptz'});
     CREATE INDEX ON ${name} (updated_at);
     INSERT INTO ${name} VALUES ${rows}`,
  )
  const read: Omit<ChangeRead, 'cursor'> = {
    table: { schema: 'public', name },
    select: COLUMNS.map((column) => ({ expression: `"${column.name}"`, as: column.name })),
    where: over.where ?? null,
    convention: { operation: over.operation === undefined ? 'op' : over.operation, updatedAt: 'updated_at' },
    key: ['id'],
    lagSeconds: over.lagSeconds ?? 5,
  }
  return new Followed(db, db, read, COLUMNS)
}
const change = (one: Followed, sql: string) => run(db, sql.replaceAll('$t', one.read.table.name))
const received = async (one: Followed) =>
  (await run(db, `SELECT id, name, amount::text FROM ${one.table.name} ORDER BY id`)).map((row) => Object.values(row))
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  )

describe('a table that keeps the convention', () => {
  it('is copied without tombstones, then followed: inserts, updates, deletes and rows that are so already', async () => {
    const one = await front(
      `(1, 'a', '33', 1, 'I', now()), (2, 'b', '33', 2, 'U', now()), (3, 'gone', '33', 3, 'D', now()), (4, 'd', '33', 4, 'I', now())`,
    )
    expect((await one.copy()).rows).toBe(3n)
    await change(
      one,
      `INSERT INTO $t VALUES (5, 'e', '33', 5, 'I', clock_timestamp());
       UPDATE $t SET name = 'bb', op = 'U', updated_at = clock_timestamp() WHERE id = 2;
       UPDATE $t SET op = 'D', updated_at = clock_timestamp() WHERE id = 4;
       UPDATE $t SET op = 'U', updated_at = clock_timestamp() WHERE id = 1`,
    )
    const { applied, stream } = await one.follow()
    expect(applied.counts).toEqual({ inserted: '1', updated: '1', deleted: '1', unchanged: '1', absent: '1' })
    expect(await received(one)).toEqual([
      ['1', 'a', '1'],
      ['2', 'bb', '2'],
      ['5', 'e', '5'],
    ])
    expect(stream.held).toEqual({ rows: '0', listed: [] })
    // The same window once more: nothing is done twice.
    expect((await one.follow()).applied.counts).toMatchObject({ inserted: '0', updated: '0', deleted: '0' })
  })

  it('of a row that is gone only the key leaves, whatever its other fields held', async () => {
    const one = await front(`(1, 'secret-a', '33', 1, 'I', now()), (2, 'secret-b', '33', 2, 'I', now())`)
    await one.copy()
    await change(one, `UPDATE $t SET op = 'D', updated_at = now()`)
    expect((await one.follow()).text).toBe('D,1,,,\nD,2,,,\n')
    expect(await received(one)).toEqual([])
  })

  it('a row that leaves the filter is deleted without its values, one that comes in is inserted', async () => {
    const one = await front(
      `(1, 'mine', '33', 1, 'I', now()), (2, 'other', '11', 2, 'I', now()), (3, 'null', NULL, 3, 'I', now())`,
      { where: `"province" = '33'` },
    )
    expect((await one.copy()).rows).toBe(1n)
    await change(one, `UPDATE $t SET province = '11', name = 'moved', updated_at = now(), op = 'U' WHERE id = 1`)
    await change(one, `UPDATE $t SET province = '33', updated_at = now(), op = 'U' WHERE id = 2`)
    await change(one, `UPDATE $t SET name = 'still null', updated_at = now(), op = 'U' WHERE id = 3`)
    const { applied, text } = await one.follow()
    expect(text).not.toMatch(/moved|still null/)
    expect(applied.counts).toMatchObject({ inserted: '1', deleted: '1', absent: '1' })
    expect(await received(one)).toEqual([['2', 'other', '2']])
  })

  it('compares by image: 1.0 and 1.00 are not the same value', async () => {
    const one = await front(`(1, 'a', '33', 1.0, 'I', now())`)
    await one.copy()
    await change(one, `UPDATE $t SET amount = 1.00, updated_at = now()`)
    expect((await one.follow()).applied.counts).toMatchObject({ updated: '1' })
    expect(await received(one)).toEqual([['1', 'a', '1.00']])
  })

  it('works without an operation field, and with update times without a zone', async () => {
    await run(db, `ALTER DATABASE ${db.database} SET TimeZone = 'Asia/Shanghai'`)
    const one = await front(`(1, 'a', '33', 1, NULL, localtimestamp)`, { time: 'timestamp', operation: null })
    await one.copy()
    expect(one.cursor!.since).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
    const [local] = await run(db, `SELECT (now() AT TIME ZONE 'Asia/Shanghai')::text AS at`)
    expect(one.cursor!.since.slice(0, 13)).toBe(local!['at']!.replace(' ', 'T').slice(0, 13))
    await change(one, `INSERT INTO $t VALUES (2, 'b', '33', 2, NULL, localtimestamp)`)
    const { applied, text } = await one.follow()
    expect(applied.counts).toMatchObject({ inserted: '1' })
    expect(text).toContain('U,2,b,33,2\n')
  })
})

describe('what polling must not lose', () => {
  it('a commit that comes after the read, however old its update time is', async () => {
    const one = await front(`(1, 'a', '33', 1, 'I', now())`, { lagSeconds: 0 })
    await one.copy()
    const slow = new Client({ ...db, ssl: false })
    await slow.connect()
    try {
      await slow.query(`BEGIN; INSERT INTO ${one.read.table.name} VALUES (2, 'late', '33', 2, 'I', now())`)
      await new Promise((resolve) => setTimeout(resolve, 300))
      await change(one, `INSERT INTO $t VALUES (3, 'quick', '33', 3, 'I', clock_timestamp())`)
      expect((await one.follow()).applied.counts).toMatchObject({ inserted: '1' })
      expect((await one.follow()).applied.counts).toMatchObject({ inserted: '0' })
      await slow.query('COMMIT')
      expect((await one.follow()).applied.counts).toMatchObject({ inserted: '1', unchanged: '1' })
    } finally {
      await slow.end()
    }
  })

  it('a writer that was at work during the first copy', async () => {
    const one = await front(`(1, 'a', '33', 1, 'I', now())`, { lagSeconds: 0 })
    const slow = new Client({ ...db, ssl: false })
    await slow.connect()
    try {
      await slow.query(`BEGIN; INSERT INTO ${one.read.table.name} VALUES (2, 'late', '33', 2, 'I', now())`)
      await new Promise((resolve) => setTimeout(resolve, 300))
      await one.copy()
      await slow.query('COMMIT')
      expect((await one.follow()).applied.counts).toMatchObject({ inserted: '1' })
    } finally {
      await slow.end()
    }
  })

  it('a writer of another database of the server holds nothing back', async () => {
    const one = await front(`(1, 'a', '33', 1, 'I', now())`, { lagSeconds: 0 })
    const slow = new Client({ ...(await cluster.database()), ssl: false })
    await slow.connect()
    try {
      await slow.query('BEGIN; SELECT pg_current_xact_id()')
      await one.copy()
      expect(one.cursor!.writer).toBe('0')
      await change(one, `INSERT INTO $t VALUES (2, 'b', '33', 2, 'I', now())`)
      expect((await one.follow()).applied.counts).toMatchObject({ inserted: '1', unchanged: '0' })
      expect((await one.follow()).applied.counts).toMatchObject({ inserted: '0', unchanged: '0' })
    } finally {
      await slow.end()
    }
  })

  it('rows stamped by a clock that runs ahead, or behind within the lag', async () => {
    const one = await front(`(1, 'a', '33', 1, 'I', now())`, { lagSeconds: 60 })
    await one.copy()
    await change(one, `INSERT INTO $t VALUES (2, 'ahead', '33', 2, 'I', now() + interval '1 hour')`)
    await change(one, `INSERT INTO $t VALUES (3, 'behind', '33', 3, 'I', now() - interval '50 seconds')`)
    expect((await one.follow()).applied.counts).toMatchObject({ inserted: '2' })
    await change(one, `INSERT INTO $t VALUES (4, 'now', '33', 4, 'I', now())`)
    expect((await one.follow()).applied.counts).toMatchObject({ inserted: '1' })
  })

  it('a clock that went back by more than the lag ends it with a name', async () => {
    const one = await front(`(1, 'a', '33', 1, 'I', now())`)
    await one.copy()
    const ahead = '2999-01-01T00:00:00.000000Z'
    one.cursor = { ...one.cursor!, at: ahead }
    expect(await codeOf(one.follow())).toBe('clock_moved')
  })
})

describe('rows that cannot be followed', () => {
  it('are counted and named with the reason: no update time, unknown operation', async () => {
    const one = await front(
      `(1, 'a', '33', 1, 'I', now()), (2, 'x', '33', 2, 'X', now()), (3, 'null op', '33', 3, NULL, now()), (4, 'timeless', '33', 4, 'I', NULL)`,
      { where: `"province" = '33'` },
    )
    const copied = await one.copy()
    expect(copied.rows).toBe(2n)
    expect(copied.held.rows).toBe('2')
    await change(one, `INSERT INTO $t VALUES (5, 'other province', '11', 5, 'Z', now()), (6, 'b', '33', 6, 'u', now())`)
    const { stream, applied } = await one.follow()
    expect(applied.counts).toMatchObject({ inserted: '1' })
    expect(stream.held.rows).toBe('3')
    expect(stream.held.listed.toSorted((a, b) => a.key[0]!.localeCompare(b.key[0]!))).toEqual([
      { key: ['2'], reason: 'operation' },
      { key: ['3'], reason: 'operation' },
      { key: ['4'], reason: 'time' },
    ])
  })

  it('infinite update times are not followed either, and no more than a hundred are named', async () => {
    const one = await front(`(1, 'a', '33', 1, 'I', 'infinity')`)
    await one.copy()
    await change(one, `INSERT INTO $t SELECT n, 'many', '33', n, 'I', NULL FROM generate_series(2, 300) n`)
    const { stream } = await one.follow()
    expect(stream.held.rows).toBe('300')
    expect(stream.held.listed.length).toBe(100)
  })

  it.each([
    ['a field that is gone', { updatedAt: 'changed_at' }, 'schema_changed'],
    ['an update time of another type', { updatedAt: 'name' }, 'bad_cursor'],
    ['an operation that is a number', { operation: 'amount' }, 'bad_cursor'],
  ])('the convention itself is checked: %s', async (_name, wrong, code) => {
    const one = await front(`(1, 'a', '33', 1, 'I', now())`)
    const read = { ...one.read, convention: { ...one.read.convention, ...wrong }, cursor: null }
    expect(await codeOf(readChanges(db, read))).toBe(code)
  })

  it('no key, no changes; and a cursor is not SQL', async () => {
    const one = await front(`(1, 'a', '33', 1, 'I', now())`)
    await one.copy()
    expect(await codeOf(readChanges(db, { ...one.read, key: [], cursor: one.cursor }))).toBe('no_key')
    const cursor = { ...one.cursor!, since: `2026-01-01'; DROP TABLE x; --` }
    expect(await codeOf(readChanges(db, { ...one.read, cursor }))).toBe('bad_cursor')
  })
})
