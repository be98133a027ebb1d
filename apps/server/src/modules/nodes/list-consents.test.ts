import { listConsents } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { businessSource, consentTo } from '../../../../../tests/harness/node.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('the written consents of a data source', () => {
  const platform = usePlatform()
  let id = ''
  beforeAll(async () => {
    id = await businessSource(platform)
  })
  guards(platform, listConsents, { input: () => ({ params: { id } }), denied: [] })

  test('200: the latest first, and which are in force', async () => {
    await consentTo(platform, id, { validUntil: '2020-12-31' })
    await consentTo(platform, id)
    const { items } = await (await platform.as('centre')).call(listConsents, { params: { id } })
    expect(items.map(({ inForce, validUntil }) => [inForce, validUntil])).toEqual([
      [true, '2099-12-31'],
      [false, '2020-12-31'],
    ])
  })

  test('404: of no data source, or of another department’s', async () => {
    await refused((await platform.as('centre')).call(listConsents, { params: { id: NOBODY } }), 'object.not_found')
    await refused((await platform.as('works-officer')).call(listConsents, { params: { id } }), 'object.not_found')
  })
})
