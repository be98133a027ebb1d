import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkCreditCode, creditCodeCheck } from './credit-code.ts'
import { checkOrganisationCode, organisationCodeCheck } from './organisation-code.ts'

test('the vectors: valid codes', () => {
  for (const code of ['91350100M000100Y43', '91512081MA62K0260E', '11320000MB151840XJ']) {
    expect(checkCreditCode(code), code).toMatchObject({ status: 'valid', code })
  }
  expect(checkCreditCode('91350100M000100Y43')).toMatchObject({
    registrar: '9',
    category: '1',
    division: '350100',
    organisation: 'M000100Y4',
  })
  for (const code of ['D2143569X', 'M000100Y4', 'MB151840X', 'D2143569-X']) {
    expect(checkOrganisationCode(code), code).toMatchObject({ status: 'valid' })
  }
})

test('a wrong form is invalid, a wrong check character only a warning', () => {
  expect(checkCreditCode('91350100M000100Y4Z')).toMatchObject({ status: 'invalid', reason: 'format', at: 17 })
  expect(checkCreditCode('91350100M000100Y44')).toMatchObject({ status: 'warning', reason: 'check_digit', at: 17 })
  const inner = '91350100M000100Y5'
  expect(checkCreditCode(inner + creditCodeCheck(inner))).toMatchObject({
    status: 'warning',
    reason: 'organisation_check_digit',
    at: 16,
  })
  expect(checkCreditCode('91350100M000100Y44', new Set(['91350100M000100Y44']))).toMatchObject({ status: 'valid' })
  const bad: [string, number][] = [
    ['', 0],
    ['91350100M000100Y4', 17],
    ['91350100M000100Y433', 18],
    ['91350100m000100Y43', 8],
    ['9135010AM000100Y43', 7],
    ['I1350100M000100Y43', 0],
    ['91350100M000100Y4 ', 17],
  ]
  for (const [text, at] of bad) expect(checkCreditCode(text), text).toMatchObject({ reason: 'format', at })
  expect(checkOrganisationCode('M000100Y5')).toMatchObject({ status: 'invalid', reason: 'check_digit' })
  expect(checkOrganisationCode('M000100Y')).toMatchObject({ reason: 'format', at: 8 })
  expect(checkOrganisationCode('M000100YA')).toMatchObject({ reason: 'format', at: 8 })
  expect(checkOrganisationCode('M000100-Y4')).toMatchObject({ reason: 'format' })
})

test('property: made codes are valid, and any single wrong character is seen', () => {
  const alphabet = [...'0123456789ABCDEFGHJKLMNPQRTUWXY']
  const character = fc.constantFrom(...alphabet)
  const eight = fc.string({ unit: character, minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(eight, fc.integer({ min: 110000, max: 659999 }), fc.nat(17), character, (body, division, at, other) => {
      const first17 = `91${division}${body}${organisationCodeCheck(body)}`
      const code = first17 + creditCodeCheck(first17)
      expect(checkCreditCode(code).status).toBe('valid')
      if (code[at] !== other) {
        expect(checkCreditCode(code.slice(0, at) + other + code.slice(at + 1)).status).not.toBe('valid')
      }
    }),
  )
})
