import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError } from '@huitong/connectors'
import { CallError } from '@huitong/contract'
import { describe, expect, test } from 'vitest'
import { ahead, Slots, Turns } from './limits.ts'
import { throughRestarts, untilAnswered } from './retry.ts'

const never = new AbortController().signal

describe('slots', () => {
  test('serve in order, never more than there are, and a need above the whole gets the whole', async () => {
    const slots = new Slots(10)
    const order: string[] = []
    const first = await slots.take(7, never)
    const large = slots.take(50, never).then((free) => (order.push('large'), free))
    const small = slots.take(1, never).then((free) => (order.push('small'), free))
    await sleep(5)
    expect(order).toEqual([])
    first()
    first()
    const free = await large
    expect([order, slots.taken]).toEqual([['large'], 10])
    free()
    ;(await small)()
    expect([order, slots.taken]).toEqual([['large', 'small'], 0])
  })

  test('a waiter that is aborted leaves the queue to those behind it', async () => {
    const slots = new Slots(1)
    const free = await slots.take(1, never)
    const stop = new AbortController()
    const aborted = slots.take(1, stop.signal)
    const next = slots.take(1, never)
    stop.abort(new Error('gone'))
    await expect(aborted).rejects.toThrow('gone')
    free()
    ;(await next)()
    expect(slots.taken).toBe(0)
  })
})

test('turns: one holder per name, others beside it, and a failure does not stop the next', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const work = (name: string, ms: number) => async () => {
    seen.push(`+${name}`)
    await sleep(ms)
    seen.push(`-${name}`)
    if (name === 'a1') throw new Error('a1')
  }
  const ended = await Promise.allSettled([
    turns.run('a', never, work('a1', 20)),
    turns.run('a', never, work('a2', 1)),
    turns.run('b', never, work('b1', 5)),
  ])
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(seen).toEqual(['+a1', '+b1', '-b1', '-a1', '+a2', '-a2'])
})

describe('ahead', () => {
  async function* numbers(to: number) {
    for (let n = 1; n <= to; n++) yield n
  }

  test('keeps the order, and never starts more than the window allows', async () => {
    let open = 0
    let most = 0
    const start = async (n: number) => {
      most = Math.max(most, ++open)
      await sleep(n % 3)
      return n
    }
    const taken: number[] = []
    for await (const n of ahead(numbers(30), 3, start, () => undefined)) {
      open--
      taken.push(n)
    }
    expect(taken).toEqual(Array.from({ length: 30 }, (_one, i) => i + 1))
    expect(most).toBeLessThanOrEqual(4)
    expect(most).toBeGreaterThan(1)
  })

  test('gives back what was made ahead when the taker leaves, and tells a failure in its turn', async () => {
    const made = new Set<number>()
    const start = async (n: number) => {
      if (n === 9) throw new Error('nine')
      made.add(n)
      return n
    }
    for await (const n of ahead(numbers(30), 3, start, (left) => made.delete(left))) {
      made.delete(n)
      if (n === 5) break
    }
    await sleep(5)
    expect([...made]).toEqual([])
    const taken: number[] = []
    await expect(async () => {
      for await (const n of ahead(numbers(30), 3, start, () => undefined)) taken.push(n)
    }).rejects.toThrow('nine')
    expect(taken).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe('patience', () => {
  const body = { error: { code: 'segment.chain', message: { zh: '', en: '' }, hop: 'server', requestId: '' } } as const

  test('the platform is asked until it answers; a refusal is an answer', async () => {
    const answers = [new CallError(0, null), new CallError(503, null), new CallError(409, body)]
    await expect(untilAnswered(never, () => Promise.reject(answers.shift()!))).rejects.toMatchObject({
      code: 'segment.chain',
    })
    expect(answers).toEqual([])
  })

  test('a database is waited for so long since the last step forward, and other errors not at all', async () => {
    let calls = 0
    const lost = () => new ConnectorError('connection_lost', 'x')
    const done = await throughRestarts(
      never,
      async (progress) => {
        if (++calls < 4) {
          progress()
          await sleep(150)
          throw lost()
        }
        return calls
      },
      { patienceMs: 400 },
    )
    expect(done).toBe(4)
    const started = performance.now()
    await expect(throughRestarts(never, () => Promise.reject(lost()), { patienceMs: 300 })).rejects.toThrow('lost')
    expect(performance.now() - started).toBeGreaterThan(300)
    calls = 0
    const wrong = () => Promise.reject(new ConnectorError('access_denied', String(++calls)))
    await expect(throughRestarts(never, wrong)).rejects.toThrow('wrong')
    expect(calls).toBe(1)
  })
})
