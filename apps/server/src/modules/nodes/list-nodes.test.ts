import { listNodes } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list nodes', () => {
  let ahead = 0
  const platform = usePlatform({ jobs: false, clock: { now: () => new Date(Date.now() + ahead) } })
  let civil: TestNode
  let works: TestNode
  beforeAll(async () => {
    civil = await enrol(platform, platform.departments.civil)
    works = await enrol(platform, platform.departments.works)
  })
  const idsFor = async (account: Parameters<typeof platform.as>[0]) =>
    (await (await platform.as(account)).call(listNodes)).items.map((one) => one.id)
  guards(platform, listNodes, { input: () => ({}), denied: ['sysadmin', 'auditor', 'works-developer'] })

  test('200: a department sees its own, the centre and the operator all', async () => {
    expect(await idsFor('civil-officer')).toEqual([civil.id])
    expect(await idsFor('works-head')).toEqual([works.id])
    expect(await idsFor('police-officer')).toEqual([])
    for (const account of ['centre', 'operator', 'authority'] as const)
      expect((await idsFor(account)).sort()).toEqual([civil.id, works.id].sort())
  })

  test('pages hold every node once', async () => {
    const centre = await platform.as('centre')
    const first = await centre.call(listNodes, { query: { limit: '1' } })
    const second = await centre.call(listNodes, { query: { limit: '1', after: first.next! } })
    expect(second.next).toBeNull()
    expect([...first.items, ...second.items].map((one) => one.id).sort()).toEqual([civil.id, works.id].sort())
  })

  test('a node that polls is online, and offline after forty seconds of silence', async () => {
    await civil.poll()
    const stateOf = async () =>
      (await (await platform.as('centre')).call(listNodes)).items.find((one) => one.id === civil.id)!.state
    expect(await stateOf()).toBe('online')
    ahead = 41_000
    expect(await stateOf()).toBe('offline')
    ahead = 0
  })
})
