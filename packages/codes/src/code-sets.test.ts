import { expect, test } from 'vitest'
import { nationalCodeSets } from './code-sets.ts'

const named = (code: string) => nationalCodeSets().find((one) => one.code === code)!

test('each national table says its edition and its source, and has every code once', () => {
  for (const one of nationalCodeSets()) {
    expect(one.source.length, one.code).toBeGreaterThan(10)
    expect(one.edition, one.code).toMatch(/^\d{4}$/)
    expect(new Set(one.codes.map(({ code }) => code)).size, one.code).toBe(one.codes.length)
    expect(new Set(one.codes.map(({ code }) => code.length)).size, one.code).toBe(1)
  }
})

test('the tables have as many codes as their standards', () => {
  expect(nationalCodeSets().map((one) => [one.code, one.codes.length])).toEqual([
    ['GB/T 2260', expect.any(Number)],
    ['GB/T 2261.1', 4],
    ['GB/T 2261.2', 8],
    ['GB/T 3304', 56],
    ['GB/T 4754-门类', 20],
    ['GB/T 4762', 13],
  ])
  expect(named('GB/T 2260').codes.length).toBeGreaterThan(3000)
})

test('known codes mean what they mean', () => {
  const name = (set: string, code: string) => named(set).codes.find((one) => one.code === code)?.name
  expect([name('GB/T 3304', '01'), name('GB/T 3304', '30'), name('GB/T 3304', '56')]).toEqual([
    '汉族',
    '土族',
    '基诺族',
  ])
  expect([name('GB/T 4754-门类', 'A'), name('GB/T 4754-门类', 'T')]).toEqual(['农、林、牧、渔业', '国际组织'])
  expect([name('GB/T 2261.1', '9'), name('GB/T 2260', '330106')]).toEqual(['未说明的性别', '西湖区'])
})
