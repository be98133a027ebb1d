import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readLedgerKey } from '@huitong/contract/evidence'
import { createPerson } from '@huitong/contract/identity'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { villages } from '../../apps/server/src/modules/catalogue/testing/content.ts'
import { createDraft, publish, completeContent } from '../harness/catalogue.ts'
import { PASSWORD, settle, usePlatform } from '../harness/platform.ts'
import { buildPages, hasChromium, openBrowser, shows, watch, words } from './browser.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
const CLI = join(import.meta.dirname, '../../apps/cli/src/main.ts')
const zh = (key: Parameters<typeof words>[1]) => words('zh', key)
const button = (page: Page, key: Parameters<typeof words>[1]) =>
  page.getByRole('button', { name: zh(key), exact: true })

describe.skipIf(!canRun)('work through the pages', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true })
  let browser: Browser

  beforeAll(async () => void (browser = await openBrowser()))
  afterAll(async () => void (await browser?.close()))

  test('signing in by keyboard: a wrong password, the right one; the language stays; signing out', async () => {
    const { page, context } = await watch(browser, platform)
    await page.goto('/requests')
    await shows(page, zh('login.title'))
    await page.keyboard.type('works-officer')
    await page.keyboard.press('Tab')
    await page.keyboard.type('Wrong-Horse-7')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('session.credentials').waitFor()
    await page.getByLabel(zh('login.password')).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await shows(page, zh('rail.requests'))
    await page.getByRole('button', { name: 'English' }).press('Enter')
    await shows(page, words('en', 'rail.requests'))
    await page.reload()
    await shows(page, words('en', 'rail.requests'))
    await page.getByRole('button', { name: 'works-officer' }).press('Enter')
    await page.getByRole('button', { name: words('en', 'shell.leave') }).press('Enter')
    await shows(page, words('en', 'login.title'))
    await page.goto('/')
    await shows(page, words('en', 'login.title'))
    expect((await context.cookies()).map((one) => one.value).filter(Boolean)).toEqual([])
    await context.close()
  })

  test('with a password that an administrator chose every address leads to its change, and then the work begins', async () => {
    const body = { account: 'newcomer', name: '新人', departmentId: platform.departments.civil, password: PASSWORD }
    await (await platform.as('sysadmin')).call(createPerson, { body })
    const { page, context } = await watch(browser, platform)
    await page.goto('/login')
    await page.getByLabel(zh('login.account')).fill('newcomer')
    await page.getByLabel(zh('login.password')).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await shows(page, zh('shell.password'))
    await page.goto('/legal-clock')
    await shows(page, zh('shell.password'))
    await page.getByText(zh('password.first')).waitFor()
    await page.getByLabel(zh('password.current')).fill(PASSWORD)
    await page.getByLabel(zh('password.next'), { exact: true }).fill('Only-I-Know-8')
    await page.getByLabel(zh('password.again')).fill('Only-I-Know-8')
    await button(page, 'shell.password').click()
    await shows(page, zh('home.title'))
    await context.close()
  })

  test('a draft is completed by way of its missing fields, submitted, signed and published', async () => {
    const name = '社区服务设施名录'
    const { summary, useConditions, ...rest } = villages(name)
    const { id } = await createDraft(platform, rest)
    const officer = await watch(browser, platform, { account: 'civil-officer' })
    const { page } = officer
    await page.goto(`/datasets/${id}/edit`)
    await shows(page, words('zh', 'dataset.editTitle', { name }))
    const missing = page.getByRole('complementary', { name: zh('dataset.missingTitle') })
    expect(await missing.getByRole('listitem').count()).toBe(2)
    await missing.getByRole('button', { name: zh('dataset.summary') }).press('Enter')
    await page.keyboard.type(summary!.zh)
    await expect.poll(() => page.getByLabel(zh('dataset.summary'), { exact: true }).inputValue()).toBe(summary!.zh)
    await missing.getByRole('button').nth(1).click()
    await page.keyboard.type(useConditions!)
    await page.keyboard.press('Control+s')
    await missing.getByText(zh('dataset.missingNone')).waitFor()
    await page.getByRole('link', { name: zh('dataset.view') }).click()
    await shows(page, name)
    await button(page, 'dataset.submit').click()
    await page.getByText(zh('versionState.submitted'), { exact: true }).first().waitFor()

    // What is with the head can no longer be edited: the button stays reachable and says why.
    const edit = page.locator('button[aria-disabled=true]').filter({ hasText: zh('action.edit') })
    await edit.focus()
    const [described] = (await edit.getAttribute('aria-describedby'))!.split(' ')
    const reason = await page.locator(`[id="${described}"]`).innerText()
    expect(reason).toMatch(/[\u4e00-\u9fff]{4}/)
    await page.getByRole('tooltip').getByText(reason).waitFor()
    await edit.press('Enter')
    await shows(page, name)
    expect(officer.faults()).toEqual([])
    await officer.context.close()

    for (const [account, action] of [
      ['civil-head', 'dataset.sign'],
      ['authority', 'dataset.review'],
    ] as const) {
      const person = await watch(browser, platform, { account })
      await person.page.goto('/')
      await person.page.getByRole('link', { name }).first().click()
      await shows(person.page, name)
      await button(person.page, action).click()
      await button(person.page, 'action.confirm').click()
      await person.page.getByText(zh('action.done')).waitFor()
      expect(person.faults()).toEqual([])
      await person.context.close()
    }
    const reader = await watch(browser, platform, { account: 'works-officer' })
    await reader.page.goto(`/datasets/${id}`)
    await reader.page.getByText(zh('datasetState.published'), { exact: true }).first().waitFor()
    await reader.context.close()
  })

  test('a request is made with the wizard, which leads to what is missing', async () => {
    const name = '自然村名录'
    const dataset = await publish(platform, completeContent({ name: { zh: name } }))
    const { page, context, faults } = await watch(browser, platform, { account: 'works-officer' })
    await page.goto(`/datasets/${dataset.id}`)
    await button(page, 'dataset.request').click()
    await shows(page, words('zh', 'request.newFor', { name }))
    await button(page, 'wizard.next').click()
    await button(page, 'wizard.next').click()
    await page.getByRole('alert').getByRole('button').first().click()
    await page.keyboard.type('农村危房改造资格确认')
    await page.getByLabel(zh('request.matterCode'), { exact: true }).fill('330100-017-0042')
    await page.getByLabel(zh('request.purpose'), { exact: true }).fill('核对申请人所在村（社区）')
    await page.getByLabel(zh('request.legalBasis'), { exact: true }).fill('《农村危房改造管理办法》第八条')
    await page.getByLabel(zh('request.scenario'), { exact: true }).fill('受理窗口核对')
    await page.getByLabel(zh('request.scope'), { exact: true }).fill('村镇建设处')
    await button(page, 'wizard.next').click()
    await page.getByLabel(zh('request.until'), { exact: true }).fill('2099-12-31')
    await page.keyboard.press('Enter')
    await button(page, 'wizard.next').click()
    await page.getByLabel(zh('request.declare')).check()
    await button(page, 'request.send').click()
    await shows(page, name)
    expect(page.url()).toMatch(/\/requests\/[0-9a-f-]{36}$/)
    await page.getByText(zh('requestStep.head_sign')).first().waitFor()
    expect(faults()).toEqual([])
    await context.close()
  })

  test('the proof of an entry is saved from its page and holds outside of the platform', async () => {
    await settle(platform.server)
    const { page, context, faults } = await watch(browser, platform, { account: 'auditor' })
    await page.goto('/evidence')
    await shows(page, zh('rail.entries'))
    await page.getByRole('table').getByRole('link').first().click()
    const saved = page.waitForEvent('download')
    await button(page, 'evidence.export').click()
    const folder = mkdtempSync(join(tmpdir(), 'huitong-proof-'))
    const file = join(folder, (await saved).suggestedFilename())
    await (await saved).saveAs(file)
    const { verifierKey } = await (await platform.as('auditor')).call(readLedgerKey)
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'verify', file, '--key', verifierKey])
    expect(stdout).not.toBe('')
    // The page names the very command.
    await page.getByText(`--key '${verifierKey}'`).waitFor()
    const other = verifierKey.replace(/^[^+]+/, 'other')
    const refused = promisify(execFile)(process.execPath, [CLI, 'verify', file, '--key', other])
    await expect(refused).rejects.toThrow()
    rmSync(folder, { recursive: true })
    expect(faults()).toEqual([])
    await context.close()
  })
})
