import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes, randomUUID } from 'node:crypto'
import { generateKeyPair, type SealedSegment, sealRows } from '@huitong/segment'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Outbox } from './outbox.ts'

const never = new AbortController().signal
const signing = generateKeyPair('ed25519')
const sealing = generateKeyPair('x25519')
const stream = randomUUID()
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'huitong-outbox-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Segments of random text, each of about `kib` KiB sealed. */
async function segments(count: number, kib: number, generation = 1): Promise<SealedSegment[]> {
  async function* rows() {
    for (let i = 0; i < count; i++) {
      yield { data: Buffer.from(`${randomBytes(kib * 768).toString('base64')}\n`), rows: 1 }
    }
  }
  const options = {
    channel: stream,
    generation,
    columns: [{ name: 'a', type: 'text' }],
    source: { from: null, to: null, snapshot: null },
    recipients: [sealing.publicKey],
    signingKey: signing.privateKey,
    now: () => new Date(),
    segmentBytesMax: 1,
  }
  const sealed: SealedSegment[] = []
  for await (const segment of sealRows(rows(), options)) sealed.push(segment)
  return sealed
}

const result = (count: number) => ({ rows: String(count), segments: count, finalDigest: '0'.repeat(64) })
const open = (bytesMax = 1 << 20) => Outbox.open(dir, bytesMax, signing.publicKey)

test('a generation that was not sealed to the end is broken after a restart, and its bytes are gone', async () => {
  const outbox = await open()
  const [first] = await segments(2, 4)
  await (await outbox.begin(stream, 1)).append(first!, never)
  expect(outbox.bytes).toBeGreaterThan(3000)
  const again = await open()
  expect(await again.state(stream, 1)).toEqual({ state: 'broken' })
  expect(again.bytes).toBe(0)
  expect(readdirSync(join(dir, stream, '1'))).toEqual(['state.json'])
  expect(await again.state(stream, 2)).toEqual({ state: 'new' })
})

test('a complete generation goes on where its receipts left it, and torn files do not count', async () => {
  const outbox = await open()
  const sealed = await segments(3, 4)
  const box = await outbox.begin(stream, 1)
  for (const [i, segment] of sealed.entries()) await box.append(segment, never, i === 2 ? result(3) : null)
  expect((await box.next(never))!.sequence).toBe(1)
  await box.prune(1)
  writeFileSync(join(dir, stream, '1', '9.seg'), 'torn')
  writeFileSync(join(dir, stream, '1', '9.json.half'), 'torn')
  const again = await open()
  expect(again.bytes).toBe(sealed[1]!.sealed.length + sealed[2]!.sealed.length)
  const state = await again.state(stream, 1)
  expect(state).toEqual({ state: 'complete', result: result(3) })
  const resumed = await again.resume(stream, 1, result(3))
  const given: number[] = []
  for (let one = await resumed.next(never); one !== null; one = await resumed.next(never)) {
    given.push(one.sequence)
    expect(Buffer.from(one.signed.bytes)).toEqual(Buffer.from(sealed[one.sequence - 1]!.signed.bytes))
    await resumed.prune(one.sequence)
  }
  expect(given).toEqual([2, 3])
  expect(again.bytes).toBe(0)
  await again.remove(stream, 1)
  expect(await again.state(stream, 1)).toEqual({ state: 'new' })
})

test('a newer generation removes what the older left', async () => {
  const outbox = await open()
  await (await outbox.begin(stream, 1)).append((await segments(1, 4))[0]!, never, result(1))
  await outbox.begin(stream, 2)
  expect([outbox.bytes, await outbox.newest(stream)]).toEqual([0, 2])
  expect(await outbox.state(stream, 1)).toEqual({ state: 'new' })
})

test('sealing waits while the outbox is full, and goes on as receipts make room', async () => {
  const outbox = await open(15_000)
  const sealed = await segments(4, 8)
  const box = await outbox.begin(stream, 1)
  let appended = 0
  const writing = (async () => {
    for (const segment of sealed) {
      await box.append(segment, never)
      appended++
    }
  })()
  await sleep(150)
  expect(appended).toBe(2)
  expect(outbox.bytes).toBeLessThanOrEqual(15_000)
  for (let i = 0; i < 4; i++) {
    const waiting = await box.next(never)
    await box.prune(waiting!.sequence)
  }
  await writing
  expect([appended, outbox.bytes]).toEqual([4, 0])
})

test('a taker that waits is freed by its signal', async () => {
  const box = await (await open()).begin(stream, 1)
  const stop = new AbortController()
  const waiting = box.next(stop.signal)
  stop.abort(new Error('left'))
  await expect(waiting).rejects.toThrow('left')
})
