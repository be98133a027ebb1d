import { checkCreditCode, divisions } from '@huitong/codes'
import { describe, expect, test } from 'vitest'
import { cityOf } from './city.ts'
import { creditCheck, organCreditCode, organisationCheck } from './credit-code.ts'
import { prefectures } from './divisions.ts'
import { randomOf } from './random.ts'

const KNOWN = new Map(divisions().map((one) => [one.code, one.name]))

describe('the city of a seed', () => {
  test('is the same each time and another for another seed', () => {
    expect(cityOf(7)).toEqual(cityOf(7))
    const places = new Set(Array.from({ length: 20 }, (_one, seed) => cityOf(seed).division.code))
    expect(places.size).toBeGreaterThan(15)
  })

  test('is a real city whose divisions the platform knows, with at least six counties', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { division, counties, province } = cityOf(seed)
      expect(KNOWN.get(division.code)).toBe(division.name)
      expect(KNOWN.get(province.code)).toBe(province.name)
      expect(counties.length).toBeGreaterThanOrEqual(6)
      for (const county of counties) {
        expect(county.code.slice(0, 4)).toBe(division.code.slice(0, 4))
        expect(KNOWN.get(county.code)).toBe(county.name)
      }
    }
    expect(prefectures().length).toBeGreaterThan(200)
  })

  test('has about twenty departments with valid codes, and people in every role with accounts of their own', () => {
    const { departments, people } = cityOf(3)
    expect(departments).toHaveLength(20)
    expect(new Set(departments.map((one) => one.creditCode)).size).toBe(20)
    // The referee is the platform's own checker, written apart from the generator.
    for (const one of departments) expect(checkCreditCode(one.creditCode)).toMatchObject({ status: 'valid' })
    expect(new Set(people.map((one) => one.account)).size).toBe(people.length)
    const roles = new Set(people.map((one) => one.role))
    expect([...roles].sort()).toEqual(
      'audit_admin authority data_centre data_officer department_head developer operator security_admin system_admin'.split(
        ' ',
      ),
    )
    for (const one of people) expect(one.name).toMatch(/^\p{Script=Han}{2,3}$/u)
  })
})

describe('check characters', () => {
  // Codes that real organisations publish.
  const real = ['91350100M000100Y43', '91110000600037341L', '914403001922038216']
  test.each(real)('%s is valid by the standard', (code) => {
    expect(creditCheck(code.slice(0, 17))).toBe(code[17])
    expect(organisationCheck(code.slice(8, 16))).toBe(code[16])
  })
  test('a made code follows both standards and bad characters are refused', () => {
    const code = organCreditCode('330100', 12)
    expect(code).toMatch(/^11330100MB001201[0-9X][0-9A-HJ-NP-RTUW-Y]$/)
    expect(() => creditCheck('1133010OMB0012015')).toThrow(RangeError)
    expect(() => organisationCheck('short')).toThrow(RangeError)
  })
})

describe('choices', () => {
  test('are fair, repeatable, and samples hold different elements in order', () => {
    const random = randomOf('test')
    const counts = [0, 0, 0]
    for (let i = 0; i < 3000; i++) counts[random.integer(3)]!++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120)
    expect(randomOf('a').sample([1, 2, 3, 4, 5], 3)).toEqual(randomOf('a').sample([1, 2, 3, 4, 5], 3))
    const some = random.sample([...'abcdefgh'], 5)
    expect(new Set(some).size).toBe(5)
    expect([...some].sort()).toEqual(some)
  })
})
