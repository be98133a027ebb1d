import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FieldRead } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { readAll } from '../testing/read.ts'
import { sqlite } from './connector.ts'

let root: string
let made = 0
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'huitong-test-sqlite-'))
})
afterAll(() => rmSync(root, { recursive: true }))

function database(sql: string): { path: string; db: DatabaseSync } {
  const path = join(root, `${++made}.db`)
  const db = new DatabaseSync(path)
  db.exec(sql)
  return { path, db }
}
const read = (path: string, name: string, fields: string[], over: Partial<FieldRead> = {}, chunkBytes?: number) =>
  readAll(
    sqlite,
    { path },
    { table: { schema: '', name }, fields: fields.map((field) => ({ field, as: field })), ...over },
    chunkBytes === undefined ? {} : { chunkBytes },
  )
const discover = (path: string) => sqlite.discover({ path }, { tablesMax: 100, columnsMax: 1000 })
async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`)
  return error
}
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`huitong-sqlite-${process.pid}-`))

describe('types', () => {
  it('go by the declaration; days and times are such only where every value is one', async () => {
    const { path } = database(`
      CREATE TABLE t (id INTEGER PRIMARY KEY, code VARCHAR(20) NOT NULL, n BIGINT, r DOUBLE, b BLOB, ok BOOLEAN, m DECIMAL(10,2),
        d DATE, dt DATETIME, tm TIME, millis DATE, never TIMESTAMP, bare, twice BIGINT AS (n * 2));
      INSERT INTO t VALUES (1, '007', 1, 1.5, x'00ff', 1, 12.5, '2024-02-29', '2024-01-01T08:00:00.25', '08:00:00', 1700000000000, '2024-02-30 00:00:00', 'x');
      INSERT INTO t (id, code) VALUES (2, '');
      CREATE VIEW v AS SELECT id, code FROM t;
      CREATE VIRTUAL TABLE f USING fts5(x);`)
    const { tables } = await discover(path)
    expect(tables.map(({ name, kind, rowEstimate, problem }) => [name, kind, rowEstimate, problem])).toEqual([
      ['t', 'table', '2', null],
      ['v', 'view', '2', null],
    ])
    const [t] = tables
    expect(t!.primaryKey).toEqual(['id'])
    expect(t!.columns.filter((one) => !one.nullable).map((one) => one.name)).toEqual(['id', 'code'])
    expect(Object.fromEntries(t!.columns.map((one) => [one.name, one.canonicalType]))).toEqual({
      id: 'bigint',
      code: 'text',
      n: 'bigint',
      r: 'double',
      b: 'bytea',
      ok: 'boolean',
      m: 'numeric',
      d: 'date',
      dt: 'timestamp',
      tm: 'time',
      millis: 'text',
      never: 'text',
      bare: 'text',
      twice: 'bigint',
    })
    expect((await read(path, 't', ['b', 'ok', 'm', 'd', 'dt', 'tm', 'millis', 'twice'])).text).toBe(
      '\\x00ff,true,12.5,2024-02-29,2024-01-01 08:00:00.25,08:00:00,1700000000000,2\n,,,,,,,\n',
    )
  })
})

describe('values', () => {
  it('of 64 bits, doubles and long decimals are read to their last digit', async () => {
    const { path } = database(`CREATE TABLE t (n INTEGER, r REAL, m "NUMERIC TEXT", d DECIMAL);
      INSERT INTO t VALUES (9223372036854775807, 9e999, '123456789012345678901234567890123456.000000000000000000000000000000001', 1e-7),
        (-9223372036854775808, -9e999, '-0.10', 1e22), (9007199254740993, 0.1, '0', -12.5), (0, 5e-324, NULL, 9007199254740993)`)
    expect((await read(path, 't', ['n', 'r', 'm', 'd'])).text).toBe(
      '9223372036854775807,Infinity,123456789012345678901234567890123456.000000000000000000000000000000001,0.0000001\n' +
        '-9223372036854775808,-Infinity,-0.10,10000000000000000000000\n9007199254740993,0.1,0,-12.5\n0,5e-324,,9007199254740993\n',
    )
  })

  it('that are none of their column’s type are named by column and key, or listed, never changed', async () => {
    const { path } = database(`CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER, r REAL, b BLOB, x TEXT);
      INSERT INTO t VALUES ('a', 1, 1, x'00', 'x'), ('b', 'many', 1, x'00', 'x'), ('c', 1.5, 1, x'00', 'x'),
        ('d', 1, 'much', x'00', 'x'), ('e', 1, 1, 'no bytes', 'x'), ('f', 1, 1, x'00', CAST(x'b5b1' AS TEXT)), ('g', 1, 1, x'00', x'00'),
        ('h', 1, 1, x'00', 'a' || char(0) || 'b')`)
    const first = await failure(read(path, 't', ['k', 'n']))
    expect(first).toMatchObject({ code: 'bad_value', place: { table: 't', column: 'n', key: ['b'] } })
    expect(first.detail).not.toContain('many')
    const listed: unknown[] = []
    const onBadRecord = ({ place }: ConnectorError) => listed.push([place.key?.[0], place.column])
    expect((await read(path, 't', ['k', 'n', 'r', 'b', 'x'], { onBadRecord })).text).toBe('a,1,1,\\x00,x\n')
    expect(listed).toEqual([
      ['b', 'n'],
      ['c', 'n'],
      ['d', 'r'],
      ['e', 'b'],
      ['f', 'x'],
      ['g', 'x'],
      ['h', undefined],
    ])
    // What is not asked for keeps nobody from reading the rest.
    expect((await read(path, 't', ['k', 'r'], { onBadRecord: () => undefined })).rows).toBe(7n)
  })

  it('are read alike from a database that keeps its texts in UTF-16', async () => {
    const { path } = database(
      `PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (名称 TEXT); INSERT INTO t VALUES ('𠮷野'), ('')`,
    )
    expect((await read(path, 't', ['名称'])).text).toBe('𠮷野\n""\n')
  })

  it('larger than a row may be are refused before they are held', async () => {
    const { path } = database(`CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(200000000))`)
    expect(await failure(read(path, 't', ['b']))).toMatchObject({ code: 'bad_value', place: { column: 'b', line: 1 } })
  })
})

describe('a writer', () => {
  for (const mode of ['wal', 'delete']) {
    it(`is not kept out, and the reading sees one moment (journal: ${mode})`, async () => {
      const { path, db } = database(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (n INTEGER);
        WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 50000) INSERT INTO t SELECT n FROM s`)
      const table = { schema: '', name: 't' }
      const stream = await sqlite.readRows({ path }, { table, fields: [{ field: 'n', as: 'n' }] }, { chunkBytes: 1024 })
      const parts: string[] = []
      for await (const { data } of stream) {
        parts.push(Buffer.from(data).toString())
        // Fails at once if the reader holds a lock.
        if (parts.length % 50 === 1) db.exec('UPDATE t SET n = n + 1000000; INSERT INTO t VALUES (-1)')
      }
      const rows = parts.join('').trimEnd().split('\n').map(Number)
      expect([rows.length, rows[0], rows.at(-1)]).toEqual([50_000, 1, 50_000])
      expect((await read(path, 't', ['n'])).rows).toBeGreaterThan(50_000n)
      db.close()
      expect(leftovers()).toEqual([])
    })
  }

  it('that holds the file is waited for, and then named', { timeout: 30_000 }, async () => {
    const { path, db } = database('CREATE TABLE t (n)')
    db.exec('BEGIN EXCLUSIVE')
    const error = await failure(discover(path))
    expect([error.code, error.retryable]).toEqual(['source_busy', true])
    db.exec('ROLLBACK')
    expect((await discover(path)).tables).toHaveLength(1)
  })
})

describe('hostile files', () => {
  it('are no database, are broken, or are not there: each an error that leaves nothing behind', async () => {
    writeFileSync(join(root, 'no.db'), 'not a database at all'.repeat(100))
    expect((await failure(discover(join(root, 'no.db')))).code).toBe('bad_file')
    const { path, db } = database(`PRAGMA page_size = 512; CREATE TABLE t (x TEXT);
      WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2000) INSERT INTO t SELECT 'row ' || n FROM s`)
    db.close()
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 512 * 20, 512 * 40)
    writeFileSync(path, bytes)
    expect((await failure(read(path, 't', ['x']))).code).toBe('bad_file')
    expect((await failure(discover(root))).code).toBe('database_missing')
    expect((await failure(discover(join(root, 'gone.db')))).code).toBe('database_missing')
    expect(existsSync(join(root, 'gone.db'))).toBe(false)
    expect(leftovers()).toEqual([])
  })

  it('have names that look like SQL, and views that use what may not be used', async () => {
    const { path } =
      database(`CREATE TABLE "a""; DROP TABLE t; --" ("x"" y" TEXT); INSERT INTO "a""; DROP TABLE t; --" VALUES ('z');
      CREATE VIEW bad AS SELECT load_extension('x') AS e; CREATE VIEW lost AS SELECT * FROM gone;`)
    const { tables } = await discover(path)
    expect(tables.filter((one) => one.problem === null).map((one) => one.name)).toEqual(['a"; DROP TABLE t; --'])
    expect(tables.filter((one) => one.problem !== null).map((one) => one.name)).toEqual(['bad', 'lost'])
    expect((await read(path, 'a"; DROP TABLE t; --', ['x" y'])).text).toBe('z\n')
  })

  it('with a view that never ends is given up when the reading is stopped', async () => {
    const { path } = database(`CREATE TABLE t (n); INSERT INTO t VALUES (1);
      CREATE VIEW v AS WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT n FROM s WHERE n < 0`)
    const { SqliteSession } = await import('./session.ts')
    const session = await SqliteSession.open({ path })
    await expect(session.query('SELECT count(*) FROM v', [], AbortSignal.timeout(300)).next()).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await session.close()
    expect(leftovers()).toEqual([])
  })
})
