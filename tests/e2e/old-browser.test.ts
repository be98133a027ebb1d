import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { completeContent, publish } from '../harness/catalogue.ts'
import { PASSWORD, usePlatform } from '../harness/platform.ts'
import { buildPages, hasChromium, openBrowser, shows, watch, words } from './browser.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()

/** Takes away what came after Chromium 90; runs before any script of a page. */
function forgetNewer(): void {
  const take = (target: object, ...names: string[]) => {
    for (const name of names) Reflect.deleteProperty(target, name)
  }
  take(Array.prototype, 'at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with')
  take(String.prototype, 'at', 'isWellFormed', 'toWellFormed')
  take(Object.getPrototypeOf(Int8Array.prototype) as object, 'at', 'findLast', 'toSorted', 'toReversed', 'with')
  take(Object, 'hasOwn', 'groupBy')
  take(Map, 'groupBy')
  take(Array, 'fromAsync')
  take(Promise, 'withResolvers', 'try')
  take(Set.prototype, 'union', 'intersection', 'difference', 'isSubsetOf', 'isSupersetOf', 'symmetricDifference')
  take(AbortSignal, 'timeout', 'any', 'abort')
  take(AbortSignal.prototype, 'throwIfAborted')
  take(URLSearchParams.prototype, 'size')
  take(URL, 'canParse', 'parse')
  take(crypto.constructor.prototype as object, 'randomUUID')
  take(globalThis, 'structuredClone', 'reportError', 'scheduler', 'navigation', 'Iterator')
}

describe.skipIf(!canRun)('in a browser as old as Chromium 90', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true })
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
    await publish(platform, completeContent({ name: { zh: '自然村名录' } }))
  }, 60_000)
  afterAll(async () => void (await browser?.close()))

  test('people sign in, see their duties, and find a dataset', async () => {
    const { page, faults } = await watch(browser, platform, { before: forgetNewer })
    await page.goto('/login')
    await shows(page, words('zh', 'login.title'))
    expect(await page.evaluate(() => typeof AbortSignal.timeout)).toBe('undefined')
    await page.getByLabel(words('zh', 'login.account')).fill('works-officer')
    await page.getByLabel(words('zh', 'login.password')).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await shows(page, words('zh', 'home.title'))
    await page.getByRole('link', { name: words('zh', 'rail.catalogue') }).click()
    await shows(page, words('zh', 'search.title'))
    // The filter reaches the server: it needs the size of a query.
    await page.getByRole('search').getByRole('combobox').fill('没有这样的目录')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: '自然村名录' }).waitFor({ state: 'detached' })
    await page.goto('/search')
    await page.getByRole('link', { name: '自然村名录' }).click()
    await shows(page, '自然村名录')
    expect(faults()).toEqual([])
  })
})
