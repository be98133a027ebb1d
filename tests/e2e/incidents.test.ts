import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { plantIncident } from '../../apps/server/src/modules/operations/testing/incidents.ts'
import { usePlatform } from '../harness/platform.ts'
import { buildPages, expectAccessible, hasChromium, openBrowser, shows, watch, words } from './browser.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()
const zh = (key: Parameters<typeof words>[1]) => words('zh', key)

describe.skipIf(!canRun)('incidents and the report through the pages', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  // Without jobs: a planted incident has no cause, and would end by itself.
  const platform = usePlatform({ portal: true, jobs: false })
  let browser: Browser
  beforeAll(async () => void (browser = await openBrowser()))
  afterAll(async () => void (await browser?.close()))

  test('an operator finds an incident in the work list, takes it, notes what was done, and closes it', async () => {
    await plantIncident(platform)
    const { page, faults } = await watch(browser, platform, { account: 'operator' })
    await page.goto('/')
    await page.getByRole('link', { name: /GZ-TEST-\d+/ }).click()
    await shows(page, '节点失联 · 民政局')
    await page.getByRole('button', { name: zh('incident.acknowledge'), exact: true }).press('Enter')
    await page.getByText(zh('incidentState.handling'), { exact: true }).waitFor()
    // What is done cannot be done again: the button stays reachable and says why.
    const again = page.locator('button[aria-disabled=true]').filter({ hasText: zh('incident.acknowledge') })
    expect(await again.innerText()).toContain('已响应')

    await page.getByRole('button', { name: zh('incident.note'), exact: true }).click()
    const drawer = page.getByRole('dialog')
    await drawer.getByLabel(zh('incident.noteContent')).fill('已联系民政局检查前置机')
    await expectAccessible(page)
    await drawer.getByRole('button', { name: zh('incident.note'), exact: true }).click()
    await page.getByRole('cell', { name: '已联系民政局检查前置机' }).waitFor()

    await page.getByRole('button', { name: zh('incident.close'), exact: true }).click()
    await drawer.getByRole('button', { name: zh('incident.close'), exact: true }).click()
    await drawer.getByText(zh('incident.needed')).first().waitFor()
    await drawer.getByLabel(zh('incident.closeReason')).fill('网线松动，已更换')
    await drawer.getByRole('button', { name: zh('incident.close'), exact: true }).click()
    await page.getByText(zh('incidentState.closed'), { exact: true }).first().waitFor()
    await page.goto('/')
    await shows(page, zh('home.title'))
    expect(await page.getByRole('link', { name: /GZ-TEST-\d+/ }).count()).toBe(0)
    expect(faults()).toEqual([])
  })

  test('the authority narrows the period of the report and gets the same figures as a file', async () => {
    const { page, faults } = await watch(browser, platform, { account: 'authority' })
    await page.goto('/report?from=2020-01-01&until=2020-12-31')
    await shows(page, zh('rail.report'))
    await page.getByText('2020-01-01 – 2020-12-31').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: zh('report.export') }).click()
    expect((await download).suggestedFilename()).toBe('report-2020-01-01-2020-12-31.csv')
    expect(faults()).toEqual([])
  })
})
