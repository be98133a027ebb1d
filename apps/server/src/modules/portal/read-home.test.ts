import { createDataset, submitDataset } from '@huitong/contract/catalogue'
import { acknowledgeIncident, closeIncident, readIncident } from '@huitong/contract/operations'
import { readHome } from '@huitong/contract/portal'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import {
  agreeUpTo,
  askFor,
  publishDataset,
  requestFor,
  signedDataset,
  VILLAGES,
  villages,
} from '../catalogue/testing/content.ts'
import { plantIncident } from '../operations/testing/incidents.ts'
import { enter, hire } from '../identity/testing/people.ts'

describe('home', () => {
  const clock = { at: new Date('2026-09-29T02:00:00Z'), now: () => clock.at }
  const platform = usePlatform({ clock })
  const home = async (account: Account) => (await platform.as(account)).call(readHome)
  const kinds = async (account: Account) => (await home(account)).todo.map((one) => one.kind)

  test('200: an empty day', async () => {
    expect(await home('civil-officer')).toEqual({
      todo: [],
      counts: { datasets: 0, items: 0, requestsRunning: 0, channelsRunning: 0, overdue: 0 },
      demo: null,
    })
  })

  test('200: an entry wanders from the officer’s to the head’s to the authority’s list, there with its deadline', async () => {
    const officer = await platform.as('civil-officer')
    const { id, version } = await officer.call(createDataset, { body: villages('流转') })
    expect(await home('civil-officer')).toMatchObject({
      todo: [{ kind: 'dataset_submit', title: '流转', link: `/datasets/${id}`, deadline: null }],
    })
    await officer.call(submitDataset, { params: { id } }, { match: version })
    expect([await kinds('civil-officer'), await kinds('civil-head')]).toEqual([[], ['dataset_sign']])
    expect(await kinds('works-head')).toEqual([])
    await signedDataset(platform, villages('已签'))
    expect(await home('authority')).toMatchObject({
      todo: [{ kind: 'dataset_review', title: '已签', deadline: { rule: 'D2', dueAt: '2026-10-08T16:00:00.000Z' } }],
    })
  })

  test('200: who submitted an entry is not asked to sign it', async () => {
    await hire(platform, 'civil-both', platform.departments.civil, ['data_officer', 'department_head'])
    const both = await enter(platform, 'civil-both')
    const before = (await both.call(readHome)).todo.length
    const { id, version } = await both.call(createDataset, { body: villages('自编') })
    await both.call(submitDataset, { params: { id } }, { match: version })
    expect((await both.call(readHome)).todo).toHaveLength(before)
    expect((await home('civil-head')).todo.map((one) => one.title)).toContain('自编')
  })

  test('200: the nearest deadline stands first', async () => {
    const { id } = await publishDataset(platform, VILLAGES)
    const items = VILLAGES.items!.slice(0, 2).map((item) => ({ ...item, shareAttribute: 'unconditional' as const }))
    const free = await publishDataset(platform, villages('无条件', { shareAttribute: 'unconditional', items }))
    await agreeUpTo(platform, await askFor(platform, requestFor(id)), 'provider_answer')
    await agreeUpTo(platform, await askFor(platform, requestFor(free.id, { items: ['code'] })), 'provider_answer')
    const { todo, counts } = await home('civil-officer')
    expect(todo.map((one) => one.deadline?.rule)).toEqual(['D3', 'D4'])
    expect(counts).toEqual({ datasets: 2, items: 7, requestsRunning: 2, channelsRunning: 0, overdue: 0 })
  })

  test('200: a duty is not hidden by fifty drafts of others', async () => {
    const officer = await platform.as('civil-officer')
    const first = await officer.call(createDataset, { body: villages('早已提交') })
    await officer.call(submitDataset, { params: { id: first.id } }, { match: first.version })
    clock.at = new Date(clock.at.getTime() + 1000)
    for (let n = 0; n < 50; n++) await officer.call(createDataset, { body: { name: { zh: `草稿${n}` } } })
    expect((await home('civil-head')).todo.map((one) => one.title)).toContain('早已提交')
  })

  test('200: figures show nothing that the lists would hide', async () => {
    expect((await home('sysadmin')).counts).toEqual({
      datasets: 0,
      items: 0,
      requestsRunning: 0,
      channelsRunning: 0,
      overdue: 0,
    })
    expect((await home('police-officer')).counts).toMatchObject({ datasets: 2, requestsRunning: 0 })
  })

  test('200: while the demonstration city is being built, its progress', async () => {
    const words = { zh: '正在建立演示城市', en: 'Building the city' }
    const set = (percent: number) =>
      platform.server.services.db.write(SYSTEM_ROWS, (db) =>
        db.run(sql`insert into setting (name, value) values ('demo_progress', ${JSON.stringify({ percent, words })})
          on conflict (name) do update set value = excluded.value`),
      )
    await set(40)
    expect((await home('civil-officer')).demo).toEqual({ percent: 40, words })
    await set(100)
    expect((await home('civil-officer')).demo).toBeNull()
  })

  test('401 without a session', async () => {
    await expect(clientOf(platform.server).call(readHome)).rejects.toMatchObject({ status: 401 })
  })
})

describe('home of who handles incidents', () => {
  // Without jobs: what was planted has no cause, and would end by itself.
  const platform = usePlatform({ jobs: false })
  const home = async (account: Account) => (await platform.as(account)).call(readHome)
  test('200: an incident waits for all who handle them until one takes it; it is nobody else’s', async () => {
    const { incidentId: id } = await plantIncident(platform)
    const todo = async (account: Account) =>
      (await home(account)).todo.filter((one) => one.link === `/incidents/${id}`).map((one) => one.words.en)
    expect(await todo('operator')).toEqual(['Acknowledge an incident'])
    expect(await todo('centre')).toEqual(['Acknowledge an incident'])
    expect(await todo('civil-officer')).toEqual([])
    const operator = await platform.as('operator')
    const { version } = await operator.call(readIncident, { params: { id } })
    const taken = await operator.call(acknowledgeIncident, { params: { id } }, { match: version })
    expect([await todo('operator'), await todo('centre')]).toEqual([['Handle an incident'], []])
    await operator.call(closeIncident, { params: { id }, body: { reason: '已排除' } }, { match: taken.version })
    expect(await todo('operator')).toEqual([])
  })
})
