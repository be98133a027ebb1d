import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DiscoverResult, ReconcileResult } from '@huitong/contract/work'
import { Check } from 'typebox/value'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { accessTo, digestSecret, Exchange, run } from './testing/exchange.ts'
import { hostileColumns, hostileTable, rowsOfBoth } from './testing/hostile.ts'
import type { Work } from './testing/work-queue.ts'

let source: TestDatabase
let target: TestDatabase
let exchange: Exchange
let tables = 0

beforeAll(async () => {
  ;[source, target] = await Promise.all([createDatabase(), createDatabase()])
  await run(source.url, hostileTable(2_000))
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

beforeEach(() => {
  exchange.fresh(`received_${++tables}`)
  exchange.platform.fault = () => null
  exchange.platform.streams.tamper = (bytes) => bytes
  exchange.platform.streams.tamperManifest = (text) => text
})

async function ended(kind: string, input: object): Promise<Work> {
  const { platform, nodes } = exchange
  const node = kind === 'apply' ? nodes.consumer : nodes.provider
  return platform.work.ended(platform.work.queue(node, kind, input), 20_000)
}

/** The code of a read that must fail before anything is announced. */
async function refusedRead(change: object): Promise<Work['problem']> {
  const work = await ended('read', { ...(await exchange.readInput()), ...change })
  expect(work.state).toBe('failed')
  expect(exchange.platform.streams.held(exchange.stream)).toEqual([])
  return work.problem
}

async function copied(): Promise<{ read: Work; apply: Work }> {
  const { read, apply } = await exchange.begin()
  await exchange.platform.work.ended(read)
  await exchange.platform.work.ended(apply)
  return { read, apply }
}

describe('a provider reads nothing', () => {
  test.each([
    ['expired', { validUntil: '2020-02-01T00:00:00Z' }, 'grant.inactive'],
    ['not yet in force', { validFrom: '2090-02-01T00:00:00Z' }, 'grant.inactive'],
    ['without one of the columns', { items: ['item_id', 'item_name'] }, 'grant.items'],
    ['that lets out fewer rows in a day than there are', { rowsPerDayMax: 1 }, 'grant.rows_per_day'],
    [
      'with a row filter on an item that is not mapped',
      { rowFilter: { op: 'eq', field: 'item_secret', value: { type: 'text', value: 'x' } } as const },
      'grant.items',
    ],
  ])('under a grant %s', async (_what, change, code) => {
    expect(await refusedRead({ grant: exchange.signGrant(change) })).toMatchObject({ code })
  })

  test('under a grant that the platform did not sign, or that was changed since', async () => {
    const grant = exchange.signGrant()
    const changed = { ...grant, document: grant.document.replace('SQ-2026-1', 'SQ-2026-2') }
    expect(await refusedRead({ grant: changed })).toMatchObject({ code: 'grant.signature' })
    const other = { ...grant, keyId: exchange.nodes.consumer.keyId }
    expect(await refusedRead({ grant: other })).toMatchObject({ code: 'grant.signature' })
    expect(await refusedRead({ grant: { ...grant, signature: 'AAAA' } })).toMatchObject({ code: 'grant.signature' })
  })

  test('of a table that changed, and says which column', async () => {
    const before = await exchange.readInput()
    await run(source.url, 'ALTER TABLE hostile ADD COLUMN more text')
    expect(await refusedRead(before)).toMatchObject({ code: 'source.changed' })
    await run(source.url, 'ALTER TABLE hostile DROP COLUMN more; ALTER TABLE hostile ALTER name TYPE varchar(200)')
    const problem = await refusedRead(before)
    expect(problem).toMatchObject({
      code: 'source.changed',
      message: { zh: expect.stringContaining('name') as string },
    })
    await run(source.url, 'ALTER TABLE hostile ALTER name TYPE varchar(128)')
    expect(await refusedRead({ ...before, table: { schema: 'public', name: 'gone' } })).toMatchObject({
      code: 'source.changed',
    })
  })

  test('of a database that does not let it in, and tells no password', async () => {
    const access = await accessTo({ ...exchange.source, password: 'Geheim-47-wrong' }, exchange.nodes.provider)
    expect(await refusedRead({ source: access })).toMatchObject({ code: 'source.unreachable' })
    const foreign = await accessTo(exchange.source, exchange.nodes.consumer)
    expect(await refusedRead({ source: foreign })).toMatchObject({ code: 'secrets.unreadable' })
    expect(await refusedRead({ source: { ...access, kind: 'oracle' } })).toMatchObject({ code: 'connector.unknown' })
    const missing = { ...access, secrets: null }
    expect(await refusedRead({ source: missing })).toMatchObject({ code: 'source.settings' })
    for (const secret of ['Geheim-47', exchange.source.password]) {
      expect(exchange.provider.output).not.toContain(secret)
      expect(JSON.stringify(exchange.platform.work.all.map(({ problem }) => problem))).not.toContain(secret)
    }
  })

  test('for malformed work, and names the place', async () => {
    const input = await exchange.readInput()
    expect((await ended('read', { ...input, generation: 0 })).problem).toMatchObject({
      code: 'request.invalid',
      detail: expect.stringContaining('/generation') as string,
    })
    expect((await ended('read', 'nonsense' as never)).problem).toMatchObject({ code: 'request.invalid' })
    expect((await ended('read', { ...input, extra: 1 })).problem).toMatchObject({ code: 'request.invalid' })
  })
})

describe('a consumer loads nothing', () => {
  const visible = () => run(target.url, `SELECT count(*)::int AS rows FROM ${exchange.received}`)

  test('of bytes that are not the signed ones', async () => {
    exchange.platform.streams.tamper = (bytes) => {
      const changed = Buffer.from(bytes)
      changed[changed.length >> 1]! ^= 1
      return changed
    }
    const { apply } = await copied()
    expect(apply.problem).toMatchObject({ code: 'segment.digest' })
    expect(await visible()).toEqual([{ rows: 0 }])
  })

  test('of a manifest that was changed, or is signed by a stranger', async () => {
    exchange.platform.streams.tamperManifest = (text) => text.replace('"final":true', '"final":false')
    expect((await copied()).apply.problem).toMatchObject({ code: 'segment.signature' })
    exchange.platform.streams.tamperManifest = (text) => text
    const { consumer } = exchange.nodes
    const sealers = [{ keyId: consumer.keyId, publicKey: consumer.signingKey }]
    const work = await ended('apply', { ...(await exchange.applyInput()), sealers })
    expect(work.problem).toMatchObject({ code: 'segment.signature' })
    expect(await visible()).toEqual([{ rows: 0 }])
  })

  test('of a stream that is another one, or has other columns', async () => {
    await copied()
    const listing = exchange.platform.streams.held(exchange.stream)[0]!
    const text = Buffer.from(listing.signed.bytes).toString('utf8')
    exchange.fresh(`received_${++tables}`)
    exchange.platform.streams.tamperManifest = () => text
    expect((await copied()).apply.problem).toMatchObject({ code: 'segment.content' })
    expect(await visible()).toEqual([{ rows: 0 }])
  })
})

describe('work that comes again', () => {
  test('applying twice is the same as once', async () => {
    const { apply } = await copied()
    const again = await ended('apply', await exchange.applyInput())
    expect(again).toMatchObject({ problem: null, result: apply.result as object })
    const { sent, received } = await rowsOfBoth(source.url, target.url, exchange.received)
    expect(received).toEqual(sent)
  })

  test('reading a generation that was taken already is answered by a newer one, never by a fork', async () => {
    const { read } = await copied()
    const again = await ended('read', read.input as object)
    expect(again.problem).toMatchObject({ code: 'snapshot.lost' })
  })

  test('what a crash of the platform spoilt on its side is sent once more', async () => {
    exchange.platform.streams.spoilt.add(exchange.stream)
    const { read, apply } = await copied()
    expect(exchange.platform.streams.spoilt.size).toBe(0)
    expect([read.problem, apply.problem]).toEqual([null, null])
    expect(read.result).toMatchObject({ rows: (apply.result as { rows: string }).rows })
  })

  test('a generation sealed to the end survives kill -9 and needs no second reading', async () => {
    const { platform, provider, nodes } = exchange
    platform.fault = ({ path }) => (path === '/api/v1/node/segments' ? 503 : null)
    provider.log.length = 0
    const work = platform.work.queue(nodes.provider, 'read', await exchange.readInput())
    await provider.logged('read.sealed', work.id)
    await provider.kill()
    platform.fault = () => null
    provider.start()
    await platform.work.ended(work)
    expect(work).toMatchObject({ problem: null, result: { rows: '2000' } })
    expect(platform.streams.held(exchange.stream).every(({ receipt }) => receipt !== null)).toBe(true)
  })

  test('taken back in the middle, it is dropped and its outbox is empty', async () => {
    const { platform, provider, nodes } = exchange
    platform.fault = ({ path }) => (path === '/api/v1/node/segments' ? 503 : null)
    provider.log.length = 0
    const work = platform.work.queue(nodes.provider, 'read', await exchange.readInput())
    await provider.logged('read.sealed', work.id)
    platform.work.cancel(work)
    await provider.logged('work.dropped', work.id)
    expect(readdirSync(join(provider.dir, 'outbox', exchange.stream, '1'))).toEqual(['state.json'])
  })
})

describe('the cut of a grant', () => {
  test('masks and rows are cut in the source, and both ends agree on what was sent', async () => {
    exchange.grant = {
      masks: [{ item: 'item_order', mask: 'last4' }],
      rowFilter: { op: 'eq', field: 'item_flag', value: { type: 'boolean', value: 'true' } },
    }
    const { read, apply } = await copied()
    const [wanted] = await run(
      source.url,
      `SELECT count(*) AS rows, sum(length("order")) AS length, min(right("order", 4)) AS tail FROM hostile WHERE flag`,
    )
    const [found] = await run(
      target.url,
      `SELECT count(*) AS rows, sum(length("排序")) AS length, min(right("排序", 4)) AS tail,
         bool_and("排序" ~ '^[*]+.{4}$') AS masked FROM ${exchange.received}`,
    )
    expect(read.result).toMatchObject({ rows: wanted!['rows'] })
    expect(apply.result).toMatchObject({ rows: wanted!['rows'] })
    expect(found).toEqual({ ...wanted, masked: true })
    const [left, right] = await sides(digestSecret())
    expect(left!.buckets).toEqual(right!.buckets)
  })
})

/** Both sides of a reconciliation, checked against the contract. */
async function sides(secret: Buffer, change: object = {}): Promise<ReconcileResult[]> {
  const { platform, nodes } = exchange
  return Promise.all(
    (['source', 'target'] as const).map(async (side) => {
      const input = { ...(await exchange.reconcileInput(side, secret)), ...change }
      const node = side === 'source' ? nodes.provider : nodes.consumer
      const work = await platform.work.ended(platform.work.queue(node, 'reconcile', input))
      expect(work.problem).toBeNull()
      expect(Check(ReconcileResult, work.result)).toBe(true)
      return work.result as ReconcileResult
    }),
  )
}

test('a difference is found down to its rows, repaired on its own stream, and gone', async () => {
  await copied()
  const { platform, nodes, received } = exchange
  await run(
    target.url,
    `UPDATE ${received} SET name = 'changed' WHERE id % 500 = 0; DELETE FROM ${received} WHERE id % 700 = 1;
     INSERT INTO ${received} (id, name) VALUES (-5, 'extra')`,
  )
  const secret = digestSecret()
  const [left, right] = await sides(secret)
  const bad = left!.buckets.filter(
    ({ bucket, sum }) => right!.buckets.find((one) => one.bucket === bucket)?.sum !== sum,
  )
  const extra = right!.buckets.filter(({ bucket }) => !left!.buckets.some((one) => one.bucket === bucket))
  const drill = [...bad, ...extra].map(({ bucket }) => bucket)
  const [here, there] = await sides(secret, { drill })
  const digests = (side: ReconcileResult) => new Map(side.rowDigests.map(({ key, digest }) => [key[0]!, digest]))
  const [wanted, found] = [digests(here!), digests(there!)]
  const keys = [...wanted].filter(([key, digest]) => found.get(key) !== digest).map(([key]) => [key])
  const deleteKeys = [...found.keys()].filter((key) => !wanted.has(key)).map((key) => [key])
  expect(deleteKeys).toEqual([['-5']])
  expect(keys.length).toBeGreaterThan(5)

  const channel = exchange.stream
  exchange.fresh(received)
  const read = platform.work.queue(nodes.provider, 'repair', {
    ...(await exchange.readInput()),
    payload: 'changes',
    keys,
  })
  const apply = platform.work.queue(nodes.consumer, 'repair', {
    ...(await exchange.applyInput()),
    payload: 'changes',
    deleteKeys,
  })
  await platform.work.ended(read)
  await platform.work.ended(apply)
  expect(read).toMatchObject({ problem: null, result: { rows: String(keys.length) } })
  expect(apply).toMatchObject({ problem: null, result: { rows: '2000' } })
  const { sent, received: after } = await rowsOfBoth(source.url, target.url, received)
  expect(after).toEqual(sent)
  const [position] = await run(target.url, `SELECT channel FROM huitong_position WHERE table_name = '${received}'`)
  expect(position).toEqual({ channel })
})

test('a repair that only deletes sends an empty segment and deletes', async () => {
  await copied()
  const { platform, nodes, received } = exchange
  await run(target.url, `INSERT INTO ${received} (id) VALUES (-7), (-8)`)
  exchange.fresh(received)
  const change = { payload: 'changes' }
  const read = platform.work.queue(nodes.provider, 'read', { ...(await exchange.readInput()), ...change, keys: [] })
  const deleteKeys = [['-7'], ['-8'], ['-9']]
  const apply = platform.work.queue(nodes.consumer, 'apply', {
    ...(await exchange.applyInput()),
    ...change,
    deleteKeys,
  })
  await platform.work.ended(read)
  await platform.work.ended(apply)
  expect(read).toMatchObject({ problem: null, result: { rows: '0', segments: 1 } })
  expect(apply).toMatchObject({ problem: null, result: { rows: '2000' } })
})

test('discovery finds tables, fields and keys, and the hash that reading checks', async () => {
  await run(source.url, `COMMENT ON TABLE hostile IS E'怪\\x01表'`)
  const input = { source: await accessTo(exchange.source, exchange.nodes.provider) }
  const work = await ended('discover', input)
  expect(work.problem).toBeNull()
  expect(Check(DiscoverResult, work.result)).toBe(true)
  const { tables } = work.result as DiscoverResult
  const hostile = tables.find(({ name }) => name === 'hostile')!
  expect(hostile).toMatchObject({ schema: 'public', key: ['id'], comment: '怪 表' })
  expect(hostile.schemaHash).toBe((await exchange.readInput()).schemaHash)
  expect(hostile.fields.find(({ name }) => name === 'address')).toMatchObject({ type: 'inet', canonicalType: 'text' })
})

test('an empty table arrives as an empty table', async () => {
  exchange.grant = { rowFilter: { op: 'false' } }
  const { read, apply } = await copied()
  expect(read.result).toMatchObject({ rows: '0', segments: 1 })
  expect(apply.result).toMatchObject({ rows: '0', sequence: 1 })
})

test('keys are for their owner only, and the end of the agent is quick and clean', async () => {
  const { consumer } = exchange
  expect(statSync(join(consumer.dir, 'keys.json')).mode & 0o777).toBe(0o600)
  const secret = (
    JSON.parse(readFileSync(join(consumer.dir, 'keys.json'), 'utf8')) as Record<string, { privateKey: string }>
  )['signing']!.privateKey
  expect(consumer.output).not.toContain(secret)
  const started = Date.now()
  expect(await consumer.stop()).toBe(0)
  expect(Date.now() - started).toBeLessThan(5_000)
  consumer.start()
  await sleep(10)
})
