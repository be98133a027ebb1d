import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { publish, completeContent } from '../harness/catalogue.ts'
import { usePlatform } from '../harness/platform.ts'
import { buildPages, hasChromium, openBrowser, shows, watch, words } from './browser.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
const zh = (key: Parameters<typeof words>[1], values = {}) => words('zh', key, values)

describe.skipIf(!canRun)('searching the catalogue', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true })
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
    await publish(platform, completeContent({ name: { zh: '低保发放信息（社区）' }, updateCycle: 'daily' }))
    await publish(platform, completeContent({ name: { zh: '社区低保对象名单' }, updateCycle: 'yearly' }))
    await publish(platform, completeContent({ name: { zh: '养老机构' }, updateCycle: 'yearly' }))
  }, 120_000)
  afterAll(async () => void (await browser?.close()))

  const results = (page: Page) => page.getByRole('region', { name: zh('search.results') }).getByRole('article')
  const facet = (page: Page, name: string) =>
    page.getByRole('complementary', { name: zh('search.facets') }).getByRole('checkbox', { name })

  test('by keyboard alone: / and words, a suggestion by arrows and Enter, Escape closes', async () => {
    const { page, faults } = await watch(browser, platform, { account: 'works-officer' })
    await page.goto('/')
    await shows(page, zh('home.title'))
    await page.keyboard.press('/')
    await page.keyboard.type('养老')
    const option = page.getByRole('option', { name: '养老机构' })
    await option.waitFor()
    await page.keyboard.press('Escape')
    await option.waitFor({ state: 'hidden' })
    await page.keyboard.type('机')
    await option.waitFor()
    expect(await option.locator('mark').allTextContents()).toEqual(['养老机'])
    await page.keyboard.press('ArrowDown')
    await page.locator('[role=option][aria-selected=true]').waitFor()
    await page.keyboard.press('Enter')
    await shows(page, '养老机构')
    expect(faults()).toEqual([])
  })

  test('results mark the words; counts narrow them and can be taken back; the address holds it all', async () => {
    const { page, faults } = await watch(browser, platform, { account: 'works-officer' })
    await page.goto('/')
    await shows(page, zh('home.title'))
    await page.keyboard.press('/')
    await page.keyboard.type('低保 社区')
    await page.keyboard.press('Enter')
    await page.getByText(zh('search.found', { q: '低保 社区', count: 2 })).waitFor()
    // The counts and the results come by two questions.
    await expect.poll(() => results(page).count()).toBe(2)
    await expect.poll(() => results(page).first().locator('h2 mark').allTextContents()).toEqual(['社区低保'])
    // The address holds the choice, and the box follows it a moment later.
    await facet(page, zh('updateCycle.daily')).click()
    await page.getByText(zh('search.found', { q: '低保 社区', count: 1 })).waitFor()
    await expect.poll(() => results(page).getByRole('heading').allTextContents()).toEqual(['低保发放信息（社区）'])
    expect(new URL(page.url()).searchParams.get('cycle')).toBe('daily')
    await page.reload()
    await expect.poll(() => facet(page, zh('updateCycle.daily')).isChecked()).toBe(true)
    await page.goBack()
    await page.getByText(zh('search.found', { q: '低保 社区', count: 2 })).waitFor()
    await facet(page, zh('updateCycle.daily')).click()
    await page.getByRole('search').getByRole('combobox').fill('没有这样的目录')
    await page.keyboard.press('Enter')
    await page.getByText(zh('search.none', { q: '没有这样的目录' })).waitFor()
    expect(faults()).toEqual([])
  })
})
