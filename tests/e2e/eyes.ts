import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { WordKey } from '../../apps/web/src/words/dictionary.ts'
import { LONG } from '../harness/long.ts'
import type { Account, TestPlatform } from '../harness/platform.ts'
import { expectAccessible, expectTranslated, shows, watch, words, type Language, type Watched } from './browser.ts'

/** What the heading says: a word of the dictionary, with the name of a thing or without, or words of the page's own. */
export type Heading = WordKey | { zh: string; en: string } | readonly [WordKey, { zh: string; en: string }]

function headingOf(heading: Heading, language: Language): string {
  if (typeof heading === 'string') return words(language, heading)
  return 'zh' in heading ? heading[language] : words(language, heading[0], { name: heading[1][language] })
}

/** Keeps what the page looks like, for people, where `HUITONG_SHOTS` names a folder. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['HUITONG_SHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${name.replaceAll(/[^\w-]+/g, '_')}.png`) })
}

/** Looks at a page as one account, in Chinese and light, then in English and dark: whole, translated, accessible, without a fault. */
export function useEyes(platform: TestPlatform, browser: () => Browser) {
  const open = new Map<string, Watched>()
  let looked = 0

  /** One page per person, so that what is fetched once is fetched once. */
  async function pageOf(account: Account | null): Promise<Watched> {
    const key = account ?? ''
    const known = open.get(key)
    if (known) return known
    const made = await watch(browser(), platform, account ? { account } : {})
    // Every page begins in Chinese and in light, whatever became of the one before.
    await made.context.addInitScript(() => {
      localStorage.setItem('huitong.language', 'zh')
      localStorage.setItem('huitong.mode', 'light')
    })
    open.set(key, made)
    return made
  }

  return async (account: Account | null, address: string, heading: Heading) => {
    const { page, faults } = await pageOf(account)
    faults()
    await page.goto(address)
    await shows(page, headingOf(heading, 'zh'))
    await expectTranslated(page)
    await expectAccessible(page)
    if (account !== null)
      expect(await page.evaluate('document.documentElement.scrollHeight - innerHeight'), 'only the page scrolls').toBe(
        0,
      )
    await shoot(page, `${account}${address}-zh`)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: words('en', 'shell.dark') }).click()
    await page.getByRole('heading', { level: 1, name: headingOf(heading, 'en'), exact: true }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await expectTranslated(page)
    // All colours come from one set of tokens: of the dark ones a third of the pages tells.
    if (LONG || looked++ % 3 === 0) await expectAccessible(page, 'colours')
    await shoot(page, `${account}${address}-en`)
    expect(faults()).toEqual([])
  }
}
