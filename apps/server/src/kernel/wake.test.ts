import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { eventually } from '../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from './db.ts'
import { notify } from './wake.ts'

describe('wake-ups', () => {
  const platform = usePlatform({ jobs: false })
  const topic = 'topic:test'
  const timed = async (work: Promise<void>) => {
    const begun = performance.now()
    await work
    return performance.now() - begun
  }

  test('a waiter is woken when the transaction commits, not before and not when it rolls back', async () => {
    const { db, wake } = platform.server.services
    const slow = timed(wake.wait(topic, 600))
    await db
      .write(SYSTEM_ROWS, async (tx) => {
        await notify(tx, topic)
        throw new Error('rolled back')
      })
      .catch(() => undefined)
    expect(await slow).toBeGreaterThan(550)
    const quick = timed(wake.wait(topic, 5_000))
    await db.write(SYSTEM_ROWS, (tx) => notify(tx, topic))
    expect(await quick).toBeLessThan(2_000)
  })

  test('a wait ends by itself, also one of a fraction of a millisecond, and when it is called off', async () => {
    const { wake } = platform.server.services
    expect(await timed(wake.wait(topic, 999.5 - 900))).toBeLessThan(1_000)
    const off = new AbortController()
    const waiting = timed(wake.wait(topic, 5_000, off.signal))
    off.abort()
    expect(await waiting).toBeLessThan(1_000)
  })

  test('a broken connection comes back by itself', async () => {
    const { db, wake } = platform.server.services
    await db.tick((tx) =>
      tx.many(sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'listen %' and usename = current_user`),
    )
    const woken = await eventually(
      async () => {
        const waiting = timed(wake.wait(topic, 400))
        await db.write(SYSTEM_ROWS, (tx) => notify(tx, topic))
        return waiting
      },
      (took) => took < 300,
    )
    expect(woken).toBeLessThan(300)
  })
})
