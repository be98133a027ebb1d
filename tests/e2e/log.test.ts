import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { useChannel, type Channel } from '../harness/exchange.ts'
import { at, copiedLog, deliverLog, logChannel, sealLog, streamOf } from '../harness/logged.ts'
import { serveUpstream, startUpstream, type Upstream } from '../harness/upstream.ts'
import {
  buildPages,
  expectAccessible,
  expectTranslated,
  hasChromium,
  openBrowser,
  type Language,
  watch,
  words,
  type Watched,
} from './browser.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })
const canRun = hasChromium()

describe.skipIf(!canRun)('a channel that follows the log, and services that are passed on, on their pages', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const prepared = useChannel({ portal: true, centre: true, env: { HUITONG_UPSTREAM_ALLOW: '127.0.0.1' } })
  const logging = () => ({ platform: prepared.platform, ground: prepared.ground, dataset: prepared.dataset })
  let browser: Browser
  let channel: Channel
  let watched: Watched
  let upstream: Upstream
  let service: string

  beforeAll(async () => {
    browser = await openBrowser()
    channel = await copiedLog(logging(), await logChannel(logging()))
    const { capture } = await streamOf(logging(), channel.id)
    const place = { from: at(16), to: at(32) }
    await deliverLog(logging(), channel.id, await sealLog(capture.input, logging(), [['U', '1', 'b', '33']], place))
    upstream = await startUpstream()
    service = (await serveUpstream(prepared.platform, upstream)).service.id
    watched = await watch(browser, prepared.platform, { account: 'centre' })
  })
  afterAll(async () => {
    await browser?.close()
    await upstream?.stop()
  })

  /** Looks at what is shown, in Chinese and then in English, and goes back. */
  async function looked(name: string, seen: (language: Language) => Promise<void>): Promise<void> {
    const { page } = watched
    for (const language of ['zh', 'en'] as const) {
      await seen(language)
      await expectTranslated(page)
      await expectAccessible(page)
      const folder = process.env['HUITONG_SHOTS']
      if (folder) await page.screenshot({ path: `${folder}/${name}-${language}.png`, fullPage: true })
      if (language === 'zh') await page.getByRole('button', { name: 'English' }).click()
    }
    await page.getByRole('button', { name: '中文' }).click()
    expect(watched.faults()).toEqual([])
  }

  test('its panel says where it stands', async () => {
    await watched.page.goto(`/channels/${channel.id}`)
    await looked('log', async (language) => {
      await watched.page.getByText(words(language, 'log.title')).waitFor()
    })
  })

  test('a new channel is configured to follow the log', async () => {
    const { page } = watched
    await page.goto(`/channels/new?grant=${channel.grantId}`)
    await looked('log-new', async (language) => page.getByLabel(words(language, 'channel.modeLog')).check())
  })

  test('a service of another department’s system: its page, and the form that makes one', async () => {
    const { page } = watched
    await page.goto(`/services/${service}`)
    await looked('proxied', async () => void (await page.getByText('people-live').first().waitFor()))
    await page.goto('/services')
    await page.getByRole('button', { name: words('zh', 'service.makeProxied') }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel(words('zh', 'service.baseUrl')).waitFor()
    await expectTranslated(page)
    await expectAccessible(page)
    const folder = process.env['HUITONG_SHOTS']
    if (folder) await page.screenshot({ path: `${folder}/make-proxied-zh.png`, fullPage: true })
    await form.getByRole('button', { name: words('zh', 'service.makeProxied') }).click()
    await form
      .getByText(words('zh', 'form.needed', { label: words('zh', 'service.baseUrl') }))
      .first()
      .waitFor()
  })
})
