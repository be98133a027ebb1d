import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FRAME_BYTES, listUploads } from '@huitong/contract/nodes'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { SftpSettings } from '../../packages/connectors/src/files/remote/settings.ts'
import { UPLOADS } from '../../apps/web/src/pages/nodes/uploads-words.ts'
import type { WordKey } from '../../apps/web/src/words/dictionary.ts'
import { eventually } from '../harness/guards.ts'
import { usePlatform } from '../harness/platform.ts'
import { openedBy, useUploads } from '../harness/uploads.ts'
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
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const canRun = hasChromium()

describe.skipIf(!canRun)('a data officer uploads files in the portal', () => {
  if (canRun) beforeAll(async () => void (await buildPages()), 300_000)
  const platform = usePlatform({ portal: true })
  const made = useUploads(platform)
  const folder = mkdtempSync(join(tmpdir(), 'huitong-uploads-'))
  let browser: Browser
  beforeAll(async () => void (browser = await openBrowser()))
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })
  const listed = async () =>
    (await (await platform.as('civil-officer')).call(listUploads, { params: { id: made.sourceId } })).items

  test.each(['zh', 'en'] as const)('%s: it goes on after a reload of the page where it was', async (language) => {
    const name = `名单 ${language}.bin`
    const content = randomBytes(6 * FRAME_BYTES + 99)
    writeFileSync(join(folder, name), content)
    const { page, context } = await watch(browser, platform, { account: 'civil-officer', language })
    await page.goto('/data-sources')
    await page.getByRole('link', { name: UPLOADS.title[language] }).click()
    await shows(page, UPLOADS.title[language])
    const choose = () => page.locator('input[type=file]').setInputFiles(join(folder, name))
    // A slow line, which then breaks.
    const slow = await context.newCDPSession(page)
    await slow.send('Network.enable')
    const line = { offline: false, latency: 5, downloadThroughput: -1, uploadThroughput: 8 * 1024 * 1024 }
    await slow.send('Network.emulateNetworkConditions', line)
    await choose()
    await page.getByText(UPLOADS.sending[language], { exact: true }).last().waitFor()
    const halfway = await eventually(
      listed,
      (items) => Number(items.find((one) => one.fileName === name)?.received ?? 0) >= 2 * FRAME_BYTES,
      60_000,
    )
    const before = halfway.find((one) => one.fileName === name)!
    expect(before.state).toBe('receiving')
    await expectTranslated(page)
    await expectAccessible(page)
    await shoot(page, `uploading.${language}`)
    page.on('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await shows(page, UPLOADS.title[language])
    await page.getByText(UPLOADS.receiving[language], { exact: true }).waitFor()
    const sent: string[] = []
    page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(`${request.method()} ${request.headers()['upload-offset'] ?? ''}`)
    })
    await choose()
    await page.getByText(UPLOADS.whole[language], { exact: true }).waitFor({ timeout: 60_000 })
    await page.getByText(UPLOADS.kept[language], { exact: true }).first().waitFor()
    // It was asked for, not made anew, and nothing before it was sent again.
    expect(sent[0]).toBe('HEAD ')
    expect(sent.filter((one) => one.startsWith('POST'))).toEqual([])
    expect(
      Math.min(...sent.filter((one) => one.startsWith('PATCH')).map((one) => Number(one.slice(6)))),
    ).toBeGreaterThanOrEqual(Number(before.received))
    const after = (await listed()).find((one) => one.fileName === name)!
    expect(after).toMatchObject({ id: before.id, state: 'kept', checked: true })
    expect((await openedBy(made.node, after.id, content.length)).equals(content)).toBe(true)
    await shoot(page, `uploaded.${language}`)
    await context.close()
  })

  test.each(['zh', 'en'] as const)('%s: a folder by SFTP is registered by its form', async (language) => {
    const say = (key: WordKey) => words(language, key)
    const { page, faults } = await watch(browser, platform, { account: 'centre', language })
    await page.goto('/data-sources')
    await shows(page, say('rail.sources'))
    await page.getByRole('button', { name: say('source.new') }).click()
    const form = page.getByRole('dialog')
    const choose = async (label: string, option: RegExp) => {
      await form.getByLabel(label, { exact: true }).click()
      await page.getByTitle(option).last().click()
    }
    await form.getByLabel(say('source.name'), { exact: true }).fill(`交换文件夹 ${language}`)
    await choose(say('source.node'), /民政/)
    await choose(say('source.kind'), /SFTP/)
    const labels = Object.entries(SftpSettings.properties).map(([name, one]) => {
      return [name, (one as unknown as { 'x-words': Record<string, string> })['x-words'][language]!] as const
    })
    const given = { host: 'files.internal', hostKey: 'SHA256:short', folder: '/outgoing', user: 'handover' }
    const values: Readonly<Record<string, string>> = { ...given, privateKey: 'line 1\nline 2' }
    for (const [name, label] of labels)
      if (name in values) await form.getByLabel(label, { exact: true }).fill(values[name]!)
    const hostKey = form.getByLabel(labels.find(([name]) => name === 'hostKey')![1], { exact: true })
    await form.getByRole('button', { name: say('source.register'), exact: true }).click()
    await form.locator('[role=alert]').first().waitFor()
    expect(await hostKey.getAttribute('aria-invalid')).toBe('true')
    await hostKey.fill(`SHA256:${'A'.repeat(43)}`)
    await expectTranslated(page)
    await expectAccessible(page)
    await shoot(page, `sftp.${language}`)
    await form.getByRole('button', { name: say('source.register'), exact: true }).click()
    await page
      .getByRole('cell', { name: `交换文件夹 ${language}` })
      .first()
      .waitFor()
    expect(faults()).toEqual([])
  })

  test('what the platform refuses is said in words, and a removed file is gone', async () => {
    const { page, context } = await watch(browser, platform, { account: 'civil-officer' })
    await page.goto(`/data-sources/${made.sourceId}/uploads`)
    await shows(page, UPLOADS.title.zh)
    await page.locator('input[type=file]').setInputFiles({ name: '.hidden', mimeType: '', buffer: Buffer.from('x') })
    await page.getByText(UPLOADS.badName.zh, { exact: true }).waitFor()
    // The refusal stands beside the file, and the file can be taken off the list.
    await page.getByRole('button', { name: `${UPLOADS.cancel.zh} .hidden`, exact: true }).waitFor()
    await page.getByRole('button', { name: `${UPLOADS.resume.zh} .hidden`, exact: true }).waitFor()
    await shoot(page, 'refused.zh')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'gone.csv', mimeType: '', buffer: Buffer.from('a\n1\n') })
    await page.getByRole('button', { name: `${UPLOADS.remove.zh} gone.csv`, exact: true }).click()
    await page.locator('.ant-popconfirm .ant-btn-primary').click()
    await eventually(listed, (items) => items.some((one) => one.fileName === 'gone.csv' && one.state === 'removed'))
    await page.getByText(UPLOADS.removed.zh, { exact: true }).first().waitFor()
    await context.close()
  })
})

async function shoot(
  page: { screenshot(options: { path: string; fullPage: boolean }): Promise<unknown> },
  name: string,
) {
  const folder = process.env['HUITONG_SHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
