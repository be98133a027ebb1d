import { listTables } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { discover, discovered } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { addSource, enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list discovered tables', () => {
  const platform = usePlatform()
  let id = ''
  const names = ['villages', 'A_upper', '中文表', 'towns', '100']
  beforeAll(async () => {
    const node = await enrol(platform, platform.departments.civil)
    id = (await addSource(platform, node, 'provide')).id
    const [table] = discovered.tables
    await discover(platform, node, id, { tables: names.map((name) => ({ ...table!, name })) })
  })
  guards(platform, listTables, {
    input: () => ({ params: { id } }),
    denied: ['operator', 'authority', 'works-developer'],
  })

  test('200: in the order of their names’ bytes, page by page, each once', async () => {
    const officer = await platform.as('civil-officer')
    const seen: string[] = []
    for (let after: string | null | undefined; after !== null;) {
      const page = await officer.call(listTables, {
        params: { id },
        query: { limit: '2', ...(after ? { after } : {}) },
      })
      seen.push(...page.items.map((one) => one.name))
      after = page.next
    }
    expect(seen).toEqual(['100', 'A_upper', 'towns', 'villages', '中文表'])
  })

  test('404: another department’s source, by its true id, and one that does not exist', async () => {
    await refused((await platform.as('works-officer')).call(listTables, { params: { id } }), 'object.not_found')
    await refused((await platform.as('civil-officer')).call(listTables, { params: { id: NOBODY } }), 'object.not_found')
  })
})
