import { listAlerts, listIncidents, readIncident } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { watchAlertsJob } from './watch-alerts.job.ts'

describe('watch alerts', () => {
  const START = Date.parse('2026-09-29T02:00:00Z')
  let now = START
  const platform = usePlatform({ clock: { now: () => new Date(now) }, jobs: false })
  let civil: TestNode
  let works: TestNode
  beforeAll(async () => {
    civil = await enrol(platform, platform.departments.civil, '民政前置节点')
    works = await enrol(platform, platform.departments.works, '住建前置节点')
    await heard(civil, works)
  })
  const turn = { fence: '1', signal: new AbortController().signal }
  const look = async (afterSeconds = 0) => {
    now += afterSeconds * 1000
    await watchAlertsJob.run(platform.server.services, turn)
  }
  const heard = (...nodes: TestNode[]) =>
    platform.server.services.db.tick(async (db) => {
      for (const { id } of nodes)
        await db.run(sql`insert into node_presence (node_id, boot, seen_at) values (${id}, gen_random_uuid(), ${new Date(now)})
          on conflict (node_id) do update set seen_at = excluded.seen_at`)
    })
  const alerts = async () => {
    const { items } = await (await platform.as('operator')).call(listAlerts, { query: {} })
    return items.filter((one) => one.rule === 'node_silent')
  }
  const incidents = async () => {
    const { items } = await (await platform.as('operator')).call(listIncidents, { query: {} })
    return items.filter((one) => one.rule === 'node_silent')
  }
  const factsOf = (type: string) =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select from event where type = ${type} and payload->>'rule' = 'node_silent'`),
    )

  test('a cause that lasts opens one alert, however often one looks; a short one opens none', async () => {
    await look()
    await look(70)
    expect(await alerts()).toEqual([])
    await heard(works)
    await look(29)
    expect(await alerts()).toEqual([])
    await look(1)
    await Promise.all([look(), look()])
    expect(await alerts()).toMatchObject([
      { level: 2, subjectId: civil.id, departmentName: { zh: '民政局' }, closedAt: null, incident: null },
    ])
    expect(await factsOf('alert.opened')).toHaveLength(1)
  })

  test('an alert that lasts becomes an incident with a clock, and is recorded', async () => {
    await heard(works)
    await look(61)
    const [incident] = await incidents()
    expect(incident).toMatchObject({ state: 'open', level: 2, clock: 'natural', alertsOpen: 1, version: 1 })
    expect(incident!.response).toMatchObject({ remainingMinutes: 30, allowedMinutes: 30, late: false })
    expect(incident!.number).toMatch(/^GZ20260929-\d{4}$/)
    expect((await alerts())[0]!.incident).toEqual({ id: incident!.id, number: incident!.number })
    await look()
    expect(await incidents()).toHaveLength(1)
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select from audit where action = 'job.alert_watch' and object_id = ${incident!.id}`),
    )
    expect(audits).toHaveLength(1)
  })

  test('when the cause is gone the alert closes, the incident recovers, and after a quiet time it closes by itself', async () => {
    await heard(civil, works)
    await look(5)
    expect((await alerts())[0]!.closedAt).toBe(new Date(now).toISOString())
    expect(await incidents()).toMatchObject([{ state: 'recovered', alertsOpen: 0 }])
    await look(14)
    expect(await incidents()).toMatchObject([{ state: 'recovered' }])
    await look(2)
    const [closed] = await incidents()
    expect(closed).toMatchObject({ state: 'closed', closedByItself: true })
    expect(closed!.restore).toMatchObject({ late: false, stoppedAt: new Date(now - 16_000).toISOString() })
    expect(await factsOf('incident.closed')).toHaveLength(1)
    const detail = await (await platform.as('operator')).call(readIncident, { params: { id: closed!.id } })
    expect(detail.notes.map((one) => [one.kind, one.person])).toEqual([
      ['opened', null],
      ['recovered', null],
      ['closed', null],
    ])
  })

  test('a cause that comes back in the quiet time is the same incident, and its clock runs on', async () => {
    const ledger = async () =>
      (await (await platform.as('operator')).call(listIncidents, { query: {} })).items.filter(
        (one) => one.rule === 'ledger_behind',
      )
    // No job gives this test's acts their places: the ledger is behind.
    await look(61)
    const [opened] = await ledger()
    expect(opened).toMatchObject({ state: 'open', level: 1, departmentName: { zh: '大数据中心' } })
    await catchUp()
    await look(1)
    expect((await ledger())[0]).toMatchObject({ id: opened!.id, state: 'recovered' })
    await forget()
    await look(1)
    const after = await ledger()
    expect(after).toMatchObject([{ id: opened!.id, state: 'open', alertsOpen: 1, alertsTotal: 2, recoveredAt: null }])
    expect(after[0]!.response).toMatchObject({ dueAt: opened!.response.dueAt, stoppedAt: null })
    const { notes } = await (await platform.as('operator')).call(readIncident, { params: { id: opened!.id } })
    expect(notes.map((one) => one.kind)).toEqual(['opened', 'recovered', 'alert', 'reopened'])
  })

  /** Every act gets a leaf, as the ledger's own job would give it. */
  const catchUp = () =>
    platform.server.services.db.tick((db) =>
      db.run(sql`insert into audit_leaf (leaf_index, audit_id, leaf)
        select (select count(*) from audit_leaf) + row_number() over (order by id), id, '' from audit a
        where not exists (select from audit_leaf l where l.audit_id = a.id)`),
    )
  /** An act that waits for over a minute. */
  const forget = () =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`insert into audit (at, jurisdiction, actor_kind, actor_id, actor_name, action, outcome, request_id, content, salt)
        values (${new Date(now - 61_000)}, '', 'system', 'test', 'test', 'test', 'done', '-', '{}', decode(repeat('00', 32), 'hex'))`),
    )
})
