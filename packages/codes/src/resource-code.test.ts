import { expect, test } from 'vitest'
import { nationalResourceCodeRule, provisionalResourceCode } from './resource-code.ts'
import type { ResourceCodeRule } from './resource-code.ts'

const rule = nationalResourceCodeRule()

test('parts of a code', () => {
  expect(rule.parse('307012001A/000042')).toEqual({
    code: '307012001A/000042',
    kind: '3',
    item: '07',
    category: '012',
    detail: '001A',
    sequence: '000042',
    provisional: false,
  })
  expect(rule.parse('101001/1')).toMatchObject({ detail: '', sequence: '1' })
  for (const bad of [
    '',
    '101001',
    '101001/',
    '001001/1',
    '1010/1',
    '101001/1/2',
    '101001／1',
    '101001/1 ',
    '101001/-1',
  ]) {
    expect(rule.parse(bad), bad).toBeUndefined()
  }
})

test('made codes parse back; provisional ones are told apart and never equal official ones', () => {
  const place = { kind: '2', item: '01', category: '003', detail: '' }
  const official = rule.make(place, 42, false)
  const provisional = provisionalResourceCode(place, 42)
  expect(official).toBe('201003/000042')
  expect(provisional).toBe('201003/T000042')
  expect(rule.parse(official)).toMatchObject({ ...place, provisional: false })
  expect(rule.parse(provisional)).toMatchObject({ ...place, provisional: true })
  expect(rule.make(place, 12_345_678, false)).toBe('201003/12345678')
})

test('wrong parts are named', () => {
  const place = { kind: '2', item: '01', category: '003', detail: '' }
  expect(() => rule.make({ ...place, kind: '0' }, 1, false)).toThrow(/kind/)
  expect(() => rule.make({ ...place, item: '1' }, 1, false)).toThrow(/item/)
  expect(() => rule.make({ ...place, category: '1234' }, 1, false)).toThrow(/category/)
  expect(() => rule.make({ ...place, detail: '水' }, 1, false)).toThrow(/detail/)
  expect(() => rule.make(place, 0, false)).toThrow(/sequence/)
  expect(() => nationalResourceCodeRule({ provisionalMark: '9' })).toThrow(/provisionalMark/)
  expect(() => nationalResourceCodeRule({ sequenceDigits: 0 })).toThrow(/sequenceDigits/)
})

test('a province can bring its own rule', () => {
  const local: ResourceCodeRule = {
    name: 'local',
    parse: () => undefined,
    make: (place, sequence, provisional) => `${place.kind}-${sequence}${provisional ? '-临' : ''}`,
  }
  expect(provisionalResourceCode({ kind: '3', item: '', category: '', detail: '' }, 7, local)).toBe('3-7-临')
})
