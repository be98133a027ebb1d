import { createDataset, type DatasetContent } from '@huitong/contract/catalogue'
import { searchDatasets } from '@huitong/contract/search'
import type { QueryOf } from '@huitong/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { publishDataset, signedDataset, VILLAGES, villages } from './testing/content.ts'

const item = (code: string, zh: string, en?: string) =>
  ({
    code,
    name: { zh, ...(en ? { en } : {}) },
    type: 'text',
    shareAttribute: 'conditional',
    level: 'general_1',
  }) as const
const withItems = (zh: string, names: readonly string[], change: Partial<DatasetContent> = {}) =>
  villages(zh, { summary: { zh: '用于核验' }, items: names.map((name, at) => item(`c${at}`, name)), ...change })

/** Each makes another kind of answer to the same words. */
const PUBLISHED: DatasetContent[] = [
  withItems('低保发放信息', ['姓名', '所在社区'], { shareAttribute: 'unconditional', updateCycle: 'daily' }),
  withItems('社区低保对象名单', ['姓名', '低保金额']),
  withItems('残疾人补贴', ['是否低保', '社区名称'], { updateCycle: 'monthly' }),
  withItems('困难家庭台账', ['户主'], { summary: { zh: '含低保、特困等，按社区归集' } }),
  withItems('养老机构', ['机构名称', '床位数'], { name: { zh: '养老机构', en: 'Care Homes' } }),
  withItems('最低保障线', ['标准']),
  withItems("100%_'率\\（统计）ＡＢＣ", ['𠮷名', '㈱编号']),
]

describe('search datasets', () => {
  const platform = usePlatform()
  const search = async (account: Account, query: QueryOf<typeof searchDatasets>) =>
    (await platform.as(account)).call(searchDatasets, { query })
  const names = async (account: Account, query: QueryOf<typeof searchDatasets>) =>
    (await search(account, query)).items.map((one) => one.name.zh)

  beforeAll(async () => {
    for (const content of PUBLISHED) await publishDataset(platform, content)
    await signedDataset(platform, withItems('待审核的低保核查', ['社区']))
    await (await platform.as('civil-officer')).call(createDataset, { body: villages('草稿：低保社区一览') })
  })

  test('200: all words, each anywhere in title or items, the best answer first', async () => {
    expect(await names('works-officer', { q: '低保 社区' })).toEqual([
      '社区低保对象名单',
      '低保发放信息',
      '残疾人补贴',
      '困难家庭台账',
    ])
    expect(await names('works-officer', { q: '社区　低保' })).toHaveLength(4)
    expect(await names('works-officer', { q: '低保' })).toContain('最低保障线')
  })

  test('200: a word of the language comes before signs that happen to stand side by side', async () => {
    const found = await names('works-officer', { q: '低保' })
    expect(found.indexOf('最低保障线')).toBeGreaterThan(found.indexOf('低保发放信息'))
  })

  test('200: says which items hold the words', async () => {
    const { items } = await search('works-officer', { q: '低保 社区' })
    const hits = Object.fromEntries(items.map((one) => [one.name.zh, one.itemHits.map((hit) => hit.name.zh)]))
    expect(hits).toEqual({
      低保发放信息: ['所在社区'],
      社区低保对象名单: ['低保金额'],
      残疾人补贴: ['是否低保', '社区名称'],
      困难家庭台账: [],
    })
    expect(items[0]).toMatchObject({ itemHitCount: 1, open: 'closed', format: 'database', summary: { zh: '用于核验' } })
  })

  test('200: finds by English, department, code, pinyin; width, case and form of signs do not matter', async () => {
    expect(await names('works-officer', { q: 'care HOMES' })).toEqual(['养老机构'])
    expect(await names('works-officer', { q: '民政局' })).toHaveLength(PUBLISHED.length)
    expect(await names('works-officer', { q: '民政 床位' })).toEqual(['养老机构'])
    expect(await names('works-officer', { q: '306001' })).toHaveLength(PUBLISHED.length)
    expect(await names('works-officer', { q: 'yanglao' })).toEqual(['养老机构'])
    expect(await names('works-officer', { q: 'yljg' })).toEqual(['养老机构'])
    for (const q of ['（统计）', '(统计)', 'abc', 'ＡＢＣ', '%', '_', "'", '\\', "100%_'", '𠮷', '𠮷名', '(株)', '㈱'])
      expect(await names('works-officer', { q }), q).toEqual(["100%_'率\\（统计）ＡＢＣ"])
  })

  test('200: pairs that stand apart are not the word; nothing is found by nothing', async () => {
    expect(await names('works-officer', { q: '低保社区' })).toEqual([])
    expect(await names('works-officer', { q: '社区低保对' })).toEqual(['社区低保对象名单'])
    expect(await names('works-officer', { q: '%%' })).toEqual([])
    expect(await names('works-officer', { q: ' \u3000\u200b ' })).toHaveLength(PUBLISHED.length)
  })

  test('200: what is not published does not leak; the department and the reviewer find it', async () => {
    const hidden = ['待审核的低保核查', '草稿：低保社区一览']
    const shown = async (account: Account) =>
      (await names(account, { q: '低保 社区' })).filter((one) => hidden.includes(one)).sort()
    expect(await shown('works-officer')).toEqual([])
    expect(await shown('centre')).toEqual([])
    expect(await shown('authority')).toEqual(['待审核的低保核查'])
    expect(await shown('civil-officer')).toEqual([...hidden].sort())
    expect(await names('works-officer', { q: '待审核的低保核查' })).toEqual([])
  })

  test('200: a change is found once it is published, and what it replaced no more', async () => {
    const before = await publishDataset(platform, withItems('旧名殡葬服务', ['灵位']))
    await signedDataset(platform, withItems('新名殡葬服务', ['墓穴']), before)
    expect(await names('works-officer', { q: '墓穴' })).toEqual([])
    const { id } = before
    const authority = await platform.as('authority')
    const { reviewDataset, readDataset } = await import('@huitong/contract/catalogue')
    const { version } = await authority.call(readDataset, { params: { id } })
    await authority.call(reviewDataset, { params: { id }, body: { decision: 'publish' } }, { match: version })
    expect(await names('works-officer', { q: '墓穴' })).toEqual(['新名殡葬服务'])
    expect(await names('works-officer', { q: '灵位' })).toEqual([])
  })

  test('200: filters, several values of one, sort by last change', async () => {
    const { civil, works } = platform.departments
    expect(await names('works-officer', { q: '低保', share: 'unconditional' })).toEqual(['低保发放信息'])
    expect((await names('works-officer', { q: '低保', cycle: 'daily,monthly' })).sort()).toEqual(
      ['低保发放信息', '残疾人补贴'].sort(),
    )
    expect(await names('works-officer', { q: '低保', department: `${works},${civil}`, region: '330100' })).toHaveLength(
      5,
    )
    expect(await names('works-officer', { q: '低保', department: works })).toEqual([])
    expect(await names('works-officer', { q: '低保', region: '330200' })).toEqual([])
    expect(await names('works-officer', { q: '低保', format: 'image', open: 'closed' })).toEqual([])
    expect((await names('works-officer', { q: '低保', sort: 'updated' }))[0]).toBe('最低保障线')
  })

  test('200: pages hold each answer once, in either order', async () => {
    for (const sort of ['relevance', 'updated'] as const) {
      const found: string[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<typeof search>> = await search('civil-officer', {
          q: '低保',
          sort,
          limit: '2',
          ...(after ? { after } : {}),
        })
        found.push(...page.items.map((one) => one.name.zh))
        after = page.next
      } while (after)
      expect(found).toEqual(await names('civil-officer', { q: '低保', sort }))
    }
  })

  test('400: too long, NUL, control signs, unknown values, made-up positions; 400 or nothing for broken UTF-8', async () => {
    const bad: [QueryOf<typeof searchDatasets>, string][] = [
      [{ q: '低'.repeat(10_000) }, '#/query/q'],
      [{ q: '低\0保' }, '#/query/q'],
      [{ q: '\u0007' }, '#/query/q'],
      [{ share: 'secret' } as never, '#/query/share'],
      [{ share: 'conditional,' } as never, '#/query/share'],
      [{ department: 'x' }, '#/query/department'],
      [{ region: '33010' }, '#/query/region'],
      [{ sort: 'random' } as never, '#/query/sort'],
      [{ after: Buffer.from('["9","9","9"]').toString('base64url') }, '#/query/after'],
    ]
    for (const [query, path] of bad)
      await expect(search('works-officer', query), JSON.stringify(query).slice(0, 60)).rejects.toMatchObject({
        code: 'request.invalid',
        places: [{ path }],
      })
    const { cookie } = await platform.as('works-officer')
    for (const raw of ['%ED%A0%80', '%C3%28', '%E4%BD', '%ff', '%00']) {
      const url = `/api/v1/search/datasets?q=${raw}`
      const reply = await platform.server.http.inject({ method: 'GET', url, headers: { cookie } })
      expect([raw, reply.statusCode < 500]).toEqual([raw, true])
      if (reply.statusCode === 200) expect(JSON.parse(reply.payload)).toMatchObject({ items: [] })
    }
  })

  test('401 without a session, 403 without the permission', async () => {
    await expect(clientOf(platform.server).call(searchDatasets)).rejects.toMatchObject({ status: 401 })
    await expect(search('auditor', {})).rejects.toMatchObject({ status: 403 })
  })

  test('200: an entry of the largest size is indexed, and its last item found', async () => {
    const items = Array.from({ length: 1600 }, (_none, at) =>
      item(`field_${at}`, `第${at}项${'长'.repeat(100)}`, `Item ${at}`),
    )
    await publishDataset(platform, { ...VILLAGES, name: { zh: '巨表' }, items })
    expect(await names('works-officer', { q: '第1599项长长长' })).toEqual(['巨表'])
  })
})
