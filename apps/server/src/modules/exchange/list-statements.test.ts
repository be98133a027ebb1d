import { issueStatement, listStatements } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { anotherChannel, runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('list statements', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const numbers: string[] = []
  beforeAll(async () => {
    await runWhole(prepared, prepared.channel, [['1', 'a', '33']])
    const officer = await platform.as('works-officer')
    for (const year of ['2024', '2025', '2026']) {
      const body = { from: `${year}-01-01`, to: `${year}-12-31` }
      numbers.unshift((await officer.call(issueStatement, { params: { id: prepared.channel.id }, body })).number)
    }
  })
  guards(platform, listStatements, {
    input: () => ({ params: { id: prepared.channel.id }, query: {} }),
    denied: ['sysadmin', 'works-developer'],
  })

  test('200: newest first, page by page, for both parties and the centre; another channel has its own', async () => {
    for (const account of ['civil-officer', 'works-officer', 'centre'] as const) {
      const client = await platform.as(account)
      const params = { id: prepared.channel.id }
      const first = await client.call(listStatements, { params, query: { limit: '2' } })
      expect(first.items.map((one) => one.number)).toEqual(numbers.slice(0, 2))
      const second = await client.call(listStatements, { params, query: { limit: '2', after: first.next! } })
      expect(second.items.map((one) => one.number)).toEqual(numbers.slice(2))
      expect(second).toMatchObject({ items: [{ from: '2024-01-01', to: '2024-12-31', state: 'empty' }], next: null })
    }
    const other = await anotherChannel(prepared)
    const centre = await platform.as('centre')
    expect(await centre.call(listStatements, { params: { id: other.id }, query: {} })).toEqual({
      items: [],
      next: null,
    })
  })

  test('400: a page position that nobody was given; 404: for who is no party', async () => {
    const [officer, police] = [await platform.as('works-officer'), await platform.as('police-officer')]
    const params = { id: prepared.channel.id }
    await refused(officer.call(listStatements, { params, query: { after: 'x' } }), 'request.invalid')
    await refused(police.call(listStatements, { params, query: {} }), 'object.not_found')
    await refused(police.call(listStatements, { params: { id: NOBODY }, query: {} }), 'object.not_found')
  })
})
