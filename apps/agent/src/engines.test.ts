import type { ReconcileResult } from '@huitong/contract/work'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { runMysql, startMariadb, type TestMariadb } from '../../../packages/connectors/src/testing/mariadb.ts'
import { csvOf, fieldsOf } from '../../../packages/connectors/src/testing/transfer.ts'
import type { ApplyResult, ChangeCursor, ReadInput, ReadResult } from '@huitong/contract/work'
import { digestSecret, Exchange, run, settingsOf } from './testing/exchange.ts'

// Every pair of engines that has MySQL or MariaDB at one end or at both, through the real agents.

const ROWS = 6_000
const CONVENTION = { operation: 'op', updatedAt: 'updated_at' }

let mariadb: TestMariadb
beforeAll(async () => {
  mariadb = await startMariadb()
})
afterAll(() => mariadb?.stop())

async function mysqlUrl(): Promise<string> {
  const { user, password, port, database } = await mariadb.database()
  return `mysql://${user}:${password}@127.0.0.1:${port}/${database}`
}

/** Runs statements in either kind. */
const runIn = (url: string, sql: string) => (url.startsWith('mysql:') ? runMysql(settingsOf(url), sql) : run(url, sql))

type Column = ReadInput['columns'][number]
const column = (field: string, type: string, nullable = true) => ({ item: field, field, as: field, type, nullable })
const COLUMNS: ReadInput['columns'] = [
  column('id', 'bigint', false),
  column('name', 'varchar(40)'),
  column('amount', 'numeric(38,18)'),
  column('born', 'date'),
  column('code', 'char(6)'),
  column('note', 'text'),
]

const inPostgresql = (rows: number) => `
  CREATE TABLE person (id bigint PRIMARY KEY, name varchar(40), amount numeric(38,18), born date, code char(6), note text,
    op char(1) NOT NULL DEFAULT 'I', updated_at timestamptz NOT NULL DEFAULT now() - interval '1 day');
  INSERT INTO person (id, name, amount, born, code, note)
  SELECT 9007199254740993 + n, (ARRAY['张三', '', NULL, E'a"b,c\\nd\\r', '𠮷\ue000龘', ' 前后 ', '\\N', 'NULL', E'\\t'])[1 + n % 9],
    (n::numeric * 12345678901234567) / 1000000000000000000, date '0001-01-01' + n * 180, (ARRAY['ab', '', NULL])[1 + n % 3],
    repeat(md5(n::text), 1 + n % 20) FROM generate_series(1, ${rows}) n;
  ALTER TABLE person ALTER updated_at SET DEFAULT clock_timestamp()`

const inMysql = (rows: number) => `
  CREATE TABLE person (id bigint PRIMARY KEY, name varchar(40), amount decimal(38,18), born date, code char(6), note longtext,
    op char(1) NOT NULL DEFAULT 'I', updated_at timestamp(6) NOT NULL DEFAULT '2020-01-01') CHARACTER SET utf8mb4;
  INSERT INTO person (id, name, amount, born, code, note)
  SELECT 9007199254740993 + seq, elt(1 + seq % 8, '张三', '', 'a"b,c\nd\r', '𠮷\ue000龘', ' 前后 ', '\\\\N', 'NULL', '\t'),
    cast(seq as decimal(20)) * 12345678901234567 / 1000000000000000000, date '0001-01-01' + interval (seq * 180) day,
    elt(1 + seq % 3, 'ab', ''), repeat(md5(seq), 1 + seq % 20) FROM seq_1_to_${rows};
  ALTER TABLE person ALTER updated_at SET DEFAULT current_timestamp(6)`

describe.each([
  ['mysql', 'postgresql'],
  ['postgresql', 'mysql'],
  ['mysql', 'mysql'],
] as const)('from %s to %s', (from, into) => {
  let exchange: Exchange
  const urls = { source: '', target: '' }
  const made: TestDatabase[] = []
  beforeAll(async () => {
    const make = async (kind: string) => {
      if (kind === 'mysql') return mysqlUrl()
      const database = await createDatabase()
      made.push(database)
      return database.url
    }
    urls.source = await make(from)
    urls.target = await make(into)
    await runIn(urls.source, from === 'mysql' ? inMysql(ROWS) : inPostgresql(ROWS))
    exchange = await Exchange.start({
      sourceUrl: urls.source,
      targetUrl: urls.target,
      table: 'person',
      columns: COLUMNS,
      key: ['id'],
    })
    exchange.changes = { convention: CONVENTION, cursor: null, lagSeconds: 1 }
  })
  afterAll(async () => {
    await exchange?.stop()
    await Promise.all(made.map((database) => database.drop()))
  })

  const columns = COLUMNS.map(({ as, type }) => ({ name: as, type }))
  /** Rows of an end as texts, in order of key; amounts as numbers are. */
  const rowsOf = async (side: 'source' | 'target') => {
    const database = exchange.database(side)
    const schema = (side === 'source' ? from : into) === 'mysql' ? exchange[side].database : 'public'
    const name = side === 'source' ? 'person' : exchange.received
    const where = side === 'source' ? database.sql.living('op') : null
    const { csv } = await csvOf(database, { schema, name }, columns, where)
    return fieldsOf(csv, columns).sort((a, b) => a[0]!.localeCompare(b[0]!))
  }

  /** Both ends' sums. */
  async function compare() {
    const { work } = exchange.platform
    const secret = digestSecret()
    const sides = (['source', 'target'] as const).map(async (side) => {
      const node = side === 'source' ? exchange.nodes.provider : exchange.nodes.consumer
      const changes = { convention: CONVENTION, since: null, lagSeconds: 1 }
      const input = await exchange.reconcileInput(side, secret)
      const done = await work.ended(work.queue(node, 'reconcile', side === 'source' ? { ...input, changes } : input))
      expect(done.problem).toBeNull()
      return done.result as ReconcileResult
    })
    return Promise.all(sides)
  }

  let cursor: ChangeCursor

  test('a full copy arrives value for value, receipted, and both ends have equal digests', async () => {
    const { work, streams, faults } = exchange.platform
    const { read, apply } = await exchange.begin()
    await work.ended(read)
    await work.ended(apply)
    expect([read.problem, apply.problem]).toEqual([null, null])
    expect((read.result as ReadResult).rows).toBe(String(ROWS))
    expect((apply.result as ApplyResult).rows).toBe(String(ROWS))
    for (const { receipt, applied } of streams.held(exchange.stream)) {
      expect(receipt).not.toBeNull()
      expect(applied.get(exchange.nodes.consumer.keyId)).toBe(1)
    }
    expect(faults).toEqual([])
    const sent = await rowsOf('source')
    expect(sent.length).toBe(ROWS)
    expect(await rowsOf('target')).toEqual(sent)
    const [left, right] = await compare()
    expect(right!.buckets).toEqual(left!.buckets)
    cursor = (apply.result as ApplyResult).cursor!
  }, 60_000)

  test('inserts, updates and deletes follow, and nothing else is sent', async () => {
    const now = from === 'mysql' ? 'now(6)' : 'clock_timestamp()'
    await runIn(
      urls.source,
      `UPDATE person SET name = '改', amount = amount + 1, op = 'U', updated_at = ${now} WHERE id % 100 = 1;
       UPDATE person SET op = 'D', updated_at = ${now} WHERE id % 100 = 2;
       INSERT INTO person (id, name, op) VALUES (1, '新', 'I'), (2, NULL, 'I')`,
    )
    const { read, apply } = await exchange.beginIncrement(cursor)
    const { work } = exchange.platform
    await work.ended(read)
    await work.ended(apply)
    expect([read.problem, apply.problem]).toEqual([null, null])
    const { changes } = apply.result as ApplyResult
    expect(changes).toEqual({
      inserted: '2',
      updated: String(ROWS / 100),
      deleted: String(ROWS / 100),
      unchanged: '0',
      absent: '0',
    })
    const sent = await rowsOf('source')
    expect(sent.length).toBe(ROWS - ROWS / 100 + 2)
    expect(await rowsOf('target')).toEqual(sent)
    const [left, right] = await compare()
    expect(right!.buckets).toEqual(left!.buckets)
    cursor = (apply.result as ApplyResult).cursor!
  }, 60_000)

  test('rows that somebody changed at the target are found by their keys, and an accepted repair puts them right', async () => {
    const { work, streams } = exchange.platform
    const name = into === 'mysql' ? `\`${exchange.received}\`` : `"${exchange.received}"`
    await runIn(
      urls.target,
      `UPDATE ${name} SET amount = amount + 0.000000000000000001 WHERE id = 1 + 9007199254740993 + 10;
       UPDATE ${name} SET amount = 1 WHERE id = 1; DELETE FROM ${name} WHERE id = 2; INSERT INTO ${name} (id, name) VALUES (-5, 'x')`,
    )
    const secret = digestSecret()
    const drill = Array.from({ length: 64 }, (_, i) => i)
    const rows = async (side: 'source' | 'target') => {
      const node = side === 'source' ? exchange.nodes.provider : exchange.nodes.consumer
      const changes = side === 'source' ? { changes: { convention: CONVENTION, since: null, lagSeconds: 1 } } : {}
      const input = { ...(await exchange.reconcileInput(side, secret)), drill, ...changes }
      const done = await work.ended(work.queue(node, 'reconcile', input))
      expect(done.problem).toBeNull()
      return new Map((done.result as ReconcileResult).rowDigests.map(({ key, digest }) => [key[0]!, digest]))
    }
    const [left, right] = await Promise.all([rows('source'), rows('target')])
    const wrong = [...left].filter(([key, digest]) => right.get(key) !== digest).map(([key]) => key)
    const surplus = [...right.keys()].filter((key) => !left.has(key))
    expect(wrong.sort()).toEqual(['1', '2', '9007199254741004'])
    expect(surplus).toEqual(['-5'])
    const stream = crypto.randomUUID()
    streams.create(stream, exchange.nodes.provider)
    const { convention } = exchange.changes!
    const read = {
      ...(await exchange.readInput()),
      stream,
      generation: 1,
      payload: 'changes' as const,
      changes: { convention, cursor: null, lagSeconds: 1 },
      keys: wrong.map((key) => [key]),
    }
    const apply = {
      ...(await exchange.applyInput()),
      stream,
      payload: 'changes' as const,
      deleteKeys: surplus.map((key) => [key]),
    }
    const works = [
      work.queue(exchange.nodes.provider, 'repair', read),
      work.queue(exchange.nodes.consumer, 'repair', apply),
    ]
    for (const one of works) expect((await work.ended(one)).problem).toBeNull()
    expect(await rowsOf('target')).toEqual(await rowsOf('source'))
  }, 60_000)

  test('mapped columns arrive translated, both ends have equal digests, and an unmapped code ends it by name', async () => {
    const { work } = exchange.platform
    exchange.fresh('mapped')
    exchange.grant = { masks: [{ item: 'name', mask: 'name' }] }
    const [id, name, , , code] = COLUMNS as [Column, Column, Column, Column, Column]
    const codes = (otherwise: 'keep' | 'refuse') => ({ of: 'char(6)', pairs: [{ from: 'ab', to: "乙'" }], otherwise })
    exchange.columns = [
      { ...id, as: 'bh' },
      { ...name, as: 'xm', type: 'text', codes: { of: 'text', pairs: [{ from: '张*', to: '甲' }], otherwise: 'keep' } },
      { ...code, as: 'dm', type: 'text', codes: codes('keep') },
      { ...id, as: 'fl', type: 'numeric', constant: '1.50' },
      { ...id, as: 'rq', type: 'date', constant: '2026-01-31' },
    ]
    exchange.key = ['bh']
    const { read, apply } = await exchange.begin()
    await work.ended(read)
    await work.ended(apply)
    expect([read.problem, apply.problem]).toEqual([null, null])
    const database = exchange.database('target')
    const schema = into === 'mysql' ? exchange.target.database : 'public'
    const types = exchange.columns.map(({ as, type }) => ({ name: as, type }))
    const rows = fieldsOf((await csvOf(database, { schema, name: 'mapped' }, types)).csv, types)
    const seen = (at: number) => [...new Set(rows.map((row) => row[at]))]
    expect(seen(1)).toContain('甲')
    expect(seen(1)).not.toContain('张三')
    expect(seen(2).toSorted()).toEqual(['', "乙'", null].toSorted())
    expect(seen(3).map(Number)).toEqual([1.5])
    expect(seen(4)).toEqual(['2026-01-31'])
    const [left, right] = await compare()
    expect(right!.buckets).toEqual(left!.buckets)
    expect(BigInt(right!.rows)).toBeGreaterThan(1_000n)

    exchange.fresh('refused')
    exchange.columns = [exchange.columns[0]!, { ...exchange.columns[2]!, codes: codes('refuse') }]
    const refused = work.queue(exchange.nodes.provider, 'read', await exchange.readInput())
    expect((await work.ended(refused)).problem).toMatchObject({ code: 'connector.unmapped_code' })
    expect(refused.problem!.message.zh).toContain('dm')
  }, 60_000)
})
