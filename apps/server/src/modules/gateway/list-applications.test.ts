import { listApplications } from '@huitong/contract/gateway'
import { describe, expect, test } from 'vitest'
import { credential } from '../../../../../tests/harness/gateway.ts'
import { guards } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list credentials', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, listApplications, { input: () => ({ query: {} }), denied: ['sysadmin', 'auditor'] })

  test('200: those of the own department, newest first, page by page; others see none, the centre all', async () => {
    const made = []
    for (const name of ['一', '二', '三']) made.push((await credential(platform, name)).appId)
    const developer = await platform.as('works-developer')
    const first = await developer.call(listApplications, { query: { limit: '2' } })
    const rest = await developer.call(listApplications, { query: { limit: '2', after: first.next! } })
    expect([...first.items, ...rest.items].map((one) => one.appId)).toEqual(made.toReversed())
    expect((await (await platform.as('civil-officer')).call(listApplications, { query: {} })).items).toEqual([])
    expect((await (await platform.as('centre')).call(listApplications, { query: {} })).items.length).toBe(3)
  })
})
