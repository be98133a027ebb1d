import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError } from '../errors.ts'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { heldBytes } from '../testing/held.ts'
import { startProxy } from '../testing/proxy.ts'
import { columnsOf, readAll } from '../testing/read.ts'
import { postgresql } from './connector.ts'
import type { PostgresqlSettings } from './settings.ts'
import { openSnapshot } from './snapshot.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

const read = (name: string, columns: string[], where: string | null = null) =>
  readAll(postgresql, db, columnsOf(name, columns, where))

async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`)
  return error
}

describe('values', () => {
  it('come out as the server has them, whatever the server sets by default', async () => {
    await run(
      db,
      `ALTER DATABASE ${db.database} SET DateStyle = 'German'; ALTER DATABASE ${db.database} SET TimeZone = 'Asia/Shanghai';
       ALTER DATABASE ${db.database} SET IntervalStyle = 'sql_standard'; ALTER DATABASE ${db.database} SET extra_float_digits = 0;
       CREATE TABLE v (t text, n numeric(38,18), b bigint, d date, ts timestamptz, l timestamp, f double precision,
         y bytea, j json, c char(4), o boolean, i interval, e text[]);
       INSERT INTO v VALUES
        ('𠮷㐀\ue000"q"' || chr(13) || chr(10) || '\\.', 12345678901234567890.123456789012345678, 9223372036854775807,
         '0044-03-15 BC', '1986-05-04 02:30:00+09', '1988-04-10 02:30:00.000001', 0.1, '\\x00ff', '{"a": 1.0}', 'ab', true, '1 mon 2 days 03:04:05', '{a,NULL,""}'),
        ('', 'NaN', -9223372036854775808, 'infinity', '-infinity', '0001-01-01 00:00:00', 'NaN', '', '[]', '', false, '-00:00:01', '{}'),
        (NULL, -0.5, NULL, '9999-12-31', '2026-07-01 00:00:00+08', NULL, 1e300, NULL, NULL, NULL, NULL, NULL, NULL)`,
    )
    const { text, columns, rows } = await read('v', ['t', 'n', 'b', 'd', 'ts', 'l', 'f', 'y', 'j', 'c', 'o', 'i', 'e'])
    expect(rows).toBe(3n)
    expect(text).toBe(
      '"𠮷㐀\ue000""q""\r\n\\.",12345678901234567890.123456789012345678,9223372036854775807,0044-03-15 BC,' +
        '1986-05-03 17:30:00+00,1988-04-10 02:30:00.000001,0.1,\\x00ff,"{""a"": 1.0}",ab  ,t,1 mon 2 days 03:04:05,' +
        '"{a,NULL,""""}"\n' +
        '"",NaN,-9223372036854775808,infinity,-infinity,0001-01-01 00:00:00,NaN,\\x,[],    ,f,-00:00:01,{}\n' +
        ',-0.500000000000000000,,9999-12-31,2026-06-30 16:00:00+00,,1e+300,,,,,,\n',
    )
    expect(columns.map((column) => column.type)).toEqual([
      'text',
      'numeric(38,18)',
      'bigint',
      'date',
      'timestamptz',
      'timestamp',
      'double',
      'bytea',
      'json',
      'char(4)',
      'boolean',
      'interval',
      'text',
    ])
  })

  it('pass through expressions and filters as given', async () => {
    await run(
      db,
      `CREATE TABLE people (id int, name text, town text); INSERT INTO people VALUES (1, '张三丰', 'a'), (2, '李四', 'b')`,
    )
    const { text, columns } = await readAll(postgresql, db, {
      table: { schema: 'public', name: 'people' },
      select: [
        { expression: `left("name", 1) || '**'`, as: '姓名' },
        { expression: '"id"', as: 'id' },
      ],
      where: `"town" = 'a'`,
    })
    expect(text).toBe('张**,1\n')
    expect(columns).toEqual([
      { name: '姓名', type: 'text' },
      { name: 'id', type: 'integer' },
    ])
  })

  it('is a success of zero rows only for an empty table', async () => {
    await run(db, 'CREATE TABLE nothing (a int)')
    expect((await read('nothing', ['a'])).rows).toBe(0n)
    expect((await failure(read('missing', ['a']))).code).toBe('table_missing')
  })

  it('cut into chunks keep rows whole, also a row larger than a chunk', async () => {
    await run(
      db,
      `CREATE TABLE wide AS SELECT g AS id, repeat(E'a"\\n,', CASE WHEN g % 10 = 0 THEN 5000 ELSE g % 7 END) AS t
      FROM generate_series(1, 400) g`,
    )
    const request = columnsOf('wide', ['id', 't'])
    const whole = await readAll(postgresql, db, request)
    const small = await readAll(postgresql, db, request, { chunkBytes: 256 })
    expect(small.csv.equals(whole.csv)).toBe(true)
    expect(small.rows).toBe(400n)
    const refused = await failure(readAll(postgresql, db, request, { rowBytesMax: 10_000 }))
    expect(refused.code).toBe('row_too_large')
  })
})

describe('a source that breaks', () => {
  it('is an error wherever the line is cut, never a short success', async () => {
    await run(db, `CREATE TABLE few AS SELECT g AS id, 'row ' || g AS t FROM generate_series(1, 12) g`)
    const proxy = await startProxy(db)
    const through = { ...db, host: '127.0.0.1', port: proxy.port }
    const request = columnsOf('few', ['id', 't'])
    const whole = await readAll(postgresql, through, request)
    const total = proxy.bytes()
    let cuts = 0
    let complete = 0
    for (let at = Math.floor(Math.random() * 3); at < total; at += at > total - 330 ? 3 : 41) {
      proxy.cutAfter(at)
      try {
        // Only a cut after everything was confirmed may pass, and then with every row.
        expect((await readAll(postgresql, through, request)).text, `cut at ${at} of ${total}`).toBe(whole.text)
        complete++
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error
        cuts++
      }
    }
    await proxy.stop()
    expect(cuts).toBeGreaterThan(100)
    expect(complete).toBeLessThan(20)
  }, 90_000)

  it('is an error when the server ends the session in the middle, or sends nothing any more', async () => {
    await run(db, `CREATE TABLE many AS SELECT g AS id, repeat('x', 200) AS t FROM generate_series(1, 200000) g`)
    const kill = async () => {
      const stream = await postgresql.readRows(db, columnsOf('many', ['id', 't']))
      let chunks = 0
      for await (const _chunk of stream) {
        if (++chunks !== 2) continue
        await run(
          db,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT%' AND datname = current_database()`,
        )
      }
    }
    expect((await failure(kill())).code).toBe('connection_lost')
    const slow = {
      table: { schema: 'public', name: 'few' },
      select: [{ expression: 'pg_sleep(30)::text', as: 'a' }],
      where: null,
    }
    expect((await failure(readAll(postgresql, db, slow, { stallTimeoutMs: 300 }))).code).toBe('stalled')
    // A trickle is no silence, though its chunk is closed long after that time. (The server sends 8 KiB at once.)
    await run(db, 'CREATE TABLE trickle AS SELECT generate_series(1, 12)')
    const trickle = {
      table: { schema: 'public', name: 'trickle' },
      select: [{ expression: `repeat('x', 9000) || pg_sleep(0.1)::text`, as: 'a' }],
      where: null,
    }
    const { rows } = await readAll(postgresql, db, trickle, { stallTimeoutMs: 600 })
    expect(rows).toBe(12n)
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    expect(await readAll(postgresql, db, slow, { signal: stop.signal }).catch(() => 'aborted')).toBe('aborted')
  })

  it('lets go of its session when the reader leaves early', async () => {
    for await (const _chunk of await postgresql.readRows(db, columnsOf('many', ['id', 't']))) break
    for (let i = 0; ; i++) {
      const busy = await run(
        db,
        `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT%' AND state <> 'idle' AND datname = current_database()`,
      )
      if (busy.length === 0) break
      if (i > 100) throw new Error('the session is still there')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })

  it('runs an expression that fails on a late row into an error', async () => {
    const request = {
      table: { schema: 'public', name: 'many' },
      select: [{ expression: '(1 / ("id" - 150000))::text', as: 'a' }],
      where: null,
    }
    expect((await failure(readAll(postgresql, db, request))).code).toBe('bad_value')
  })
})

const expecting = (name: string, expect: { name: string; canonicalType: string }[]) => ({
  ...columnsOf(name, ['id']),
  expect,
})

describe('a source that changes', () => {
  it('names the column that is gone or has another type', async () => {
    await run(db, 'CREATE TABLE plan (id int, n numeric(10,2), t text)')
    const plan = expecting('plan', [
      { name: 'id', canonicalType: 'integer' },
      { name: 'n', canonicalType: 'numeric(10,2)' },
      { name: 't', canonicalType: 'text' },
    ])
    expect((await readAll(postgresql, db, plan)).rows).toBe(0n)
    await run(db, 'ALTER TABLE plan ALTER n TYPE numeric(12,2)')
    expect(await failure(readAll(postgresql, db, plan))).toMatchObject({
      code: 'schema_changed',
      place: { table: 'plan', column: 'n' },
    })
    await run(
      db,
      'ALTER TABLE plan ALTER n TYPE numeric(10,2); ALTER TABLE plan RENAME t TO u; ALTER TABLE plan ADD t2 text',
    )
    expect(await failure(readAll(postgresql, db, plan))).toMatchObject({
      code: 'schema_changed',
      place: { column: 't' },
    })
    expect(await failure(read('plan', ['id', 'gone']))).toMatchObject({
      code: 'schema_changed',
      place: { column: 'gone' },
    })
  })

  it('waits for DDL before it takes its snapshot, and refuses an older snapshot of a rewritten table', async () => {
    await run(db, 'CREATE TABLE rewritten AS SELECT g AS id FROM generate_series(1, 100) g')
    const shared = await openSnapshot(db)
    expect(
      (await readAll(postgresql, db, { ...columnsOf('rewritten', ['id']), snapshot: shared.id } as never)).rows,
    ).toBe(100n)
    await run(db, 'INSERT INTO rewritten VALUES (101)')
    expect(
      (await readAll(postgresql, db, { ...columnsOf('rewritten', ['id']), snapshot: shared.id } as never)).rows,
    ).toBe(100n)
    await run(db, 'TRUNCATE rewritten')
    const late = await failure(
      readAll(postgresql, db, { ...columnsOf('rewritten', ['id']), snapshot: shared.id } as never),
    )
    expect(late).toMatchObject({ code: 'schema_changed', place: { table: 'rewritten' } })
    await shared.close()
  })

  it('reads one moment while others write', async () => {
    await run(db, `CREATE TABLE ledger AS SELECT g AS id, 1000 AS balance FROM generate_series(1, 20000) g`)
    const stream = await postgresql.readRows(db, columnsOf('ledger', ['id', 'balance']), { chunkBytes: 1024 })
    let sum = 0n
    let rows = 0n
    for await (const chunk of stream) {
      if (rows === 0n)
        await run(
          db,
          'UPDATE ledger SET balance = balance + 7; DELETE FROM ledger WHERE id > 10000; INSERT INTO ledger VALUES (0, 1)',
        )
      for (const line of Buffer.from(chunk.data).toString().trimEnd().split('\n')) {
        sum += BigInt(line.split(',')[1]!)
        rows++
      }
    }
    expect([rows, sum]).toEqual([20_000n, 20_000_000n])
  })
})

it('holds little memory while the reader is slow', async () => {
  await run(db, `CREATE TABLE huge AS SELECT g AS id, repeat('y', 500) AS t FROM generate_series(1, 400000) g`)
  const before = heldBytes()
  let peak = 0
  let chunks = 0
  for await (const _chunk of await postgresql.readRows(db, columnsOf('huge', ['id', 't']))) {
    if (++chunks % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    if (chunks % 5 === 0) peak = Math.max(peak, heldBytes())
  }
  expect(chunks).toBeGreaterThan(20)
  // Two pieces of 8 MB, of 200 MB in all.
  expect((peak - before) / 1024 / 1024).toBeLessThan(40)
})
