import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refereeFolder } from '../test/referees.ts'
import { divisionContains, divisions, divisionsSource, parseDivision } from './division.ts'

test('levels and parents of 6, 9 and 12 digits', () => {
  const cases: [string, string, string, string | undefined][] = [
    ['320000', 'province', '32', undefined],
    ['320500', 'prefecture', '3205', '320000'],
    ['320505', 'county', '320505', '320500'],
    ['320505000', 'county', '320505', '320500'],
    ['320505001', 'township', '320505001', '320505'],
    ['320505001000', 'township', '320505001', '320505'],
    ['320505001002', 'village', '320505001002', '320505001'],
    ['441900003', 'township', '441900003', '441900'],
    ['460001', 'county', '460001', '460000'],
    ['320000000000', 'province', '32', undefined],
  ]
  for (const [code, level, prefix, parent] of cases)
    expect(parseDivision(code)).toEqual({ code, level, prefix, parent })
})

test('what is no division code', () => {
  const bad = ['', '32', '3205', '32050', '3205051', '32050500', '020505', '920505', '320000001', '320505000001']
  for (const code of [...bad, '32050X', '３20505', '320505\n', '-20505'])
    expect(parseDivision(code), code).toBeUndefined()
})

test('containment goes by prefix', () => {
  expect(divisionContains('320000', '320505001002')).toBe(true)
  expect(divisionContains('320500', '320505')).toBe(true)
  expect(divisionContains('320505', '320505')).toBe(true)
  expect(divisionContains('320505', '320500')).toBe(false)
  expect(divisionContains('320500', '320600')).toBe(false)
  expect(divisionContains('320505001', '320505')).toBe(false)
  expect(divisionContains('nonsense', '320505')).toBe(false)
  expect(divisionContains('320000', 'nonsense')).toBe(false)
})

test('the table: every code parses, every parent is there, names are not empty', () => {
  const table = divisions()
  const codes = new Set(table.map((division) => division.code))
  expect(codes.size).toBe(table.length)
  expect(table.length).toBeGreaterThan(3300)
  for (const { code, name, parent } of table) {
    expect(name.trim(), code).toMatch(/^\p{Script=Han}+$/u)
    if (parent !== undefined) expect(codes.has(parent), `${code} ${name}`).toBe(true)
  }
  expect(table.filter((division) => division.level === 'province')).toHaveLength(34)
  expect(table.find((division) => division.code === '320505')?.name).toBe('虎丘区')
  expect(divisionsSource.edition).toBe('2023')
  expect([...codes]).toEqual([...codes].sort())
})

const referee = refereeFolder('areacodes')
describe.skipIf(referee === undefined)('against the history of division codes', () => {
  interface Row {
    code: string
    name: string
    level: string
    inUse: boolean
  }
  const rows: Row[] =
    referee === undefined
      ? []
      : readFileSync(join(referee, 'result.csv'), 'utf8')
          .replace('\ufeff', '')
          .trim()
          .split(/\r?\n/)
          .slice(1)
          .map((line) => line.split(','))
          .map(([code, , , name, level, state]) => ({
            code: code!,
            name: name!,
            level: level!,
            inUse: state === '在用',
          }))

  test('codes of all times parse to the level that they are listed under', () => {
    const levels: Record<string, string> = { 省级: 'province', 地级: 'prefecture', 县级: 'county' }
    const wrong = rows.filter((row) => parseDivision(row.code)?.level !== levels[row.level])
    expect(wrong.map((row) => `${row.code} ${row.name}`)).toEqual([])
  })

  test('nearly all codes in use today are in our table under the same name', () => {
    const names = new Map(divisions().map(({ code, name }) => [code, name]))
    const current = rows.filter((row) => row.inUse)
    const missing = current.filter((row) => names.get(row.code) !== row.name)
    expect(current.length).toBeGreaterThan(3000)
    expect(missing.length / current.length).toBeLessThan(0.02)
  })
})
