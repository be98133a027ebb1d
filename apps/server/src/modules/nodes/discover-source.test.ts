import { discoverSource, listSources } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { addSource, enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('discover a data source', () => {
  const platform = usePlatform()
  let node: TestNode
  let id = ''
  beforeAll(async () => {
    node = await enrol(platform, platform.departments.civil)
    id = (await addSource(platform, node, 'provide')).id
  })
  const ask = async (account: Parameters<typeof platform.as>[0]) =>
    (await platform.as(account)).call(discoverSource, { params: { id } })
  guards(platform, discoverSource, {
    input: () => ({ params: { id } }),
    denied: ['operator', 'authority', 'civil-head'],
  })

  test('202: the node gets the work once, however often it is asked for, with its secrets still sealed', async () => {
    expect(await ask('civil-officer')).toMatchObject({ discovery: { state: 'queued', tables: 0 } })
    await ask('civil-officer')
    await ask('centre')
    const { work } = await node.poll()
    expect(work).toHaveLength(1)
    expect(work[0]).toMatchObject({
      kind: 'discover',
      fence: '1',
      input: { source: { sourceId: id, kind: 'postgresql' } },
    })
    expect(JSON.stringify(work)).not.toContain('not-in-any-reply')
    expect(await ask('civil-officer')).toMatchObject({ discovery: { state: 'running' } })
    expect((await node.poll({ running: [work[0]!.id] })).work).toEqual([])
  })

  test('404: another department’s source by its true id, and none at all', async () => {
    await refused(ask('works-officer'), 'object.not_found')
    await refused((await platform.as('centre')).call(discoverSource, { params: { id: NOBODY } }), 'object.not_found')
  })

  test('an unreachable source is shown with its reason, and can be discovered again', async () => {
    const [work] = (await node.poll({ boot: NOBODY })).work
    await node.call((await import('@huitong/contract/nodes')).finishWork, {
      params: { id: work!.id },
      body: {
        fence: work!.fence,
        state: 'failed',
        problem: {
          code: 'source.unreachable',
          message: { zh: '数据源无法连接', en: 'The data source cannot be reached' },
        },
      },
    })
    const { items } = await (await platform.as('civil-officer')).call(listSources)
    expect(items[0]!.discovery).toMatchObject({ state: 'failed', problem: { zh: '数据源无法连接' } })
    expect(await ask('civil-officer')).toMatchObject({ discovery: { state: 'queued', problem: null } })
  })
})
