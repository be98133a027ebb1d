import { randomUUID } from 'node:crypto'
import { startReconciliation } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import type { Services } from '../../../kernel/services.ts'
import { runWhole, useChannel } from '../../../../../../tests/harness/exchange.ts'
import { findOwner, type AlertRule } from '../alert-rule.ts'
import { channelBehind } from './channel-behind.ts'
import { channelFailed } from './channel-failed.ts'
import { clockApart } from './clock-apart.ts'
import { crossingHeld } from './crossing-held.ts'
import { diskFilling } from './disk-filling.ts'
import { engineDown } from './engine-down.ts'
import { eventStuck } from './event-stuck.ts'
import { ALERT_RULES, ruleOf } from './index.ts'
import { nodeSilent } from './node-silent.ts'
import { reconciliationDifferent } from './reconciliation-different.ts'
import { rowsHeld } from './rows-held.ts'
import { segmentRejected } from './segment-rejected.ts'
import { workBacklog } from './work-backlog.ts'

describe('the rules', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const find = (rule: AlertRule, bent: Partial<Services> = {}) =>
    platform.server.services.db.read(SYSTEM_ROWS, async (db) => {
      const services = { ...platform.server.services, ...bent }
      const owner = (await findOwner(db))!
      return rule.find({ db, services, now: services.clock.now(), owner })
    })
  const write = (statement: ReturnType<typeof sql>) =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) => db.run(statement))
  const settings = (over: Partial<Services['settings']>) => ({
    settings: { ...platform.server.services.settings, ...over },
  })
  afterEach(async () => {
    await write(sql`update channel set state = 'ready', problem = null where id = ${prepared.channel.id}`)
  })

  test('have each its own name, words and advice in both languages', () => {
    expect(new Set(ALERT_RULES.map((one) => one.name)).size).toBe(ALERT_RULES.length)
    for (const { words, advice } of ALERT_RULES)
      for (const one of [words, advice]) {
        expect(one.zh).toMatch(/\p{Script=Han}/u)
        expect(one.en).not.toMatch(/\p{Script=Han}/u)
      }
    expect(ruleOf('of_a_later_version').words.zh).toBe('of_a_later_version')
  })

  test('a failed task is its provider’s matter, with the words of its error', async () => {
    expect(await find(channelFailed)).toEqual([])
    const message = { zh: '无法连接到数据库', en: 'Cannot reach the database' }
    await write(sql`update channel set state = 'failed', problem = ${JSON.stringify({ code: 'source.unreachable', message })}
      where id = ${prepared.channel.id}`)
    expect(await find(channelFailed)).toMatchObject([
      { subjectId: prepared.channel.id, departmentId: platform.departments.civil, detail: message },
    ])
  })

  test('a ferried node is not silent; a file that was put aside is told at once, one that is missing after ten minutes', async () => {
    const node = prepared.ground.provider.id
    const note = (statement: ReturnType<typeof sql>) => platform.server.services.db.tick((db) => db.run(statement))
    const crossing = (code: string, since: Date) =>
      note(sql`insert into node_crossing (node_id, state, at) values (${node},
        ${JSON.stringify({ problem: { code, message: { zh: '缺第 3 号', en: 'file 3' }, since } })}, now())
        on conflict (node_id) do update set state = excluded.state`)
    await crossing('refused', new Date())
    await note(sql`update node_presence set seen_at = now() - interval '1 hour' where node_id = ${node}`)
    expect(await find(crossingHeld)).toEqual([])
    expect(await find(nodeSilent)).toMatchObject([{ subjectId: node }])
    await write(sql`update node set link = 'ferry' where id = ${node}`)
    expect(await find(nodeSilent)).toEqual([])
    expect(await find(crossingHeld)).toMatchObject([{ subjectId: node, detail: { zh: '缺第 3 号' } }])
    await crossing('missing', new Date())
    expect(await find(crossingHeld)).toEqual([])
    await crossing('missing', new Date(Date.now() - 660_000))
    expect(await find(crossingHeld)).toHaveLength(1)
    await write(sql`update node set link = 'line' where id = ${node}`)
  })

  test('work that nobody takes for ten minutes is a backlog, work that is taken is none', async () => {
    const node = prepared.ground.provider.id
    const queue = (minutes: number) =>
      write(sql`insert into node_work (id, node_id, kind, subject_kind, subject_id, input, state, created_at)
        values (${randomUUID()}, ${node}, 'discover', 'data_source', ${prepared.ground.sourceId}, '{}', 'queued',
          now() - ${minutes} * interval '1 minute')`)
    await queue(9)
    expect(await find(workBacklog)).toEqual([])
    await queue(11)
    expect(await find(workBacklog)).toMatchObject([
      { subjectId: node, detail: { en: expect.stringMatching(/^1 /) as string } },
    ])
    await write(sql`update node_work set state = 'cancelled' where state = 'queued'`)
    expect(await find(workBacklog)).toEqual([])
  })

  test('a rejected segment is seen until a new generation is in force', async () => {
    const { run } = await runWhole(prepared, prepared.channel, [['1', '甲', '33', null]])
    expect(await find(segmentRejected)).toEqual([])
    const { stream } = run.read.input
    await write(sql`update segment set state = 'rejected' where stream_id = ${stream}`)
    expect(await find(segmentRejected)).toMatchObject([{ subjectId: prepared.channel.id }])
    await write(sql`insert into stream (id, generation, channel_id, kind, created_at)
      values (${stream}, ${run.read.input.generation + 1}, ${prepared.channel.id}, 'copy', now())`)
    expect(await find(segmentRejected)).toEqual([])
  })

  test('differences are the consumer’s matter until the next reconciliation is equal', async () => {
    await write(sql`update channel set state = 'completed' where id = ${prepared.channel.id}`)
    const officer = await platform.as('works-officer')
    const { id } = await officer.call(startReconciliation, { params: { id: prepared.channel.id } })
    expect(await find(reconciliationDifferent)).toEqual([])
    const state = (to: string) =>
      write(sql`update reconciliation set state = ${to}, differences_total = 3 where id = ${id}`)
    await state('different')
    expect(await find(reconciliationDifferent)).toMatchObject([
      { departmentId: platform.departments.works, detail: { zh: '两端相差 3 行' } },
    ])
    await state('repaired')
    expect(await find(reconciliationDifferent)).toEqual([])
  })

  test('a task that follows is seen while its increments fail, and while rows are held', async () => {
    const follow = (failures: number, held: number) =>
      write(sql`update channel set state = 'following', failures = ${failures},
        held = ${JSON.stringify({ rows: String(held), listed: [] })} where id = ${prepared.channel.id}`)
    await follow(2, 0)
    expect([await find(channelBehind), await find(rowsHeld)]).toEqual([[], []])
    await follow(3, 7)
    expect(await find(channelBehind)).toMatchObject([{ departmentId: platform.departments.civil }])
    expect(await find(rowsHeld)).toMatchObject([{ detail: { zh: '7 行被搁置' } }])
    await write(sql`update channel set failures = 0, held = null where id = ${prepared.channel.id}`)
    expect([await find(channelBehind), await find(rowsHeld)]).toEqual([[], []])
  })

  test('a disk below the reserve is the matter of who operates the platform', async () => {
    const [found] = await find(diskFilling, settings({ reserveBytes: Number.MAX_SAFE_INTEGER as never }))
    expect(found).toMatchObject({ subjectKind: 'platform', departmentId: platform.departments.centre })
  })

  test('clocks that agree are silent, clocks ten seconds apart are not', async () => {
    expect(await find(clockApart)).toEqual([])
    const ahead = { clock: { now: () => new Date(Date.now() + 10_000) } }
    expect(await find(clockApart, ahead)).toMatchObject([{ detail: { en: '10 seconds apart' } }])
  })

  test('an engine that answers is silent, one that does not is seen', async () => {
    expect(await find(engineDown)).toEqual([])
    const gone = settings({ engineSocket: `${platform.dataDir}/no-such-engine` as never })
    expect(await find(engineDown, gone)).toMatchObject([{ subjectId: 'engine' }])
  })

  test('a subscriber that fails again and again is named, without the text of its error', async () => {
    await platform.server.services.db.tick((db) =>
      db.run(sql`insert into event_cursor (subscriber, failures, problem) values ('mail', 4, 'zhangsan')`),
    )
    const found = await find(eventStuck)
    expect(found).toMatchObject([{ subjectId: 'event:mail' }])
    expect(JSON.stringify(found)).not.toContain('zhangsan')
  })
})
