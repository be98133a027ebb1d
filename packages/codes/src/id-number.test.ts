import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays } from './dates.ts'
import { checkIdNumber, idNumber15To18, idNumberCheck } from './id-number.ts'

const asOf = '2026-11-22'

function withCheck(first17: string): string {
  return first17 + idNumberCheck(first17)
}

test('the vectors of the standard', () => {
  expect(checkIdNumber('11010519491231002X', asOf)).toEqual({
    status: 'valid',
    number: '11010519491231002X',
    division: '110105',
    birthDate: '1949-12-31',
    sex: 'female',
    holder: 'resident',
    from15: false,
  })
  expect(checkIdNumber('34052419800101001X', asOf)).toMatchObject({ status: 'valid', sex: 'male' })
  expect(checkIdNumber('11010519491231002x', asOf)).toMatchObject({ number: '11010519491231002X' })
})

test('15 digits are converted; 996 to 999 belong to the century before', () => {
  expect(checkIdNumber('110105491231002', asOf)).toMatchObject({ number: '11010519491231002X', from15: true })
  expect(idNumber15To18('340524800101001')).toBe('34052419800101001X')
  expect(checkIdNumber('110105851231998', asOf)).toMatchObject({ birthDate: '1885-12-31' })
  expect(checkIdNumber('110105490230002', asOf)).toMatchObject({ status: 'invalid', reason: 'date' })
})

test('other holders', () => {
  expect(checkIdNumber(withCheck('81000019900101001'), asOf)).toMatchObject({ holder: 'hk_macao_taiwan' })
  expect(checkIdNumber(withCheck('91131019900101001'), asOf)).toMatchObject({ holder: 'foreign_permanent' })
})

test('each refusal has its reason and place', () => {
  const cases: [string, string, number][] = [
    ['', 'format', 0],
    ['11010519491231002', 'format', 17],
    ['11010519491231002XX', 'format', 18],
    ['1101051949123100X2', 'format', 16],
    ['１1010519491231002X', 'format', 0],
    [' 11010519491231002', 'format', 0],
    ['010105194912310021', 'format', 0],
    ['110105194912310021', 'check_digit', 17],
    [withCheck('11010519490229002'), 'date', 6],
    [withCheck('11010519491301002'), 'date', 6],
    [withCheck('11010517991231002'), 'date', 6],
    [withCheck('11010520261123002'), 'future', 6],
  ]
  for (const [text, reason, at] of cases) expect(checkIdNumber(text, asOf), text).toMatchObject({ reason, at })
  expect(checkIdNumber(withCheck('11010520261122002'), asOf)).toMatchObject({ status: 'valid' })
  expect(checkIdNumber(withCheck('11010520000229002'), asOf)).toMatchObject({ status: 'valid' })
  expect(() => checkIdNumber('11010519491231002X', '2026-02-30')).toThrow(RangeError)
})

test('property: a right check character is accepted, and every single wrong digit is caught', () => {
  const person = fc.tuple(fc.integer({ min: 110000, max: 659999 }), fc.integer({ min: 0, max: 60_000 }), fc.nat(999))
  fc.assert(
    fc.property(person, fc.nat(16), fc.integer({ min: 1, max: 9 }), ([division, days, sequence], at, shift) => {
      const birth = addDays('1860-01-01', days).replaceAll('-', '')
      const first17 = `${division}${birth}${String(sequence).padStart(3, '0')}`
      const number = first17 + idNumberCheck(first17)
      expect(checkIdNumber(number, asOf).status).toBe('valid')
      const digit = (Number(number[at]) + shift) % 10
      expect(checkIdNumber(number.slice(0, at) + digit + number.slice(at + 1), asOf).status).toBe('invalid')
    }),
  )
})
