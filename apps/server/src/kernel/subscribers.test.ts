import { sql } from 'kysely'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliverAll } from '../../../../tests/harness/deliver.ts'
import { othersCommitted } from '../../../../tests/harness/quiet.ts'
import { usePlatform } from '../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from './db.ts'
import { startJobs } from './jobs.ts'
import { deliverNext, jobOf, subscriber } from './subscribers.ts'

describe('facts between modules', () => {
  const platform = usePlatform({ jobs: false })
  let names = 0
  let name = ''
  let first: Client
  let second: Client
  beforeEach(async () => {
    name = `reader_${++names}`
    ;[first, second] = [new Client(platform.url), new Client(platform.url)]
    await Promise.all([first.connect(), second.connect()])
  })
  afterEach(() => Promise.all([first.end(), second.end()]))

  const add = (client: Client, nodeId: string) =>
    client.query(`insert into event (at, type, payload) values (now(), 'node.enrolled', $1)`, [
      JSON.stringify({ nodeId }),
    ])
  const reader = (seen: string[], fails: (nodeId: string) => boolean = () => false) =>
    subscriber<'node.enrolled'>({
      name,
      on: ['node.enrolled'],
      async handle({ db }, { payload }) {
        await db.run(sql`insert into setting (name, value) values (${`${name}/${payload.nodeId}`}, '1')
          on conflict (name) do update set version = setting.version + 1`)
        if (fails(payload.nodeId)) throw new Error(`cannot handle ${payload.nodeId}`)
        seen.push(payload.nodeId)
        return null
      },
    })
  /** What is new since the test began. */
  const drain = (one: ReturnType<typeof reader>) => deliverAll(platform, one)
  const skipOld = async () => {
    const seen: string[] = []
    await drain(reader(seen))
  }
  const cursor = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<{ failures: number; problem: string | null }>(
        sql`select failures, problem from event_cursor where subscriber = ${name}`,
      ),
    )

  test('a fact of a transaction that is still open is waited for, and so is everything after it', async () => {
    await skipOld()
    const seen: string[] = []
    await first.query('begin')
    await add(first, 'early')
    await add(second, 'late')
    await drain(reader(seen))
    expect(seen).toEqual([])
    await first.query('commit')
    await drain(reader(seen))
    expect(seen).toEqual(['early', 'late'])
  })

  test('transactions come in the order of their numbers, not of the digits of these', async () => {
    const seen: string[] = []
    for (const [xid, nodeId] of [
      ['100', 'of 100'],
      ['99', 'of 99'],
    ])
      await first.query(`insert into event (xid, at, type, payload) values ($1, now(), 'node.enrolled', $2)`, [
        xid,
        JSON.stringify({ nodeId }),
      ])
    await drain(reader(seen))
    expect(seen.slice(0, 2)).toEqual(['of 99', 'of 100'])
  })

  test('commits out of order lose nothing: the later number may commit first', async () => {
    await skipOld()
    const seen: string[] = []
    await first.query('begin')
    await first.query('select pg_current_xact_id()')
    await second.query('begin')
    await add(second, 'second transaction, smaller number')
    await add(first, 'first transaction, larger number')
    await second.query('commit')
    await drain(reader(seen))
    expect(seen).toEqual([])
    await first.query('commit')
    await drain(reader(seen))
    expect(seen.sort()).toEqual(['first transaction, larger number', 'second transaction, smaller number'])
  })

  test('a long transaction that rolls back only delays the others', async () => {
    await skipOld()
    const seen: string[] = []
    await first.query('begin')
    await add(first, 'never')
    await add(second, 'kept')
    await first.query('rollback')
    await drain(reader(seen))
    expect(seen).toEqual(['kept'])
  })

  test('each fact takes effect once, however many readers ask at the same time', async () => {
    await skipOld()
    for (let n = 0; n < 20; n++) await add(first, `n${n}`)
    const seen: string[] = []
    await Promise.all([1, 2, 3, 4].map(() => drain(reader(seen))))
    const versions = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ version: number }>(sql`select version from setting where name like ${`${name}/n%`}`),
    )
    expect(versions.map((one) => one.version)).toEqual(Array.from({ length: 20 }, () => 1))
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => `n${n}`))
  })

  test('replay: a reader that died before its commit gets the fact again, with nothing left of the first time', async () => {
    await skipOld()
    await add(first, 'twice')
    const seen: string[] = []
    let died = false
    const dying = reader(seen, () => !died && (died = true))
    await othersCommitted(platform.url)
    await expect(deliverNext(platform.server.services, dying)).rejects.toThrow('cannot handle twice')
    const left = () =>
      platform.server.services.db.read(SYSTEM_ROWS, (db) =>
        db.many(sql`select 1 from setting where name = ${`${name}/twice`}`),
      )
    expect(await left()).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 150))
    await drain(dying)
    expect(seen).toEqual(['twice'])
    expect(await left()).toHaveLength(1)
  })

  test('a fact behind an open transaction is taken soon after that one ends, though nothing wakes its reader', async () => {
    await skipOld()
    const taken: number[] = []
    const one = subscriber<'node.enrolled'>({
      name,
      on: ['node.enrolled'],
      handle: async () => (taken.push(performance.now()), null),
    })
    expect(jobOf(one).topics).toEqual(['event:node.enrolled'])
    const running = startJobs(platform.server.services, [jobOf(one)])
    try {
      await first.query('begin')
      await first.query('select pg_current_xact_id()')
      await add(second, 'waits')
      await second.query(`select pg_notify('huitong_wake', 'event:node.enrolled')`)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      expect(taken).toEqual([])
      const ended = performance.now()
      await first.query('rollback')
      await expect.poll(() => taken.length, { timeout: 5_000, interval: 5 }).toBe(1)
      // Looking again by itself would take up to a second; other tests' transactions may hold it up as well.
      await othersCommitted(platform.url)
      expect(taken[0]! - ended).toBeLessThan(700)
    } finally {
      await running.stop()
    }
  })

  test('a fact that always fails is counted and named, also the very first one of a new reader, and nothing passes it', async () => {
    const poisoned = reader([], () => true)
    await add(first, 'poison')
    await othersCommitted(platform.url)
    await expect(deliverNext(platform.server.services, poisoned)).rejects.toThrow()
    expect(await cursor()).toMatchObject({ failures: 1, problem: expect.stringContaining('cannot handle') })
    expect(await deliverNext(platform.server.services, poisoned)).toBe(false)
    await new Promise((resolve) => setTimeout(resolve, 150))
    await expect(deliverNext(platform.server.services, poisoned)).rejects.toThrow()
    expect(await cursor()).toMatchObject({ failures: 2 })
  })

  test('a poisoned reader does not hold up another one; mended, it goes on where it stood', async () => {
    await skipOld()
    const poisonedName = name
    let mended = false
    const seen: string[] = []
    const poisoned = reader(seen, () => !mended)
    name = `reader_${++names}`
    await skipOld()
    const otherSeen: string[] = []
    const other = reader(otherSeen)
    name = poisonedName
    const running = startJobs(platform.server.services, [jobOf(poisoned), jobOf(other)])
    await add(first, 'x')
    await second.query(`select pg_notify('huitong_wake', 'event:node.enrolled')`)
    await expect.poll(() => otherSeen, { timeout: 5_000 }).toEqual(['x'])
    expect(seen).toEqual([])
    mended = true
    await expect.poll(() => seen, { timeout: 8_000 }).toEqual(['x'])
    await running.stop()
    expect(await cursor()).toMatchObject({ failures: 0, problem: null })
  })
})
