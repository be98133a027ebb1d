import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Orders } from './orders.ts'

const { signal } = new AbortController()
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'huitong-orders-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const order = (id: string, fence: string) => ({ id, fence, kind: 'read' as const, input: {} })
const given = async (orders: Orders, running: string[] = []) =>
  (await orders.poll(running, 0, signal)).orders.map(({ fence }) => fence)

describe('ferried orders', () => {
  test('are given until they end, also after a restart; one that has ended is not done again, a newer one is', async () => {
    const id = randomUUID()
    const orders = await Orders.open(dir)
    await orders.add(order(id, '1'))
    expect(await given(orders)).toEqual(['1'])
    // It runs; the same order once more changes nothing, one under a newer token does.
    await orders.add(order(id, '1'))
    expect(await given(orders, [id])).toEqual([])
    await orders.add(order(id, '2'))
    expect(await given(orders, [id])).toEqual(['2'])
    expect(await given(await Orders.open(dir))).toEqual(['2'])
    await orders.ended(id)
    for (const late of ['1', '2']) await orders.add(order(id, late))
    expect(await given(await Orders.open(dir))).toEqual([])
    const again = await Orders.open(dir)
    await again.add(order(id, '3'))
    expect(await given(again)).toEqual(['3'])
  })

  test('that are taken back are told once to what runs', async () => {
    const orders = await Orders.open(dir)
    const id = randomUUID()
    await orders.add(order(id, '1'))
    const waiting = orders.poll([id], 5, signal)
    await orders.poll([], 0, signal)
    await orders.revoke(id)
    expect((await waiting).revoked.concat((await orders.poll([id], 0, signal)).revoked)).toEqual([id])
    expect((await orders.poll([id], 0, signal)).revoked).toEqual([])
  })
})
