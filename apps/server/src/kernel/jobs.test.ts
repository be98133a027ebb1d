import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { job, startJobs, type Turn } from './jobs.ts'

describe('jobs', () => {
  const platform = usePlatform({ jobs: false })
  const lease = (name: string) =>
    platform.server.services.db.tick((db) =>
      db.maybe<{ fence: string; holder: string; live: boolean }>(
        sql`select fence, holder, until > now() as live from lease where name = ${name}`,
      ),
    )
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  test('of two holders one runs at a time; when it stops the other takes over with a larger fence', async () => {
    const { services } = platform.server
    const turns: { holder: string; fence: bigint }[] = []
    let inside = 0
    const of = (holder: string) =>
      job({
        name: 'one-at-a-time',
        everyMs: 30,
        async run(_services, turn) {
          expect(++inside).toBe(1)
          turns.push({ holder, fence: BigInt(turn.fence) })
          await sleep(20)
          inside--
          return false
        },
      })
    const first = startJobs(services, [of('a')])
    await expect.poll(() => turns.length).toBeGreaterThan(0)
    const second = startJobs(services, [of('b')])
    await sleep(300)
    expect(turns.every((one) => one.holder === 'a')).toBe(true)
    await first.stop()
    await expect.poll(() => turns.some((one) => one.holder === 'b'), { timeout: 3_000 }).toBe(true)
    await second.stop()
    const last = (holder: string) => turns.findLast((one) => one.holder === holder)!.fence
    expect(last('b')).toBeGreaterThan(last('a'))
    expect((await lease('one-at-a-time'))?.live).toBe(false)
  })

  test('a job that rests is not run again before, however often it is woken; what woke it meanwhile is not lost', async () => {
    const { services } = platform.server
    const wake = () => services.db.tick((db) => db.many(sql`select pg_notify('huitong_wake', 'job:resting')`))
    const turns: number[] = []
    const running = startJobs(services, [
      job({ name: 'resting', everyMs: 60_000, restMs: 300, run: async () => (turns.push(performance.now()), false) }),
    ])
    await expect.poll(() => turns.length).toBe(1)
    for (let at = 0; at < 10; at++) await wake()
    await expect.poll(() => turns.length).toBe(2)
    expect(turns[1]! - turns[0]!).toBeGreaterThan(290)
    await sleep(400)
    expect(turns).toHaveLength(2)
    await running.stop()
  })

  test('a holder that died without a word is waited out, then fenced off', async () => {
    const { services } = platform.server
    const begun = performance.now()
    await services.db.tick((db) =>
      db.run(
        sql`insert into lease (name, holder, fence, until) values ('orphan', gen_random_uuid(), 41, now() + interval '500 milliseconds')`,
      ),
    )
    const fences: string[] = []
    const running = startJobs(services, [
      job({ name: 'orphan', everyMs: 50, run: async (_services, turn) => (fences.push(turn.fence), false) }),
    ])
    await expect.poll(() => fences[0], { timeout: 3_000 }).toBe('42')
    expect(performance.now() - begun).toBeGreaterThan(450)
    await running.stop()
  })

  test('a long turn keeps its lease; one that lost it is told to end', async () => {
    const { services } = platform.server
    let turn: Turn | null = null
    let ended: string | null = null
    const running = startJobs(services, [
      job({
        name: 'long-turn',
        everyMs: 60_000,
        async run(_services, given) {
          turn = given
          await new Promise<void>((resolve) => given.signal.addEventListener('abort', () => resolve(), { once: true }))
          ended = given.fence
          return false
        },
      }),
    ])
    await expect.poll(() => turn).not.toBeNull()
    await sleep(1_300)
    expect((await lease('long-turn'))?.live).toBe(true)
    expect(ended).toBeNull()
    await services.db.tick((db) =>
      db.run(
        sql`update lease set holder = gen_random_uuid(), fence = fence + 1, until = now() + interval '1 minute' where name = 'long-turn'`,
      ),
    )
    await expect.poll(() => ended, { timeout: 4_000 }).not.toBeNull()
    await running.stop()
  })

  test('a failing job is tried again with growing pauses, however seldom it looks, and the others go on', async () => {
    const { services } = platform.server
    const times: number[] = []
    let others = 0
    const running = startJobs(services, [
      job({
        name: 'failing',
        everyMs: 60_000,
        async run() {
          times.push(performance.now())
          throw new Error('not yet')
        },
      }),
      job({ name: 'well', everyMs: 20, run: async () => (others++, false) }),
    ])
    await expect.poll(() => times.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(3)
    expect(others).toBeGreaterThan(5)
    await running.stop()
    expect(times[2]! - times[1]!).toBeGreaterThan((times[1]! - times[0]!) * 1.3)
  })

  test('a job with more to do comes back at once, and looks sooner when its topic is woken', async () => {
    const { services } = platform.server
    let left = 50
    let woken = 0
    const running = startJobs(services, [
      job({ name: 'more', everyMs: 60_000, run: async () => --left > 0 }),
      job({ name: 'woken', everyMs: 60_000, topics: ['test:woken'], run: async () => (woken++, false) }),
    ])
    await expect.poll(() => left, { timeout: 5_000 }).toBeLessThanOrEqual(0)
    await expect.poll(() => woken).toBe(1)
    await services.db.tick((db) => db.many(sql`select pg_notify('huitong_wake', 'test:woken')`))
    await expect.poll(() => woken, { timeout: 3_000 }).toBe(2)
    await running.stop()
  })
})
