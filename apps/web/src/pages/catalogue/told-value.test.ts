import { expect, test } from 'vitest'
import { speaker } from '../../words/index.ts'
import { toldValue } from './told-value.ts'

const zh = speaker('zh')
const en = speaker('en')

test('changes are told in words, not in codes', () => {
  expect(toldValue('/updateCycle', 'weekly', zh)).toBe('每周')
  expect(toldValue('/items/3/shareAttribute', 'refused', en)).toBe('Not shared')
  expect(toldValue('/shareMethods', ['table', 'service'], zh)).toBe('库表、服务接口')
  expect(toldValue('/summary', { zh: '摘要', en: 'Summary' }, en)).toBe('Summary')
  expect(toldValue('/summary', { zh: '摘要' }, en)).toBe('摘要')
  expect(toldValue('/items/3/key', true, zh)).toBe('是')
  expect(toldValue('/contact', { name: '李', phone: '1' }, zh)).toBe('李 · 1')
  expect(toldValue('/system', null, zh)).toBe('–')
  expect(toldValue('/useConditions', 'daily', zh)).toBe('daily')
})
