import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { digestSecret, Exchange, run } from './testing/exchange.ts'
import { hostileColumns, hostileTable, rowsOfBoth } from './testing/hostile.ts'

let source: TestDatabase
let target: TestDatabase
let exchange: Exchange

beforeAll(async () => {
  ;[source, target] = await Promise.all([createDatabase(), createDatabase()])
  await run(source.url, hostileTable(50_000))
  exchange = await Exchange.start({
    sourceUrl: source.url,
    targetUrl: target.url,
    table: 'hostile',
    columns: hostileColumns(),
    key: ['id'],
  })
})

afterAll(async () => {
  await exchange?.stop()
  await Promise.all([source?.drop(), target?.drop()])
})

describe('a table from one department to another', () => {
  test('arrives value for value, receipted on both hops, and leaves nothing in the outbox', async () => {
    const { read, apply } = await exchange.begin()
    await exchange.platform.work.ended(read)
    await exchange.platform.work.ended(apply)
    expect(read.problem).toBeNull()
    expect(apply.problem).toBeNull()
    const held = exchange.platform.streams.held(exchange.stream)
    expect(held.length).toBeGreaterThan(1)
    expect(read.result).toEqual({
      rows: '50000',
      segments: held.length,
      finalDigest: held.at(-1)!.signed.manifest.sealedDigest,
    })
    expect(apply.result).toEqual({ generation: 1, sequence: held.length, rows: '50000' })
    for (const { receipt, applied } of held) {
      expect(receipt).not.toBeNull()
      expect(applied.get(exchange.nodes.consumer.keyId)).toBe(1)
    }
    const { sent, received } = await rowsOfBoth(source.url, target.url)
    expect(received).toEqual(sent)
    expect(exchange.platform.faults).toEqual([])
  })
})

test('both ends have equal digests', async () => {
  const secret = digestSecret()
  const { work } = exchange.platform
  const [left, right] = await Promise.all(
    (['source', 'target'] as const).map(async (side) => {
      const node = side === 'source' ? exchange.nodes.provider : exchange.nodes.consumer
      return work.ended(work.queue(node, 'reconcile', await exchange.reconcileInput(side, secret)))
    }),
  )
  const sums = (one: typeof left) => (one!.result as { buckets: unknown }).buckets
  expect(left!.problem).toBeNull()
  expect(sums(left)).toEqual(sums(right))
  expect(left!.result).toMatchObject({ rows: '50000' })
})

test('connections that are cut at either database cost time, not data', async () => {
  const { platform, nodes } = exchange
  await exchange.readAgain()
  const apply = platform.work.queue(nodes.consumer, 'apply', await exchange.applyInput())
  let cut = 0
  const cutAll = async (url: string) => {
    const [found] = await run(
      url,
      `SELECT count(pg_terminate_backend(pid))::int AS cut FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'huitong'`,
    )
    cut += Number(found!['cut'])
  }
  for (let i = 0; i < 8; i++) {
    await new Promise((resolve) => setTimeout(resolve, 150))
    await cutAll(target.url)
    if (i % 4 === 0) await cutAll(source.url)
  }
  await platform.work.ended(apply)
  expect(apply.problem).toBeNull()
  expect(cut).toBeGreaterThan(0)
  const { sent, received } = await rowsOfBoth(source.url, target.url)
  expect(received).toEqual(sent)
}, 60_000)
