import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readDataset, updateDataset } from '@huitong/contract/catalogue'
import { recordLineage } from '@huitong/contract/lineage'
import { useLineage } from '../../apps/server/src/modules/centre/testing/lineage.ts'
import { LINEAGE } from '../../apps/web/src/pages/centre/lineage/lineage-words.ts'
import { createDraft } from '../harness/catalogue.ts'
import type { Account } from '../harness/platform.ts'
import { buildPages, expectAccessible, hasChromium, openBrowser, watch } from './browser.ts'
import { shoot, useEyes } from './eyes.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
const PAGES: readonly (readonly [Account, string])[] = [
  ['centre', ''],
  ['civil-officer', '?item=id_number'],
  ['works-officer', '?direction=down&change=phone'],
  ['police-officer', ''],
]

describe.skipIf(!canRun)('pages of lineage with something on them', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const made = useLineage({ portal: true })
  const { platform } = made
  const look = useEyes(platform, () => browser)
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
    const inputFields = [{ namespace: 'oracle://registry', name: 'HR.PERSON', field: 'XM' }]
    const event = {
      eventTime: '2026-01-31T01:00:00Z',
      eventType: 'COMPLETE',
      run: { runId: '11111111-1111-4111-8111-111111111111' },
      job: { namespace: 'civil-etl', name: 'household.load' },
      inputs: [{ namespace: 'oracle://registry', name: 'HR.PERSON' }],
      outputs: [
        {
          namespace: 'catalogue',
          name: made.people.dataset.code,
          facets: { columnLineage: { fields: { name: { inputFields } } } },
        },
      ],
    }
    await (await platform.as('civil-officer')).call(recordLineage, { body: event })
  })
  afterAll(async () => void (await browser?.close()))
  const address = (search = '') => `/datasets/${made.people.dataset.id}/lineage${search}`

  test.each(PAGES)('%s sees what is theirs%s', async (account, search) => {
    const name = made.people.dataset.content.name.zh
    const heading = { zh: LINEAGE.title.zh.replace('{name}', name), en: LINEAGE.title.en.replace('{name}', name) }
    await look(account, address(search), heading)
  })

  test('from a dataset to its lineage; a column marks its way; a change is assessed; the address holds it all', async () => {
    const { page, context } = await watch(browser, platform, { account: 'centre' })
    await page.goto(`/datasets/${made.people.dataset.id}`)
    await page.getByRole('button', { name: '数据血缘' }).click()
    const graph = page.getByRole('region', { name: LINEAGE.graph.zh, exact: true })
    const service = graph.getByRole('region', { name: /^接口使用方/ })
    await service.getByRole('button', { name: /公民身份号码/ }).click()
    await page.getByRole('status').filter({ hasText: '已选 公民身份号码' }).waitFor()
    expect(await graph.locator('.ht-lineage-on').count()).toBeGreaterThan(3)
    const marked = await graph.locator('.ht-lineage-marked').allInnerTexts()
    expect(marked.some((text) => text.includes('脱敏'))).toBe(true)
    // The number, the village that chooses rows, and the key; what has no part in it stays unmarked.
    const source = graph.getByRole('region', { name: /^部门库表.*/ }).first()
    expect(await source.locator('.ht-lineage-marked').count()).toBe(3)
    await shoot(page, 'lineage-marked')
    await page.reload()
    await page.getByRole('status').filter({ hasText: '已选 公民身份号码' }).waitFor()
    await page.getByRole('button', { name: LINEAGE.clear.zh }).click()
    await page.getByRole('status').filter({ hasText: '已选' }).waitFor({ state: 'detached' })
    expect(await graph.locator('.ht-lineage-marked').count()).toBe(0)

    await page.getByLabel(LINEAGE.impactItems.zh).fill('联系电话')
    await page.locator('.ant-select-item-option', { hasText: '联系电话' }).click()
    await page.keyboard.press('Escape')
    const touched = page.getByRole('region', { name: LINEAGE.touched.zh })
    await touched.getByText('接收库表').first().waitFor()
    const grants = page.getByRole('region', { name: LINEAGE.grants.zh })
    await grants.getByText('住房和城乡建设局').waitFor()
    expect(new URL(page.url()).searchParams.get('change')).toBe('phone')
    await touched.scrollIntoViewIfNeeded()
    await expectAccessible(page)
    await shoot(page, 'lineage-impact')
    await context.close()
  })

  test('who changes an item sees what hangs on it', async () => {
    const officer = await platform.as('civil-officer')
    const { id } = made.people.dataset
    const { content, version } = await officer.call(readDataset, { params: { id }, query: {} })
    const items = content.items!.filter((one) => one.code !== 'phone')
    await officer.call(updateDataset, { params: { id }, body: { ...content, items } }, { match: version })
    const { page, context } = await watch(browser, platform, { account: 'civil-officer' })
    await page.goto(`/datasets/${id}/edit`)
    const link = page.getByRole('link', { name: '变更影响' })
    await page.locator('a[href*="change=phone"]').waitFor()
    await link.click()
    const touched = page.getByRole('region', { name: LINEAGE.touched.zh })
    await touched.getByText('接收库表').first().waitFor()
    await page.getByText('涉及部门：').waitFor()
    await context.close()
  })

  test('an item that is not there is said, not passed over; a dataset without any way says so', async () => {
    const { page, context } = await watch(browser, platform, { account: 'civil-officer' })
    await page.goto(address('?item=nothing'))
    await page.getByText('没有信息项 nothing').first().waitFor()
    expect(await page.getByRole('region', { name: LINEAGE.graph.zh, exact: true }).count()).toBe(0)
    await expectAccessible(page)
    await shoot(page, 'lineage-failing')
    const { id } = await createDraft(platform)
    await page.goto(`/datasets/${id}/lineage`)
    await page.getByText(LINEAGE.none.zh).waitFor()
    await expectAccessible(page)
    await shoot(page, 'lineage-empty')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText(LINEAGE.none.en).waitFor()
    await shoot(page, 'lineage-empty-en')
    await context.close()
  })

  test('on a narrow screen the list says it', async () => {
    const { page, context } = await watch(browser, platform, { account: 'civil-officer' })
    await page.setViewportSize({ width: 420, height: 800 })
    await page.goto(address('?item=id_number'))
    const list = page.getByRole('region', { name: LINEAGE.list.zh, exact: true })
    await list.getByText('证件号脱敏').waitFor()
    expect(await page.getByRole('region', { name: LINEAGE.graph.zh, exact: true }).isVisible()).toBe(false)
    await context.close()
  })
})
