import { randomUUID } from 'node:crypto'
import type { Column } from '@huitong/segment'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, startCluster, type TestCluster } from '../testing/cluster.ts'
import { startProxy } from '../testing/proxy.ts'
import type { LoadSegment, TargetTable } from '../database.ts'
import { Loader } from './load-rows.ts'
import { claimChannel } from './position.ts'
import type { PostgresqlSettings } from './settings.ts'
import { stagingName } from '../target-rules.ts'
import { ensureTable } from './target.ts'

let cluster: TestCluster
let db: PostgresqlSettings
beforeAll(async () => {
  cluster = await startCluster()
  db = await cluster.database()
})
afterAll(() => cluster.stop())

const COLUMNS: Column[] = [
  { name: 'id', type: 'bigint' },
  { name: '名称', type: 'varchar(20)' },
]
let tables = 0
function tableOf(over: Partial<TargetTable> = {}): TargetTable {
  const columns = COLUMNS.map((column) => ({ ...column, nullable: true }))
  return { schema: 'public', name: `居民_${tables++}`, columns, key: ['id'], ...over }
}

function segment(
  generation: number,
  sequence: number,
  final: boolean,
  text: string,
  over: Partial<LoadSegment> = {},
): LoadSegment {
  const plain = Buffer.from(text)
  const rows = String(text.split('\n').length - 1)
  return { generation, sequence, final, columns: COLUMNS, rows, plain, ...over }
}
const lines = (from: number, to: number, word: string) => {
  let text = ''
  for (let i = from; i <= to; i++) text += `${i},${word}\n`
  return text
}

async function setUp(table = tableOf(), through = db) {
  const channel = randomUUID()
  await ensureTable(db, table)
  const { fence } = await claimChannel(db, channel, table)
  const loader = await Loader.open(through, { channel, table, fence, publish: { waitMsMax: 20_000 } })
  const select = () =>
    run(db, `SELECT count(*) AS rows, min("名称") AS low, max("名称") AS high FROM public."${table.name}"`)
  return { channel, table, fence, loader, select }
}

describe('a full copy', () => {
  it('is invisible until its final segment, then whole; views and grants on the table stay', async () => {
    const { table, loader, select } = await setUp()
    const name = `public."${table.name}"`
    const role = `viewer_${process.pid}`
    await run(
      db,
      `CREATE ROLE ${role} LOGIN PASSWORD '${db.password}'; GRANT SELECT ON ${name} TO ${role}; CREATE VIEW public.seen AS SELECT * FROM ${name};
      GRANT SELECT ON public.seen TO ${role}`,
    )
    const asViewer = { ...db, user: role }
    expect((await loader.apply(segment(1, 1, false, lines(1, 3, 'a')))).outcome).toBe('applied')
    expect((await select())[0]!.rows).toBe('0')
    const { position } = await loader.apply(segment(1, 2, true, lines(4, 5, 'a')))
    expect(position).toMatchObject({ generation: 1, sequence: 2, rows: '5', complete: true, visible: 1 })
    expect((await run(asViewer, `SELECT count(*) AS n FROM ${name}`))[0]!.n).toBe('5')
    await loader.apply(segment(2, 1, false, lines(1, 2, 'b')))
    expect((await select())[0]).toMatchObject({ rows: '5', high: 'a' })
    await loader.apply(segment(2, 2, true, '3,\n'))
    expect((await select())[0]).toMatchObject({ rows: '3', low: 'b', high: 'b' })
    expect((await run(asViewer, 'SELECT count(*) AS n FROM public.seen'))[0]!.n).toBe('3')
    await run(db, `INSERT INTO ${name} VALUES (99, 'x')`)
    await expect(run(db, `INSERT INTO ${name} VALUES (99, 'y')`)).rejects.toThrow('duplicate key')
    expect(
      await run(db, `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '\\_huitong\\_${table.name}%'`),
    ).toEqual([{ relname: stagingName(table.name, 2) }])
    await run(db, `DROP VIEW public.seen; REVOKE ALL ON ${name} FROM ${role}; DROP ROLE ${role}`)
    await loader.close()
  })

  it('of an empty source empties the table, and needs its one final segment for that', async () => {
    const { loader, select } = await setUp()
    await loader.apply(segment(1, 1, true, lines(1, 3, 'a')))
    await loader.apply(segment(2, 1, true, ''))
    expect((await select())[0]!.rows).toBe('0')
    await loader.close()
  })

  it('keeps hostile values, and takes tables without a key or with columns that cannot be compared', async () => {
    const columns = [
      { name: 'j', type: 'json', nullable: true },
      { name: 't', type: 'text', nullable: true },
      { name: 'n', type: 'numeric(38,18)', nullable: true },
      { name: 'd', type: 'timestamptz', nullable: true },
    ]
    const { table, loader } = await setUp(tableOf({ columns, key: [] }))
    const text =
      '"{""a"": 1}","𠮷\r\n""\ue000",12345678901234567890.123456789012345678,0044-03-15 00:00:00+00 BC\n,"\\.",NaN,infinity\n,"",,\n,,,\n'
    const csv = { columns: columns.map(({ name, type }) => ({ name, type })), rows: '4' }
    await loader.apply(segment(1, 1, true, text, csv))
    const [row] = await run(
      db,
      `SET timezone = 'UTC'; SELECT string_agg(concat_ws('|', j, '<' || t || '>', n, d), E'\\n') AS all FROM public."${table.name}"`,
    )
    expect(row!.all).toBe(
      '{"a": 1}|<𠮷\r\n"\ue000>|12345678901234567890.123456789012345678|0044-03-15 00:00:00+00 BC\n<\\.>|NaN|infinity\n<>\n',
    )
    await loader.close()
  })

  it('is never seen empty, half, or mixed by readers, also those with an older snapshot', async () => {
    const { table, loader } = await setUp()
    const name = `public."${table.name}"`
    await loader.apply(segment(1, 1, true, lines(1, 2000, 'g1')))
    const stop = new AbortController()
    const seen = new Set<string>()
    const reader = async (isolation: string) => {
      const client = new Client({ ...db, ssl: false })
      await client.connect()
      while (!stop.signal.aborted) {
        await client.query(`BEGIN ISOLATION LEVEL ${isolation}`)
        // The snapshot is taken here, some time before the table is touched.
        await client.query('SELECT count(*) FROM pg_class')
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 30))
        const { rows } = await client.query(
          `SELECT count(*) || ' ' || string_agg(DISTINCT "名称", ',') AS found FROM ${name}`,
        )
        seen.add(rows[0].found)
        await client.query('COMMIT')
      }
      await client.end()
    }
    const readers = [reader('READ COMMITTED'), reader('REPEATABLE READ'), reader('REPEATABLE READ')]
    const allowed = new Set(['2000 g1'])
    for (let generation = 2; generation < 8; generation++) {
      await loader.apply(segment(generation, 1, false, lines(1, 1000, `g${generation}`)))
      await loader.apply(segment(generation, 2, true, lines(1001, 2000, `g${generation}`)))
      allowed.add(`2000 g${generation}`)
    }
    stop.abort()
    await Promise.all(readers)
    expect([...seen].filter((found) => !allowed.has(found))).toEqual([])
    expect(seen.size).toBeGreaterThan(2)
    await loader.close()
  })
})

describe('faults', () => {
  it('replays are skipped, gaps and older generations refused, abandoned generations dropped', async () => {
    const { table, loader } = await setUp()
    const one = segment(1, 1, false, lines(1, 2, 'a'))
    await loader.apply(one)
    expect(await loader.apply(one)).toMatchObject({ outcome: 'skipped', position: { sequence: 1, rows: '2' } })
    await expect(loader.apply(segment(1, 3, false, 'x'))).rejects.toMatchObject({ code: 'sequence_gap' })
    await expect(loader.apply(segment(2, 2, false, 'x'))).rejects.toMatchObject({ code: 'sequence_gap' })
    await loader.apply(segment(3, 1, false, lines(1, 2, 'c')))
    await expect(loader.apply(segment(1, 2, true, 'x'))).rejects.toMatchObject({ code: 'stale_generation' })
    const left = await run(
      db,
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition AND relname LIKE '%${table.name}%'`,
    )
    expect(left).toEqual([{ relname: stagingName(table.name, 3) }])
    await loader.apply(segment(3, 2, true, lines(3, 4, 'c')))
    await expect(loader.apply(segment(3, 3, true, 'x'))).rejects.toMatchObject({ code: 'sequence_gap' })
    await loader.close()
  })

  it('wrong counts, values, keys and columns commit nothing', async () => {
    const { loader, table } = await setUp()
    const bad: [LoadSegment, object][] = [
      [segment(1, 1, true, '1,a\n', { rows: '2' }), { code: 'row_count_mismatch' }],
      [segment(1, 1, true, '1,a\nx,b\n'), { code: 'bad_value', place: { column: 'id', line: 2 } }],
      [segment(1, 1, true, `1,${'超'.repeat(21)}\n`), { code: 'bad_value', place: { column: '名称' } }],
      [segment(1, 1, true, ',b\n'), { code: 'null_value', place: { column: 'id' } }],
      [segment(1, 1, true, '1,a,extra\n'), { code: 'bad_value' }],
      [segment(1, 1, true, '1\n'), { code: 'bad_value' }],
      [
        segment(1, 1, true, '1,a\n', { columns: COLUMNS.slice(0, 1) }),
        { code: 'schema_changed', place: { column: '名称' } },
      ],
      [
        segment(1, 1, true, '1,a\n', { columns: [{ name: 'id', type: 'text' }, COLUMNS[1]!] }),
        { code: 'schema_changed', place: { column: 'id' } },
      ],
      [
        segment(1, 1, true, '1,a,b\n', { columns: [...COLUMNS, { name: 'new', type: 'text' }] }),
        { code: 'schema_changed', place: { column: 'new' } },
      ],
    ]
    for (const [wrong, expected] of bad) {
      const error: unknown = await loader.apply(wrong).catch((reason: unknown) => reason)
      expect(error).toMatchObject(expected)
      expect(String(error)).not.toContain('超')
      expect(await loader.position()).toMatchObject({ generation: 0, sequence: 0 })
    }
    await expect(loader.apply(segment(1, 1, true, '1,a\n1,b\n'))).rejects.toMatchObject({ code: 'duplicate_key' })
    expect((await run(db, `SELECT count(*) AS n FROM public."${table.name}"`))[0]!.n).toBe('0')
    // Columns are matched by name, not by place.
    await loader.apply(segment(2, 1, true, 'a,1\n', { columns: [COLUMNS[1]!, COLUMNS[0]!] }))
    expect(await run(db, `SELECT * FROM public."${table.name}"`)).toEqual([{ id: '1', 名称: 'a' }])
    await loader.close()
  })

  it('text cut at any byte commits nothing', async () => {
    const { loader } = await setUp()
    const whole = segment(1, 1, true, '1234,"a\nb"\n5,\n12,x\n', { rows: '3' })
    for (let length = 0; length < whole.plain.length; length++) {
      const plain = whole.plain.subarray(0, length)
      const cut = loader.apply({ ...whole, plain })
      await expect(cut, `at ${length}`).rejects.toMatchObject({
        code: expect.stringMatching(/row_count|bad_value|null_value/),
      })
      expect(await loader.position()).toMatchObject({ generation: 0, sequence: 0 })
    }
    expect((await loader.apply(whole)).position.rows).toBe('3')
    await loader.close()
  })

  it('a worker that was taken over cannot commit', async () => {
    const { channel, table, loader, select } = await setUp()
    await loader.apply(segment(1, 1, false, lines(1, 2, 'old')))
    const { fence, sequence } = await claimChannel(db, channel, table)
    expect(sequence).toBe(1)
    await expect(loader.apply(segment(1, 2, true, lines(3, 4, 'old')))).rejects.toMatchObject({ code: 'fenced' })
    const next = await Loader.open(db, { channel, table, fence })
    await next.apply(segment(1, 2, true, lines(3, 4, 'new')))
    expect((await select())[0]).toMatchObject({ rows: '4', low: 'new', high: 'old' })
    await expect(claimChannel(db, randomUUID(), table)).rejects.toMatchObject({ code: 'table_in_use' })
    await Promise.all([loader.close(), next.close()])
  })

  it('a worker that was taken over hears so, whatever became of the table it was loading', async () => {
    const { channel, table, loader } = await setUp()
    await loader.apply(segment(1, 1, false, lines(1, 2, 'old')))
    const { fence } = await claimChannel(db, channel, table)
    const next = await Loader.open(db, { channel, table, fence })
    await next.apply(segment(2, 1, true, lines(1, 2, 'new')))
    await expect(loader.apply(segment(1, 2, true, lines(3, 4, 'old')))).rejects.toMatchObject({ code: 'fenced' })
    await Promise.all([loader.close(), next.close()])
  })

  it('two workers at once on one channel: exactly one load of each segment', async () => {
    const { channel, table, select } = await setUp()
    const worker = async () => {
      for (;;) {
        const { fence } = await claimChannel(db, channel, table)
        const loader = await Loader.open(db, { channel, table, fence })
        try {
          for (let sequence = 1; sequence <= 8; sequence++) {
            await loader.apply(segment(1, sequence, sequence === 8, lines(sequence * 100, sequence * 100 + 99, 'w')))
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
          }
          return
        } catch (error) {
          expect(['fenced', 'target_busy', 'database_error', 'duplicate_key']).toContain(
            (error as { code: string }).code,
          )
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 600))
        } finally {
          await loader.close()
        }
      }
    }
    await Promise.all([worker(), worker()])
    expect((await select())[0]!.rows).toBe('800')
  }, 90_000)

  it('a line cut anywhere, also around COMMIT, loses and doubles nothing', async () => {
    const proxy = await startProxy(db)
    const through = { ...db, port: proxy.port }
    const { channel, table, fence, select } = await setUp()
    const parts = [1, 2, 3].map((n) => segment(1, n, n === 3, lines(n * 10, n * 10 + 4, 'p')))
    const options = { channel, table, fence }
    let failures = 0
    for (let at = 500; ; at += 29) {
      proxy.cutAfter(at)
      const loader = await Loader.open(through, options).catch(() => null)
      try {
        for (const part of parts) await loader?.apply(part)
        await loader?.close()
        if (loader !== null) break
      } catch {
        failures++
        await loader?.close()
      }
    }
    expect(failures).toBeGreaterThan(10)
    expect((await select())[0]!.rows).toBe('15')
    await proxy.stop()
  })

  it('a table that is not ours, or was made otherwise, is left alone', async () => {
    const foreign = tableOf()
    await run(db, `CREATE TABLE public."${foreign.name}" (id bigint)`)
    await expect(ensureTable(db, foreign)).rejects.toMatchObject({ code: 'table_not_ours' })
    const ours = tableOf()
    expect(await ensureTable(db, ours)).toBe('created')
    expect(await ensureTable(db, ours)).toBe('exists')
    const wider = { ...ours, columns: [...ours.columns, { name: 'more', type: 'text', nullable: true }] }
    await expect(ensureTable(db, wider)).rejects.toMatchObject({ code: 'schema_changed', place: { column: 'more' } })
    await expect(ensureTable(db, tableOf({ name: '长'.repeat(22) }))).rejects.toMatchObject({ code: 'not_supported' })
    expect(Buffer.byteLength(stagingName('长'.repeat(21), 12))).toBeLessThanOrEqual(63)
    const many = await Promise.all(
      [1, 2, 3].map(() =>
        cluster.database().then((fresh) => Promise.all([ensureTable(fresh, ours), ensureTable(fresh, ours)])),
      ),
    )
    expect(many.flat().sort()).toEqual(['created', 'created', 'created', 'exists', 'exists', 'exists'])
  })

  it('waits for a long reader and gives up with a clear error, to be tried again', async () => {
    const { channel, table, fence, loader, select } = await setUp()
    await loader.close()
    const impatient = await Loader.open(db, { channel, table, fence, publish: { waitMsMax: 500 } })
    const holder = new Client({ ...db, ssl: false })
    await holder.connect()
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await holder.query('SELECT 1 FROM pg_class LIMIT 1')
    const last = segment(1, 1, true, lines(1, 3, 'a'))
    await expect(impatient.apply(last)).rejects.toMatchObject({ code: 'target_busy', retryable: true })
    expect((await select())[0]!.rows).toBe('0')
    await holder.query('COMMIT')
    expect(await impatient.apply(last)).toMatchObject({ outcome: 'skipped', position: { visible: 1 } })
    expect((await select())[0]!.rows).toBe('3')
    await holder.end()
    await impatient.close()
  })
})
