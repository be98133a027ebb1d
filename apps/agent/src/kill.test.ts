import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LONG } from '../../../tests/harness/long.ts'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { Exchange, run } from './testing/exchange.ts'
import { hostileColumns, hostileTable, rowsOfBoth } from './testing/hostile.ts'
import type { Work } from './testing/work-queue.ts'

const KILLS = LONG ? 100 : 5
const ROWS = 30_000
/** How long a victim may work before it is killed: a whole run takes about two seconds, and some should end. */
const LIFE_MS_MAX = 1_200
const LONG_LIFE_MS_MAX = 4_000

let source: TestDatabase
let target: TestDatabase
let exchange: Exchange

beforeAll(async () => {
  ;[source, target] = await Promise.all([createDatabase(), createDatabase()])
  await run(source.url, hostileTable(ROWS))
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

const isOver = (work: Work) => work.state !== 'queued' && work.state !== 'leased'

test(
  'kill -9 of either agent at any moment, and a platform that comes and goes, lose and double nothing',
  async () => {
    const { platform, provider, consumer } = exchange
    // One request in thirty breaks, half of them after the platform has done what was asked.
    let requests = 0
    platform.fault = () => {
      const turn = ++requests % 60
      return turn === 20 ? 'reset-after' : turn === 40 ? 503 : null
    }
    let { apply } = await exchange.begin()
    let runs = 1
    for (let kill = 0; kill < KILLS; kill++) {
      const victims = kill % 5 === 4 ? [provider, consumer] : kill % 2 === 0 ? [provider] : [consumer]
      const since = platform.answered.get('nodes.work.poll') ?? 0
      // The victim, or the other, has asked for work at least once in this life.
      while ((platform.answered.get('nodes.work.poll') ?? 0) === since && !isOver(apply)) await sleep(20)
      await sleep(Math.random() * (kill % 3 === 0 ? LONG_LIFE_MS_MAX : LIFE_MS_MAX))
      await Promise.all(victims.map((victim) => victim.kill()))
      if (kill % 6 === 3) {
        await platform.stop()
        await sleep(150)
        await platform.start()
      }
      for (const victim of victims) victim.start()
      // As the platform does, which begins no generation while the provider has not told that the one before is sent.
      if (!platform.work.all.every(isOver)) continue
      // That run got through: change the source and begin another.
      expect(apply.problem).toBeNull()
      await run(
        source.url,
        `UPDATE hostile SET name = 'run ${runs}' WHERE id % 3 = 0; DELETE FROM hostile WHERE id % 1000 = ${runs}`,
      )
      await exchange.readAgain()
      apply = platform.work.queue(exchange.nodes.consumer, 'apply', await exchange.applyInput())
      runs++
    }
    await platform.work.ended(apply)
    expect(apply.problem).toBeNull()
    const { sent, received } = await rowsOfBoth(source.url, target.url)
    expect(received).toEqual(sent)
    const held = platform.streams.held(exchange.stream)
    expect(held.every(({ receipt, applied }) => receipt !== null && applied.size === 1)).toBe(true)
    const failures = platform.work.all.filter((work) => work.problem !== null).map((work) => work.problem!.code)
    expect(failures.filter((code) => code !== 'snapshot.lost')).toEqual([])
    expect(platform.faults).toEqual([])
    for (const agent of [provider, consumer]) expect(agent.output).not.toContain('"level":"error"')
    console.info(`kills ${KILLS}, runs ${runs}, generations ${platform.streams.generation(exchange.stream)}`)
  },
  LONG ? 1_200_000 : 150_000,
)
