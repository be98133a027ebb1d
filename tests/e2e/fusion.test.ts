import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { person, useFusion } from '../../apps/server/src/modules/centre/testing/fusion.ts'
import { FUSION } from '../../apps/web/src/pages/centre/fusion-words.ts'
import { buildPages, expectAccessible, expectTranslated, hasChromium, openBrowser, watch } from './browser.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })
const canRun = hasChromium()

async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['HUITONG_SHOTS']
  if (folder) await page.screenshot({ path: join(folder, `fusion-${name}.png`), fullPage: true })
}

describe.skipIf(!canRun)('pages of fusion', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const ground = useFusion({ portal: true })
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(async () => void (await browser?.close()))

  test('a library is defined, fused, reviewed and looked into, in both languages, and all of it is accessible', async () => {
    const { page, context, faults } = await watch(browser, ground.platform, { account: 'centre' })
    /** The page in Chinese and in English. */
    const look = async (heading: RegExp, name: string, english: RegExp) => {
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      await expectTranslated(page)
      await expectAccessible(page)
      await shoot(page, `${name}-zh`)
      await page.getByRole('button', { name: 'English' }).click()
      await page.getByRole('heading', { level: 1, name: english }).waitFor()
      await expectTranslated(page)
      await expectAccessible(page, 'colours')
      await shoot(page, `${name}-en`)
      await page.getByRole('button', { name: '中文' }).click()
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    }
    await page.goto('/fusion')
    // The drawer offers a beginning from what the items are called; what is wrong in it is named with its place.
    await page.getByRole('button', { name: FUSION.define.zh, exact: true }).click()
    const form = page.getByRole('dialog')
    const text = form.getByLabel(FUSION.definitionText.zh)
    expect(JSON.parse(await text.inputValue())).toMatchObject({ definition: { identifier: { field: 'number' } } })
    await text.fill('{')
    await form.getByRole('button', { name: /保\s*存/ }).click()
    await form.getByText(FUSION.notJson.zh).first().waitFor()
    await text.fill(JSON.stringify({ ...ground.settings, survivorship: ground.settings.survivorship.slice(1) }))
    await form.getByRole('button', { name: /保\s*存/ }).click()
    await form.getByText('须有且只有一条取值规则').first().waitFor()
    // The refusal was asked for.
    expect(faults().filter((one) => !/400/.test(one))).toEqual([])
    await text.fill(JSON.stringify(ground.settings))
    await form.getByRole('button', { name: /保\s*存/ }).click()
    await form.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: FUSION.start.zh }).click()
    await page.getByText(FUSION['state.done'].zh).first().waitFor({ timeout: 60_000 })
    await look(/^基础库融合$/, 'library', /^Fusion of base libraries$/)

    await page.getByRole('link', { name: /^RH\d{8}-\d{4}$/ }).click()
    await page.getByRole('cell', { name: '**' }).first().waitFor()
    await look(/融合任务/, 'run', /Fusion/)
    expect(await page.getByText(person(1).number).count()).toBe(0)
    await page.getByLabel(FUSION.full.zh).check()
    await page.getByLabel(FUSION.purpose.zh).fill('复核融合结果')
    await page
      .getByRole('button', { name: new RegExp(FUSION.show.zh.split('').join('\\s*')) })
      .first()
      .click()
    const pair = page.getByRole('region', { name: FUSION.review.zh }).first()
    await pair
      .getByText(/^(.)[^*]+$/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: FUSION.different.zh }).first().click()
    await page
      .getByText(new RegExp(`${FUSION.decided.zh} ${FUSION.different.zh}`))
      .first()
      .waitFor()
    await shoot(page, 'decided')

    await page.getByLabel(FUSION.find.zh).fill(person(1).number)
    await page.getByLabel(FUSION.find.zh).press('Enter')
    await page.getByText(person(1).name).first().waitFor()
    await page.getByRole('link', { name: FUSION.open.zh }).first().click()
    await page.getByText(FUSION.historyNone.zh).waitFor()
    await look(/^主记录$/, 'master', /^Master record$/)
    await page.getByRole('button', { name: FUSION.split.zh }).click()
    const undo = page.getByRole('dialog')
    await undo.getByRole('checkbox').last().check()
    await undo.getByLabel(FUSION.note.zh).fill('两人共用号码')
    await shoot(page, 'split')
    await undo.getByRole('button', { name: FUSION.split.zh }).click()
    await page.getByText('两人共用号码').first().waitFor()
    expect(faults()).toEqual([])
    await context.close()
  })
})
