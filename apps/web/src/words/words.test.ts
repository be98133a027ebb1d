import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CATALOGUE_WORDS } from './catalogue.ts'
import { CHOICES_WORDS } from './choices.ts'
import { dictionary } from './dictionary.ts'
import { EXCHANGE_WORDS } from './exchange.ts'
import { fill, speaker } from './index.ts'
import { GOVERNANCE_WORDS } from './governance.ts'
import { OBJECT_KIND_WORDS } from './object-kinds.ts'
import { OPERATIONS_WORDS } from './operations.ts'
import { PLATFORM_WORDS } from './platform.ts'
import { REQUESTS_WORDS } from './requests.ts'
import { SEARCH_WORDS } from './search.ts'
import { SERVICES_WORDS } from './services.ts'
import { SHELL_WORDS } from './shell.ts'

const AREAS = [
  SHELL_WORDS,
  CHOICES_WORDS,
  OBJECT_KIND_WORDS,
  CATALOGUE_WORDS,
  SEARCH_WORDS,
  REQUESTS_WORDS,
  EXCHANGE_WORDS,
  PLATFORM_WORDS,
  OPERATIONS_WORDS,
  GOVERNANCE_WORDS,
  SERVICES_WORDS,
]
const entries = Object.entries({ ...dictionary, ...OBJECT_KIND_WORDS })
const placesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()
const CJK = /[\u3000-\u9fff\uff00-\uffef]/

test('both languages are complete: every key says something in each', () => {
  for (const [key, { zh, en }] of entries) {
    expect(zh.trim(), key).not.toBe('')
    expect(en.trim(), key).not.toBe('')
  }
})

test('English is English: no Chinese character or punctuation is left in it', () => {
  expect(entries.filter(([, { en }]) => CJK.test(en)).map(([key]) => key)).toEqual([])
})

test('Chinese is Chinese, but for a few signs that need no words', () => {
  const exempt = new Set(['channel.fromTo'])
  expect(entries.filter(([key, { zh }]) => !CJK.test(zh) && !exempt.has(key)).map(([key]) => key)).toEqual([])
})

test('both languages fill the same places', () => {
  for (const [key, { zh, en }] of entries) expect(placesOf(en), key).toEqual(placesOf(zh))
})

test('no key is given twice in different areas', () => {
  expect(AREAS.reduce((sum, area) => sum + Object.keys(area).length, 0)).toBe(entries.length)
})

test('our inner words never reach a page', () => {
  const inner = /\b(channel|segment|grant|obligation|distribution|tenant|payload kind|idempotency)s?\b/i
  expect(entries.filter(([, { en }]) => inner.test(en)).map(([key]) => key)).toEqual([])
})

/** All sources of the pages, without tests and words. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'words' ? [] : sources(path)
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? [readFileSync(path, 'utf8')] : []
  })
}

test('every key is used: by its name, or as a choice of a list', () => {
  const text = sources(fileURLToPath(new URL('..', import.meta.url))).join('\n')
  const unused = entries
    .map(([key]) => key)
    .filter((key) => {
      const list = key.slice(0, key.indexOf('.'))
      return (
        !text.includes(`'${key}'`) &&
        !text.includes(`'${list}'`) &&
        !text.includes(`list="${list}"`) &&
        !text.includes(`\`${list}.$`) &&
        !text.includes(`\`${key.slice(0, key.lastIndexOf('.') + 1)}$`)
      )
    })
  expect(unused).toEqual([])
})

test('places are filled, unknown ones stay visible', () => {
  expect(fill('a {x} b {y}', { x: 1 })).toBe('a 1 b {y}')
  expect(speaker('en').t('request.sent', { number: 'S-1' })).toBe('Sent; the number is S-1')
  expect(speaker('zh').choice('shareAttribute', 'refused')).toBe('不予共享')
  expect(speaker('zh').choice('shareAttribute', 'unheard')).toBe('unheard')
  expect(speaker('en').say({ zh: '公安局' })).toBe('公安局')
  expect(speaker('zh').listed(['甲', '乙'])).toBe('甲、乙')
  expect(speaker('en').listed(['a', 'b'])).toBe('a, b')
})
