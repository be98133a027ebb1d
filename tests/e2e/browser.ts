import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { buildWebWhenStale } from '../../apps/server/src/supervisor/web-build.ts'
import { dictionary, type WordKey } from '../../apps/web/src/words/dictionary.ts'
import type { Account, TestPlatform } from '../harness/platform.ts'
import { findChromium, openBrowser } from './open-browser.ts'

export type Language = 'zh' | 'en'
export type Mode = 'light' | 'dark'

const ROOT = join(import.meta.dirname, '../..')
/** Whether browser tests can run here; says so when they cannot. */
export function hasChromium(): boolean {
  const found = findChromium() !== null
  if (!found) console.warn('SKIPPED: no Chromium (set CHROMIUM to its path): the pages are not tested in a browser')
  return found
}

export { openBrowser }

/** Builds the pages when they changed; before the platform is made, which serves what it finds. */
export const buildPages = () => buildWebWhenStale(ROOT)

/** The platform's address for browsers. */
export async function listen(platform: TestPlatform): Promise<string> {
  const { http } = platform.server
  if (!http.server.listening) await http.listen({ port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`
}

/** A page and everything that went wrong in it. */
export interface Watched {
  readonly context: BrowserContext
  readonly page: Page
  /** Console errors, exceptions, failed requests and refusals since the last call. */
  faults(): string[]
}

export interface WatchOptions {
  readonly account?: Account
  readonly language?: Language
  readonly mode?: Mode
  /** Runs before any script of a page. */
  readonly before?: () => void
}

/** A context of its own, signed in as the account, with language and mode chosen. */
export async function watch(browser: Browser, platform: TestPlatform, options: WatchOptions = {}): Promise<Watched> {
  const { account, language = 'zh', mode = 'light', before } = options
  const baseURL = await listen(platform)
  const context = await browser.newContext({ baseURL, viewport: { width: 1280, height: 800 }, acceptDownloads: true })
  if (account) {
    const [name, value] = (await platform.as(account)).cookie.split('=') as [string, string]
    await context.addCookies([{ name, value, url: baseURL, httpOnly: true, sameSite: 'Strict' }])
  }
  // Only where the person did not choose on the page itself.
  const preferences = { language, mode }
  await context.addInitScript((chosen) => {
    if (localStorage.getItem('huitong.language') === null) localStorage.setItem('huitong.language', chosen.language)
    if (localStorage.getItem('huitong.mode') === null) localStorage.setItem('huitong.mode', chosen.mode)
  }, preferences)
  if (before) await context.addInitScript(before)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  return { context, page, faults: collectFaults(page) }
}

function collectFaults(page: Page): () => string[] {
  let faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`))
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    // A page that is left ends its requests.
    if (why !== 'net::ERR_ABORTED') faults.push(`request: ${request.url()} ${why}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`response: ${response.status()} ${response.url()}`)
  })
  return () => {
    const now = faults
    faults = []
    return now
  }
}

/** Words of the pages' own dictionary. */
export function words(language: Language, key: WordKey, values: Record<string, string | number> = {}): string {
  return dictionary[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
}

/** Waits until the page shows this as its first heading and has no more requests under way. */
export async function shows(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
  await page.waitForLoadState('networkidle')
}

/** No key of the dictionary and no unfilled place stands among the words of the page. */
export async function expectTranslated(page: Page): Promise<void> {
  const text = await page.locator('body').innerText()
  const prefixes = new Set(Object.keys(dictionary).map((key) => key.split('.')[0]!))
  const codes = await page.locator('code, pre').allInnerTexts()
  const keys = [...text.matchAll(/\b([a-z][A-Za-z]+)\.[a-z][A-Za-z_]+\b/g)]
    .filter(([all, prefix]) => prefixes.has(prefix!) && !codes.some((code) => code.includes(all)))
    .map(([all]) => all)
  const places = [...text.matchAll(/\{\w+\}/g)].map(([all]) => all)
  expect([...keys, ...places, ...(text.includes('undefined') ? ['undefined'] : [])]).toEqual([])
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

interface Violation {
  id: string
  impact: string
  nodes: { html: string; failureSummary: string }[]
}

/** No finding of axe of impact serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  // As text, because these tests are not compiled for a document.
  const options = JSON.stringify({ runOnly: { type: 'tag', values: RULES }, resultTypes: ['violations'] })
  const violations: Violation[] = await page.evaluate(`axe.run(document, ${options}).then((done) => done.violations)`)
  const found = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`)
  expect(found).toEqual([])
}
