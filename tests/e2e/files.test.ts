import { randomBytes } from 'node:crypto'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { issueStatement } from '@huitong/contract/exchange'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { FILES } from '../../apps/web/src/pages/exchange/file-words.ts'
import { type FileChannel, fileChannel, useFileWorld } from '../harness/files.ts'
import {
  buildPages,
  expectAccessible,
  expectTranslated,
  hasChromium,
  type Language,
  openBrowser,
  watch,
  type Watched,
} from './browser.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 })
const canRun = hasChromium()

describe.skipIf(!canRun)('a task of files, on its pages', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const world = useFileWorld({}, { portal: true })
  let browser: Browser
  let files: FileChannel
  let watched: Watched
  let statement: string

  beforeAll(async () => {
    browser = await openBrowser()
    files = await fileChannel(world)
    files.put('民政/2026年第一季度 低保名单.xlsx', randomBytes(120_000))
    files.put('扫描件/同意函.pdf', randomBytes(3_000_000))
    files.put('说明.txt', '说明')
    symlinkSync('/etc/hostname', join(files.from, '链接.txt'))
    await files.start()
    await files.until(({ state }) => state === 'following')
    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
    const centre = await world.platform.as('centre')
    statement = (await centre.call(issueStatement, { params: { id: files.id }, body: { from: day, to: day } })).id
    watched = await watch(browser, world.platform, { account: 'centre' })
  })
  afterAll(async () => {
    await browser?.close()
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

  test('its files stand on the task by path, size and digest, and what could not be sent by its reason', async () => {
    const { page } = watched
    await page.goto(`/channels/${files.id}?tab=files`)
    await looked('files', async (language) => {
      await page.getByText('扫描件/同意函.pdf').waitFor()
      await page.getByText(FILES.filesApplied[language]!).waitFor()
      await page.getByText(FILES.link[language]!).first().waitFor()
    })
  })

  test('the statement names each file', async () => {
    const { page } = watched
    await page.goto(`/statements/${statement}`)
    await looked('files-statement', async () => page.getByText('民政/2026年第一季度 低保名单.xlsx').waitFor())
  })

  test('a new task carries files: it asks for a folder, and for no fields', async () => {
    const { page } = watched
    const { grantId } = await files.channel()
    await page.goto(`/channels/new?grant=${grantId}`)
    await looked('files-new', async (language) => {
      await page.getByLabel(FILES.mode[language]!).check()
      await page.getByText(FILES.folder[language]!).first().waitFor()
    })
  })
})
