import { randomUUID } from 'node:crypto'
import { BucketSums, csvLine, differingBuckets, digestRows, sha256Hex } from '@huitong/segment'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { columnsOf, readAll } from '../testing/read.ts'
import { postgresql } from './connector.ts'
import { bucketRows, rowDigests } from './digests.ts'
import { claimChannel } from './position.ts'
import { applyRepair } from './repair.ts'
import type { PostgresqlSettings } from './settings.ts'
import type { TargetTable } from '../database.ts'
import { ensureTable } from './target.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

const secret = Buffer.alloc(32, 0x5a)

const text = (row: { key: readonly (string | null)[] }) => JSON.stringify(row)

describe('row digests', () => {
  it('agree between the database and TypeScript on hostile rows of every type', async () => {
    await run(
      db,
      `CREATE TABLE hostile (id bigint PRIMARY KEY, t text, v varchar(30), c char(6), n numeric, ns numeric(38,18), s smallint,
         i integer, r real, f double precision, o boolean, d date, tm time(3), tz timetz, l timestamp, ts timestamptz, iv interval,
         u uuid, y bytea, j json, jb jsonb);
       INSERT INTO hostile SELECT 9223372036854775807, '𠮷𪚥"' || chr(10) || chr(13) || ',\\.', '\ue000', 'ab', 1.500, 0.000000000000000001,
         -32768, 2147483647, 3.4e38, 0.1, true, '0044-03-15 BC', '23:59:59.120', '00:00:00+08', '1988-04-10 00:30:00.100000',
         '1900-01-01 00:00:00+08', '1 year -1 mons +3 days -04:05:06.700', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '\\xDEAD00',
         '{"a":  1}', '{"b":  [1.50]}';
       INSERT INTO hostile VALUES (-9223372036854775808, '', '', '', 'NaN', 0, 0, 0, '-0', '-0', false, 'infinity', '00:00', '00:00Z',
         'infinity', '-infinity', '0', NULL, '', '{}', '{}');
       INSERT INTO hostile (id) VALUES (0);
       INSERT INTO hostile (id, t, n, ns, f) VALUES (1, '-', 'Infinity', 12345678901234567890.123456789012345678, 'NaN'),
         (2, '0:', -1e20, -0.1, '-infinity'), (3, ' x ', 100, 100, 5e-324)`,
    )
    const names = (
      await run(
        db,
        `SELECT attname FROM pg_attribute WHERE attrelid = 'hostile'::regclass AND attnum > 0 ORDER BY attnum`,
      )
    ).map((r) => r.attname!)
    const { csv, columns, rows } = await readAll(postgresql, db, columnsOf('hostile', names))
    expect(rows).toBe(6n)
    for (const key of [['id'], ['t', 'id'], []]) {
      const plan = { columns, key, buckets: 4 }
      const local = new BucketSums(plan, secret)
      local.push(csv)
      const remote = await rowDigests(db, { ...plan, schema: 'public', table: 'hostile', where: null }, secret)
      expect(remote.buckets).toEqual(local.result())
      const details = []
      for (let bucket = 0; bucket < 4; bucket++) {
        details.push(
          ...(await bucketRows(db, { ...plan, schema: 'public', table: 'hostile', where: null }, secret, bucket, 100)),
        )
      }
      expect(details.map(text).sort()).toEqual([...digestRows(csv, plan, secret)].map(text).sort())
    }
  })

  it('see one changed row, NULL against empty, a moved boundary, and a row that is there twice more', async () => {
    await run(
      db,
      `CREATE TABLE src (a text, b text); INSERT INTO src SELECT g::text, 'v' || g FROM generate_series(1, 5000) g`,
    )
    const columns = [
      { name: 'a', type: 'text' },
      { name: 'b', type: 'text' },
    ]
    const plan = { schema: 'public', columns, key: [] as string[], buckets: 256, where: null }
    const before = await rowDigests(db, { ...plan, table: 'src' }, secret)
    expect(before.buckets.reduce((n, b) => n + Number(b.rows), 0)).toBe(5000)
    const changes = [
      `UPDATE src SET b = 'v42x' WHERE a = '42'`,
      `UPDATE src SET b = NULL WHERE a = '42'`,
      `UPDATE src SET b = '' WHERE a = '42'`,
      `UPDATE src SET a = '4', b = '2v42' WHERE a = '42'`,
      `INSERT INTO src SELECT * FROM src, generate_series(1, 2) WHERE a = '7'`.replace('SELECT *', 'SELECT a, b'),
    ]
    const seen = new Set<string>()
    for (const change of changes) {
      await run(
        db,
        `DROP TABLE IF EXISTS dst; CREATE TABLE dst AS SELECT * FROM src; ${change.replaceAll('src', 'dst')}`,
      )
      const after = await rowDigests(db, { ...plan, table: 'dst' }, secret)
      expect(differingBuckets(before.buckets, after.buckets).length, change).toBeGreaterThan(0)
      seen.add(JSON.stringify(after.buckets))
    }
    expect(seen.size).toBe(changes.length)
    const keyed = { ...plan, key: ['a'], table: 'src', where: `"a" <> '42'` }
    expect(
      differingBuckets(
        (await rowDigests(db, { ...keyed, where: null }, secret)).buckets,
        (await rowDigests(db, keyed, secret)).buckets,
      ),
    ).toHaveLength(1)
  })
})

describe('repair', () => {
  it('makes both ends equal from the differing buckets alone, and only under the token', async () => {
    await run(
      db,
      `CREATE TABLE origin (id int PRIMARY KEY, t text, j json); INSERT INTO origin SELECT g, 'r' || g, '{"a":1}' FROM generate_series(1, 300) g`,
    )
    const columns = [
      { name: 'id', type: 'integer' },
      { name: 't', type: 'text' },
      { name: 'j', type: 'json' },
    ]
    const table: TargetTable = {
      schema: 'public',
      name: 'received',
      columns: columns.map((c) => ({ ...c, nullable: true })),
      key: ['id'],
    }
    await ensureTable(db, table)
    const channel = randomUUID()
    const { fence } = await claimChannel(db, channel, table)
    await run(
      db,
      `INSERT INTO received SELECT * FROM origin WHERE id <> 5; UPDATE received SET t = 'wrong' WHERE id = 6; INSERT INTO received VALUES (999, 'extra', '{}')`,
    )
    const plan = { schema: 'public', columns, key: ['id'], buckets: 64, where: null }
    const sums = async (name: string) => (await rowDigests(db, { ...plan, table: name }, secret)).buckets
    const buckets = differingBuckets(await sums('origin'), await sums('received'))
    expect(buckets.length).toBeGreaterThan(0)
    expect(buckets.length).toBeLessThanOrEqual(3)
    const upserts = new Set<string>()
    const deletes = new Set<string>()
    for (const bucket of buckets) {
      const list = async (name: string) =>
        new Map(
          (await bucketRows(db, { ...plan, table: name }, secret, bucket, 1000)).map((r) => [r.key[0]!, r.digest]),
        )
      const [source, target] = [await list('origin'), await list('received')]
      for (const [key, digest] of source) if (target.get(key) !== digest) upserts.add(key)
      for (const key of target.keys()) if (!source.has(key)) deletes.add(key)
    }
    expect([[...upserts].sort(), [...deletes]]).toEqual([['5', '6'], ['999']])
    const { csv } = await readAll(
      postgresql,
      db,
      columnsOf('origin', ['id', 't', 'j'], `id IN (${[...upserts].join()})`),
    )
    const part = { plain: csv, rows: '2', plainDigest: sha256Hex(csv) }
    const repair = { channel, table, fence, upserts: part, deletes: [...deletes].map((key) => [key]) }
    await expect(applyRepair(db, { ...repair, fence: '0' })).rejects.toMatchObject({ code: 'fenced' })
    await expect(applyRepair(db, { ...repair, upserts: { ...part, rows: '3' } })).rejects.toMatchObject({
      code: 'row_count_mismatch',
    })
    expect(await applyRepair(db, repair)).toEqual({
      inserted: '1',
      updated: '1',
      unchanged: '0',
      deleted: '1',
      missing: '0',
    })
    expect(differingBuckets(await sums('origin'), await sums('received'))).toEqual([])
    expect(await applyRepair(db, repair)).toEqual({
      inserted: '0',
      updated: '0',
      unchanged: '2',
      deleted: '0',
      missing: '1',
    })
  })

  it('takes the last of several rows with one key, and writes a key that is also deleted', async () => {
    const table: TargetTable = {
      schema: 'public',
      name: 'folded',
      columns: [
        { name: 'k', type: 'text', nullable: false },
        { name: 'v', type: 'text', nullable: true },
      ],
      key: ['k'],
    }
    await ensureTable(db, table)
    const channel = randomUUID()
    const { fence } = await claimChannel(db, channel, table)
    const plain = Buffer.from(
      [
        ['a', '1'],
        ['b', '1'],
        ['a', null],
        ['a', '3'],
      ]
        .map(csvLine)
        .join(''),
    )
    const upserts = { plain, rows: '4', plainDigest: sha256Hex(plain) }
    await run(db, `INSERT INTO folded VALUES ('b', 'old')`)
    const done = await applyRepair(db, { channel, table, fence, upserts, deletes: [['b'], ['zz']] })
    expect(done).toEqual({ inserted: '2', updated: '0', unchanged: '0', deleted: '1', missing: '1' })
    expect(await run(db, 'SELECT k, v FROM folded ORDER BY k')).toEqual([
      { k: 'a', v: '3' },
      { k: 'b', v: '1' },
    ])
    const keyless = { ...table, key: [] }
    await expect(applyRepair(db, { channel, table: keyless, fence, upserts, deletes: [] })).rejects.toMatchObject({
      code: 'no_key',
    })
  })
})
