import { expect, test } from 'vitest'
import { bytes, exactNumber, shortNumber } from './number.ts'

test('a count is exact under ten thousand and short above, in the reader’s own units', () => {
  expect(shortNumber('0', 'zh')).toBe('0')
  expect(shortNumber('9999', 'zh')).toBe('9,999')
  expect(shortNumber('10000', 'zh')).toBe('1 万')
  expect(shortNumber('12345', 'zh')).toBe('1.23 万')
  expect(shortNumber('456789', 'zh')).toBe('45.6 万')
  expect(shortNumber('99999999', 'zh')).toBe('9,999 万')
  expect(shortNumber('100000000', 'zh')).toBe('1 亿')
  expect(shortNumber('2060000000', 'zh')).toBe('20.6 亿')
  expect(shortNumber('12345', 'en')).toBe('12.3 k')
  expect(shortNumber('2060000000', 'en')).toBe('2.06 B')
  expect(shortNumber('-12345', 'zh')).toBe('-1.23 万')
})

test('64-bit counts lose no digit', () => {
  expect(exactNumber('9223372036854775807')).toBe('9,223,372,036,854,775,807')
  expect(shortNumber('9223372036854775807', 'zh')).toBe('92,233,720,368 亿')
  expect(exactNumber('1234.5678')).toBe('1,234.5678')
})

test('sizes are in binary units', () => {
  expect(bytes('0')).toBe('0 B')
  expect(bytes('1023')).toBe('1023 B')
  expect(bytes('1536')).toBe('1.50 KiB')
  expect(bytes(String(64 * 1024 * 1024))).toBe('64.0 MiB')
})
