import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { PASSWORD, usePlatform } from '../harness/platform.ts'
import {
  buildPages,
  expectAccessible,
  expectTranslated,
  hasChromium,
  openBrowser,
  shows,
  watch,
  words,
} from './browser.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
const FIRST = 'First-Horse-11'

describe.skipIf(!canRun)('forgotten passwords through the pages', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true })
  let browser: Browser
  beforeAll(async () => void (browser = await openBrowser()))
  afterAll(async () => void (await browser?.close()))

  test.each(['zh', 'en'] as const)(
    '%s: the system administrator resets one, and its owner changes it first',
    async (language) => {
      const say = (key: Parameters<typeof words>[1], values = {}) => words(language, key, values)
      const account = language === 'zh' ? 'civil-officer' : 'works-officer'
      const { page, faults } = await watch(browser, platform, { account: 'sysadmin', language })
      await page.goto('/people')
      await shows(page, say('rail.people'))
      await page.getByRole('button', { name: `${say('person.reset')} ${account}`, exact: true }).click()
      const drawer = page.getByRole('dialog', { name: say('person.resetTo', { name: account }) })
      await drawer.getByLabel(say('person.firstPassword')).fill('weak')
      await expectTranslated(page)
      await expectAccessible(page)
      await drawer.getByRole('button', { name: say('person.reset'), exact: true }).click()
      // The server names what is wrong beside the field.
      await drawer.locator('.ant-form-item-explain-error').first().waitFor()
      expect(faults().filter((fault) => !/ 400 |status of 400/.test(fault))).toEqual([])
      await drawer.getByLabel(say('person.firstPassword')).fill(FIRST)
      await drawer.getByRole('button', { name: say('person.reset'), exact: true }).click()
      await page.getByText(say('person.resetDone')).waitFor()

      const { page: own } = await watch(browser, platform, { language })
      await own.goto('/login')
      await own.getByLabel(say('login.account')).fill(account)
      await own.getByLabel(say('login.password')).fill(FIRST)
      await own.getByRole('button', { name: say('login.enter'), exact: true }).click()
      await own.getByText(say('password.first')).waitFor()
      await own.getByLabel(say('password.current'), { exact: true }).fill(FIRST)
      await own.getByLabel(say('password.next'), { exact: true }).fill(`${PASSWORD}-2`)
      await own.getByLabel(say('password.again'), { exact: true }).fill(`${PASSWORD}-2`)
      await own
        .getByRole('button', { name: say('shell.password'), exact: true })
        .last()
        .click()
      await shows(own, say('home.title'))
      expect(faults()).toEqual([])
    },
  )

  test('one’s own is not reset and says why; who manages no accounts has no such button', async () => {
    const label = words('zh', 'person.reset')
    const { page, faults } = await watch(browser, platform, { account: 'sysadmin' })
    await page.goto('/people')
    await shows(page, words('zh', 'rail.people'))
    // The reason stands within the button, for those who do not see the hint.
    const own = page.locator(`button[aria-disabled=true][aria-label="${label} 系统管理员"]`)
    expect(await own.textContent()).toContain('不能操作自己的账号')
    await page.getByRole('button', { name: `${label} 审计管理员`, exact: true }).click()
    await page.getByRole('dialog', { name: words('zh', 'person.resetTo', { name: '审计管理员' }) }).waitFor()
    expect(faults()).toEqual([])
    const { page: other } = await watch(browser, platform, { account: 'secadmin' })
    await other.goto('/people')
    await shows(other, words('zh', 'rail.people'))
    await other
      .getByRole('button', { name: words('zh', 'person.assign') })
      .first()
      .waitFor()
    expect(await other.getByRole('button', { name: label }).count()).toBe(0)
  })
})
