import { setTimeout as sleep } from 'node:timers/promises'
import type { ApplyResult, ChangeCursor } from '@huitong/contract/work'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LONG } from '../../../tests/harness/long.ts'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { Exchange, run } from './testing/exchange.ts'
import { hostileColumns, hostileTable, keepingConvention, rowsOfBoth } from './testing/hostile.ts'
import type { Work } from './testing/work-queue.ts'

const KILLS = LONG ? 60 : 3
const ROWS = 30_000
/** How long a victim may work before it is killed: an increment takes about a second, and some should end. */
const LIFE_MS_MAX = 1_000
const LONG_LIFE_MS_MAX = 3_000
const READING_MS_MAX = 300

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
  exchange.changes = { convention: { operation: 'op', updatedAt: 'updated_at' }, cursor: null, lagSeconds: 0 }
})

afterAll(async () => {
  await exchange?.stop()
  await Promise.all([source?.drop(), target?.drop()])
})

const isOver = (work: Work) => work.state !== 'queued' && work.state !== 'leased'

/** A third of the rows changes in three ways, one statement each. */
const change = (round: number) =>
  run(
    source.url,
    `UPDATE hostile SET name = 'round ${round}', op = 'U', updated_at = clock_timestamp() WHERE id % 4 = ${round % 4} AND op <> 'D';
     UPDATE hostile SET op = 'D', updated_at = clock_timestamp() WHERE id % 97 = ${round};
     INSERT INTO hostile (id, name, updated_at) SELECT ${round * 10_000} + n, 'new', clock_timestamp() FROM generate_series(1, 2000) n`,
  )

test(
  'kill -9 of either agent at any moment of an increment loses and doubles nothing',
  async () => {
    const { platform, provider, consumer } = exchange
    const first = await exchange.begin()
    await platform.work.ended(first.apply)
    let cursor: ChangeCursor = (first.apply.result as ApplyResult).cursor!
    let requests = 0
    platform.fault = () => {
      const turn = ++requests % 60
      return turn === 20 ? 'reset-after' : turn === 40 ? 503 : null
    }
    let round = 1
    await change(round)
    let { apply } = await exchange.beginIncrement(cursor)
    const counts = { inserted: 0, deleted: 0 }
    const take = (work: Work) => {
      expect(work.problem).toBeNull()
      const result = work.result as ApplyResult
      counts.inserted += Number(result.changes!.inserted)
      counts.deleted += Number(result.changes!.deleted)
      cursor = result.cursor!
    }
    for (let kill = 0; kill < KILLS; kill++) {
      const victims = kill % 5 === 4 ? [provider, consumer] : kill % 2 === 0 ? [consumer] : [provider]
      const since = platform.answered.get('nodes.work.poll') ?? 0
      while ((platform.answered.get('nodes.work.poll') ?? 0) === since && !isOver(apply)) await sleep(20)
      const whileReading = victims.length === 1 && victims[0] === provider
      await sleep(Math.random() * (whileReading ? READING_MS_MAX : kill % 3 === 0 ? LONG_LIFE_MS_MAX : LIFE_MS_MAX))
      await Promise.all(victims.map((victim) => victim.kill()))
      for (const victim of victims) victim.start()
      if (!isOver(apply)) continue
      take(apply)
      await change(++round)
      ;({ apply } = await exchange.beginIncrement(cursor))
    }
    await platform.work.ended(apply)
    take(apply)
    const { sent, received } = await rowsOfBoth(source.url, target.url, 'received', `op <> 'D'`)
    expect(received).toEqual(sent)
    // What each increment says it did adds up to what is there: nothing was applied twice, or uncounted.
    const [{ rows }] = (await run(target.url, 'SELECT count(*) AS rows FROM received')) as [{ rows: string }]
    expect(ROWS + counts.inserted - counts.deleted).toBe(Number(rows))
    const failures = platform.work.all.filter((work) => work.problem !== null).map((work) => work.problem!.code)
    expect(failures.filter((code) => code !== 'snapshot.lost')).toEqual([])
    for (const agent of [provider, consumer]) expect(agent.output).not.toContain('"level":"error"')
    console.info(`kills ${KILLS}, increments ${round}, lost snapshots ${failures.length}`)
  },
  LONG ? 900_000 : 150_000,
)
