import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  ApplyResult,
  ChangeCursor,
  MarkInput,
  MarkResult,
  ReadResult,
  ReconcileResult,
} from '@huitong/contract/work'
import { openSegmentToBuffer } from '@huitong/segment'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { digestSecret, Exchange, run } from './testing/exchange.ts'
import { hostileColumns, hostileTable, keepingConvention, rowsOfBoth } from './testing/hostile.ts'
import type { Work } from './testing/work-queue.ts'

const ROWS = 3_000
const CONVENTION = { operation: 'op', updatedAt: 'updated_at' }
const PROVINCE_IN = `"code" <> 'abcdef'`

let source: TestDatabase
let target: TestDatabase
let exchange: Exchange

beforeAll(async () => {
  ;[source, target] = await Promise.all([createDatabase(), createDatabase()])
  await run(source.url, hostileTable(ROWS) + ';' + keepingConvention())
  exchange = await Exchange.start({
    sourceUrl: source.url,
    targetUrl: target.url,
    table: 'hostile',
    columns: hostileColumns(),
    key: ['id'],
  })
  exchange.changes = { convention: CONVENTION, cursor: null, lagSeconds: 2 }
})

afterAll(async () => {
  await exchange?.stop()
  await Promise.all([source?.drop(), target?.drop()])
})

const resultOf = <T>(work: Work) => work.result as T
async function ended(work: Work): Promise<Work> {
  await exchange.platform.work.ended(work)
  return work
}

/** A full copy that sets the cursor. */
async function copy(): Promise<ChangeCursor> {
  const { read, apply } = await exchange.begin()
  expect((await ended(apply)).problem).toBeNull()
  await ended(read)
  const { cursor } = resultOf<ApplyResult>(apply)
  expect(cursor).toEqual(resultOf<ReadResult>(read).changes?.cursor)
  return cursor!
}

/** One increment to its end. */
async function follow(cursor: ChangeCursor) {
  const { stream, read, apply } = await exchange.beginIncrement(cursor)
  expect((await ended(read)).problem).toBeNull()
  expect((await ended(apply)).problem).toBeNull()
  return { stream, read: resultOf<ReadResult>(read), apply: resultOf<ApplyResult>(apply) }
}

/** The plain text of a stream's segments, as the platform opens them. */
async function plainOf(stream: string): Promise<string> {
  const { streams, sealing } = exchange.platform
  const texts = streams
    .held(stream)
    .map(({ signed, bytes }) => openSegmentToBuffer({ signed, sealed: bytes, privateKey: sealing.privateKey }))
  return Buffer.concat(await Promise.all(texts)).toString()
}

describe('changes by cursor', () => {
  test('inserts, updates, deletes and nothing else arrive; what did not change needs no segment', async () => {
    exchange.fresh('plain')
    await run(source.url, `UPDATE hostile SET op = 'D' WHERE id % 100 = 7`)
    const cursor = await copy()
    await run(
      source.url,
      `UPDATE hostile SET name = 'changed', amount = amount + 1, op = 'U', updated_at = clock_timestamp() WHERE id % 10 = 1;
       UPDATE hostile SET op = 'D', updated_at = clock_timestamp() WHERE id % 10 = 2;
       INSERT INTO hostile (id, name) SELECT n, '新' FROM generate_series(1, 50) n`,
    )
    const { stream, read, apply } = await follow(cursor)
    expect(read).toMatchObject({ rows: '650', segments: 1, changes: { held: { rows: '0', listed: [] } } })
    expect(apply.changes).toEqual({ inserted: '50', updated: '300', deleted: '300', unchanged: '0', absent: '0' })
    expect(apply.cursor).toEqual(read.changes!.cursor)
    const { counts, columns } = exchange.platform.streams.held(stream)[0]!.signed.manifest
    expect(counts).toEqual({ insert: '50', update: '300', delete: '300' })
    expect(columns[0]).toEqual({ name: '_op', type: 'char(1)' })
    const { sent, received } = await rowsOfBoth(source.url, target.url, 'plain', `op <> 'D'`)
    expect(received).toBe(sent)
    // Rows of the lag are read once more and found unchanged; after that the window is empty.
    await sleep(2_200)
    const again = await follow(apply.cursor!)
    expect(again.apply.changes).toEqual({ inserted: '0', updated: '0', deleted: '0', unchanged: '350', absent: '300' })
    const later = await exchange.beginIncrement(again.apply.cursor!)
    const nothing = resultOf<ReadResult>(await ended(later.read))
    expect(nothing).toMatchObject({ rows: '0', segments: 0, finalDigest: null })
    expect(exchange.platform.streams.held(later.stream)).toEqual([])
    exchange.platform.work.cancel(later.apply)
  })

  test('under a row filter and a mask only keys of rows that left travel, and masked values stay masked', async () => {
    exchange.fresh('cut')
    const item = 'item_code'
    exchange.grant = {
      rowFilter: { op: 'ne', field: item, value: { type: 'text', value: 'abcdef' } },
      masks: [{ item: 'item_name', mask: 'name' }],
    }
    const cursor = await copy()
    await run(
      source.url,
      `UPDATE hostile SET code = 'abcdef', name = '离开秘密', op = 'U', updated_at = clock_timestamp() WHERE id % 50 = 11;
       UPDATE hostile SET name = '欧阳娜娜', code = 'ab', op = 'U', updated_at = clock_timestamp() WHERE id % 50 = 12`,
    )
    const { stream, apply } = await follow(cursor)
    expect(Number(apply.changes!.deleted)).toBeGreaterThan(0)
    expect(Number(apply.changes!.absent)).toBeGreaterThan(0)
    const plain = await plainOf(stream)
    expect(plain).not.toMatch(/离开秘密|欧阳娜娜/)
    expect(plain).toContain('欧')
    const [{ rows }] = (await run(
      source.url,
      `SELECT count(*) AS rows FROM hostile WHERE op <> 'D' AND ${PROVINCE_IN}`,
    )) as [{ rows: string }]
    expect(apply.rows).toBe(rows)
  })

  test('rows that cannot be followed are named; a convention that is gone or does not fit ends it by name', async () => {
    exchange.fresh('held')
    const cursor = await copy()
    await run(source.url, `INSERT INTO hostile (id, name, op) VALUES (100, 'x', 'X'), (101, 'ok', 'I')`)
    const { read, apply } = await follow(cursor)
    expect(read.changes!.held).toEqual({ rows: '1', listed: [{ key: ['100'], reason: 'operation' }] })
    expect(apply.changes).toMatchObject({ inserted: '1' })
    await run(source.url, `DELETE FROM hostile WHERE id IN (100, 101)`)
    for (const [updatedAt, code] of [
      ['missing', 'source.changed'],
      ['name', 'connector.bad_cursor'],
    ] as const) {
      exchange.changes = { ...exchange.changes!, convention: { ...CONVENTION, updatedAt } }
      const wrong = await exchange.beginIncrement(cursor)
      expect((await ended(wrong.read)).problem).toMatchObject({ code })
      exchange.platform.work.cancel(wrong.apply)
    }
    exchange.changes = { ...exchange.changes!, convention: CONVENTION }
  })

  test('changes that begin after what was applied are refused: nothing between may be lost', async () => {
    exchange.fresh('gap')
    const cursor = await copy()
    await run(source.url, `UPDATE hostile SET op = 'U', updated_at = clock_timestamp() WHERE id % 10 = 3`)
    const ahead = { ...cursor, since: cursor.since.replace(/^\d{4}/, '2900'), at: cursor.at }
    exchange.changes = { ...exchange.changes!, lagSeconds: 2_000_000_000 * 20 }
    const { apply } = await exchange.beginIncrement(ahead)
    expect((await ended(apply)).problem).toMatchObject({ code: 'connector.position_gap' })
    exchange.changes = { ...exchange.changes, lagSeconds: 2 }
  })

  test('the source side of a comparison leaves tombstones out and names what may have changed since', async () => {
    exchange.fresh('compared')
    const cursor = await copy()
    const secret = digestSecret()
    const ask = async (side: 'source' | 'target', drill: number[] | null) => {
      const node = exchange.nodes[side === 'source' ? 'provider' : 'consumer']
      const input = await exchange.reconcileInput(side, secret)
      const changes = { convention: CONVENTION, since: cursor.since, lagSeconds: 0 }
      const work = exchange.platform.work.queue(node, 'reconcile', {
        ...input,
        ...(side === 'source' ? { changes } : {}),
        drill,
      })
      return resultOf<ReconcileResult>(await ended(work))
    }
    const [left, right] = [await ask('source', null), await ask('target', null)]
    expect(left.buckets).toEqual(right.buckets)
    await run(
      source.url,
      `INSERT INTO hostile (id, name, updated_at) VALUES (200, 'since', clock_timestamp());
       UPDATE hostile SET op = 'D', updated_at = clock_timestamp() WHERE id = (SELECT min(id) FROM hostile WHERE op <> 'D' AND id > 1000)`,
    )
    const drilled = await ask(
      'source',
      Array.from({ length: 64 }, (_, i) => i),
    )
    expect(drilled.inFlight!.length).toBe(2)
    expect(drilled.inFlight).toContainEqual(['200'])
    expect(BigInt(drilled.rows)).toBe(BigInt(left.rows))
  })

  test('mapped columns: a copy and its increments arrive alike, a masked value is translated after its mask', async () => {
    exchange.fresh('mapped')
    exchange.grant = { masks: [{ item: 'item_name', mask: 'name' }] }
    const [id, name] = ['item_id', 'item_name'].map((item) => hostileColumns().find((column) => column.item === item)!)
    exchange.columns = [
      { ...id!, as: 'bh' },
      {
        ...name!,
        as: 'xm',
        type: 'text',
        codes: { of: 'text', pairs: [{ from: '映**', to: 'M' }], otherwise: 'keep' },
      },
      { ...id!, as: 'rq', type: 'date', constant: '2026-01-31' },
    ]
    exchange.key = ['bh']
    const cursor = await copy()
    await run(
      source.url,
      `UPDATE hostile SET name = '映射后', op = 'U', updated_at = clock_timestamp() WHERE id % 100 = 1;
       UPDATE hostile SET op = 'D', updated_at = clock_timestamp() WHERE id % 100 = 3`,
    )
    const { stream } = await follow(cursor)
    expect(await plainOf(stream)).not.toMatch(/映/)
    const [mapped] = await run(
      target.url,
      `SELECT count(*) FILTER (WHERE xm = 'M')::int AS translated, count(*) FILTER (WHERE rq = '2026-01-31')::int AS dated,
         count(*)::int AS all FROM mapped`,
    )
    const [there] = await run(
      source.url,
      `SELECT count(*) FILTER (WHERE name = '映射后')::int AS translated, count(*)::int AS all FROM hostile WHERE op <> 'D'`,
    )
    expect(mapped).toEqual({ ...there, dated: there!['all'] })
    expect(there!['translated']).toBeGreaterThan(5)
  })

  test('rows are marked only after they were applied; a kill in between loses and doubles nothing, and what was changed meanwhile is not marked', async () => {
    exchange.fresh('marked')
    Object.assign(exchange, { columns: hostileColumns(), key: ['id'] })
    await run(source.url, 'ALTER TABLE hostile ADD exchanged_at timestamptz')
    const { provider, platform, nodes, stream: channel } = exchange
    const columns = { mark: 'exchanged_at', batch: 'batch_no', key: ['id'] }
    exchange.changes = { ...exchange.changes!, lagSeconds: 0, mark: { channel, columns, sweep: true } }
    const order = async (stream: string, clean: MarkInput['clean'] = null) => {
      const { source: access, table } = await exchange.readInput()
      const list = { channel, stream, generation: 1 }
      const input: MarkInput = { source: access, table, convention: CONVENTION, columns, list, clean }
      return platform.work.queue(nodes.provider, 'mark', input)
    }
    const told = async (work: Work) => {
      expect((await ended(work)).problem).toBeNull()
      return resultOf<MarkResult>(work)
    }
    const marked = async () =>
      Number((await run(source.url, 'SELECT count(exchanged_at)::int AS n FROM hostile'))[0]!['n'])
    const all = Number((await run(source.url, 'SELECT count(*)::int AS n FROM hostile'))[0]!['n'])
    const cursor = await copy()
    expect(await marked()).toBe(0)

    // Between the receipt and the mark the node is killed, and its folder comes back from an older copy.
    await provider.kill()
    rmSync(join(provider.dir, 'taken'), { recursive: true })
    provider.start()
    expect(await told(await order(channel))).toMatchObject({ found: false, marked: '0' })
    const again = await follow(cursor)
    const { inserted, updated, deleted } = again.apply.changes!
    expect([inserted, updated, deleted]).toEqual(['0', '0', '0'])
    expect(Number(again.read.rows)).toBe(all)
    const { sent, received } = await rowsOfBoth(source.url, target.url, 'marked', `op <> 'D'`)
    expect(received).toBe(sent)

    // The department changes a row that was read, and holds another while the node marks; there the node is killed.
    await run(source.url, `UPDATE hostile SET name = '读后改' , updated_at = clock_timestamp() WHERE id = 1`)
    const holder = new Client({ connectionString: source.url })
    await holder.connect()
    await holder.query('BEGIN; SELECT FROM hostile ORDER BY id DESC LIMIT 1 FOR UPDATE')
    const work = await order(again.stream)
    const waiting = `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted`
    while (Number((await run(source.url, waiting))[0]!['n']) === 0) await sleep(20)
    await provider.kill()
    await holder.end()
    provider.start()
    const after = await told(work)
    expect(after).toMatchObject({ found: true, listed: String(all), inTable: { unmarked: '1' } })
    expect(await run(source.url, 'SELECT id::int FROM hostile WHERE exchanged_at IS NULL')).toEqual([{ id: 1 }])

    const last = await follow(again.apply.cursor!)
    expect(last.apply.changes).toMatchObject({ inserted: '0', updated: '1', deleted: '0' })
    await run(source.url, `UPDATE hostile SET exchanged_at = now() - interval '9 days' WHERE exchanged_at IS NOT NULL`)
    const gone = await run(source.url, `SELECT count(*)::int AS n FROM hostile WHERE op = 'D'`)
    const cleaned = await told(
      await order(last.stream, { afterDays: 8, before: last.read.changes!.cursor.at, rowsMax: 5_000 }),
    )
    expect(cleaned).toMatchObject({ marked: '1', cleaned: String(gone[0]!['n']), inTable: { unmarked: '0' } })
    const left = await rowsOfBoth(source.url, target.url, 'marked', `op <> 'D'`)
    expect(left.received).toBe(left.sent)
  })
})
