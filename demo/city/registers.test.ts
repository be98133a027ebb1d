import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkCreditCode, checkIdNumber, creditCodeCheck, idNumberCheck } from '@huitong/codes'
import { beforeAll, describe, expect, test } from 'vitest'
import { cityOf } from './city.ts'
import { creditCodeOf } from './firms.ts'
import { creditCheck } from './credit-code.ts'
import { DIVISION_FILES, prefectures } from './divisions.ts'
import { idCheck } from './id-number.ts'
import { SURNAMES } from './names.ts'
import type { Village } from './people.ts'
import { ABOLISHED_COUNTIES } from './population-dirt.ts'
import { makeRegisters, type Registers } from './registers.ts'
import { firmsFor, personsFor } from './size.ts'
import { refereeFile } from './testing/referees.ts'
import { rulesBroken, TODAY } from './testing/rules.ts'

const table = (name: string): string[][] =>
  readFileSync(join(DIVISION_FILES, `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map((field) => field.replaceAll('"', '')))

const streets = new Map(table('streets').map(([code, name]) => [code!, name!]))
const areas = new Map(table('areas').map(([code, name]) => [code!, name!]))
const ALL_VILLAGES = table('villages').map(([code, name, street, , , area]) => {
  return { code: code!, name: name!, street: streets.get(street!)!, areaCode: area!, area: areas.get(area!)! }
})
const villagesOf = (seed: number): Village[] => {
  const counties = new Set(cityOf(seed).counties.map((one) => one.code))
  return ALL_VILLAGES.filter((one) => counties.has(one.areaCode))
}
const made = (seed: number, persons: number): Registers =>
  makeRegisters(cityOf(seed), { persons, firms: firmsFor(persons) }, villagesOf(seed))

const REFEREE = refereeFile('areacodes/result.csv')

const DECIDABLE = {
  population:
    'id_number_check birth_date_impossible sex_against_id birth_against_id id_number_duplicate name_missing sex_code nation_code phone_fullwidth name_spaces name_address_swapped division_outdated death_before_birth village_unknown',
  benefit: 'benefit_of_dead amount_range family_missing',
  enterprise: 'credit_code_check legal_person_missing capital_range established_future',
  licence: 'licence_orphan valid_before_issued',
} as const

describe.each([
  [1, 200_000],
  [2, 20_000],
  [7, 20_000],
  [3, 2_000],
])('the registers of seed %i with %i persons', { timeout: 120_000 }, (seed, persons) => {
  let registers: Registers
  let seconds = 0
  beforeAll(() => {
    const begun = performance.now()
    registers = made(seed, persons)
    seconds = (performance.now() - begun) / 1000
  })

  test('have the sizes that were asked for, quickly', () => {
    expect(registers.population).toHaveLength(persons)
    expect(registers.enterprise).toHaveLength(firmsFor(persons))
    expect(registers.benefit.length).toBeGreaterThan(persons / 100)
    expect(registers.licence.length).toBeGreaterThan(registers.enterprise.length / 5)
    // About 2 s alone; machines under load are slower.
    expect(seconds).toBeLessThan(60)
  })

  test('break exactly the rules that the truth lists, row by row', () => {
    const villages = new Set(ALL_VILLAGES.map((one) => one.code))
    const found = rulesBroken(registers, { villages, counties: new Set(areas.keys()) }).sort()
    const lines = registers.truth.lines()
    const listed = lines.filter((one) => one.decidable !== false).map((one) => `${one.table}/${one.id}/${one.rule}`)
    const known = new Set(listed)
    const missed = found.filter((one) => !known.has(one)).slice(0, 20)
    expect({ unlisted: missed, count: found.length }).toEqual({ unlisted: [], count: listed.length })
    expect(listed.sort()).toEqual(found)
  })

  test('break every rule several times, in about three rows of a hundred, and often several at once', () => {
    const lines = registers.truth.lines()
    for (const [name, rules] of Object.entries(DECIDABLE)) {
      const own = lines.filter((one) => one.table === name)
      for (const rule of rules.split(' ')) {
        expect(own.filter((one) => one.rule === rule).length, rule).toBeGreaterThanOrEqual(2)
      }
      const rows = new Set(own.map((one) => one.id)).size
      const total = registers[name as keyof typeof DECIDABLE].length
      expect(rows / total, name).toBeGreaterThan(0.015)
      if (total > 500) expect(rows / total, name).toBeLessThan(0.06)
      if (total > 1000) expect(own.length, name).toBeGreaterThan(rows)
    }
  })

  test('hold pairs that look like one person with two right numbers, both ways', () => {
    const pairs = registers.truth.lines().filter((one) => one.decidable === false)
    expect(pairs.length).toBeGreaterThanOrEqual(4)
    const rows = new Map(registers.population.map((one) => [one.id, one]))
    for (const { id, with: like } of pairs) {
      const [one, other] = [rows.get(id)!, rows.get(like!)!]
      expect(one.name).toBe(other.name)
      expect(one.birth_date).toBe(other.birth_date)
      expect(one.id_number).not.toBe(other.id_number)
      expect(pairs.some((pair) => pair.id === like && pair.with === id)).toBe(true)
      for (const row of [one, other]) expect(checkIdNumber(row.id_number!, TODAY).status).toBe('valid')
    }
  })

  test('are the same each time', () => {
    if (persons > 20_000) return
    expect(JSON.stringify(made(seed, persons))).toBe(JSON.stringify(registers))
  })

  test('live in the real villages of their own city', () => {
    const city = cityOf(seed)
    const counties = new Map(city.counties.map((one) => [one.code, one.name]))
    for (const { address, division_code, village_code, name } of registers.population) {
      if (!counties.has(division_code!)) continue
      const home = address!.includes('号') ? address! : name!
      expect(home.startsWith(counties.get(division_code!)!)).toBe(true)
      if (village_code!.slice(6, 9) !== '999') expect(village_code!.slice(0, 6)).toBe(division_code)
    }
  })
})

describe('the parts of the registers', () => {
  test('check characters agree with the vectors of the standards and with the platform’s own code', () => {
    for (const number of ['11010519491231002X', '34052419800101001X'])
      expect(idCheck(number.slice(0, 17))).toBe(number[17])
    for (const code of ['91350100M000100Y43', '91512081MA62K0260E', '11320000MB151840XJ']) {
      expect(creditCheck(code.slice(0, 17))).toBe(code[17])
    }
    expect(creditCheck('91350100M000100Y4')).not.toBe('Z')
    for (let body = 0; body < 2000; body++) {
      const code = creditCodeOf('91', '330106', body * 438_857)
      expect(creditCodeCheck(code.slice(0, 17))).toBe(code[17])
      expect(checkCreditCode(code)).toMatchObject({ status: 'valid' })
      const first17 = `330106199001${String(10 + (body % 19))}${String(body % 1000).padStart(3, '0')}`
      expect(idCheck(first17)).toBe(idNumberCheck(first17))
    }
  })

  test('surnames come as often as they do in the country', () => {
    const names = made(5, 20_000).population.flatMap(({ name, nation }) => (name && nation !== '05' ? [name] : []))
    const total = SURNAMES.reduce((sum, [, weight]) => sum + weight, 0)
    expect(SURNAMES.length).toBeGreaterThan(100)
    for (const [one, weight] of SURNAMES.slice(0, 8)) {
      const share = names.filter((name) => name.startsWith(one)).length / names.length
      expect(Math.abs(share / (weight / total) - 1), one).toBeLessThan(0.2)
    }
  })

  test('abolished counties are in no table of today', () => {
    const today = new Set(prefectures().flatMap(({ counties }) => counties.map((one) => one.code)))
    for (const code of ABOLISHED_COUNTIES) expect(areas.has(code) || today.has(code), code).toBe(false)
  })

  test.skipIf(REFEREE === undefined)('and the register of changes says that they are abolished', () => {
    const lines = readFileSync(REFEREE!, 'utf8').split('\n')
    for (const code of ABOLISHED_COUNTIES) {
      const states = lines.filter((line) => line.startsWith(`${code},`)).map((line) => line.split(',')[5])
      expect(states.length, code).toBeGreaterThan(0)
      expect(states.includes('在用'), code).toBe(false)
    }
  })

  test('a small city is small in all its tables', () => {
    expect(personsFor(620_573)).toBe(200_000)
    expect(firmsFor(200_000)).toBe(30_000)
    expect(personsFor(5_000)).toBe(10_000)
    expect(personsFor(1_000)).toBe(2_000)
  })
})
