import type { ElementContent } from '@huitong/contract/data-standards'
import { expect, test } from 'vitest'
import { elementOf, valuesOf } from './element-values.ts'

const CONTENT: ElementContent = {
  name: { zh: '性别代码', en: 'Sex' },
  definition: '性别',
  type: 'text',
  minLength: 1,
  maxLength: 1,
  codeSet: { id: '0190a0a0-0000-7000-8000-000000000001', label: '2003' },
  synonyms: ['性别', '男女'],
  source: 'GB/T 2261.1',
}

test('a form shows an element and gives it back as it was', () => {
  expect(elementOf(valuesOf(CONTENT))).toEqual(CONTENT)
})

test('what was left empty is not sent', () => {
  const values = {
    ...valuesOf(CONTENT),
    unit: '',
    synonyms: ' ， ',
    name: { zh: '甲', en: '' },
    minLength: null as never,
  }
  expect(elementOf(values)).toEqual({
    name: { zh: '甲' },
    definition: '性别',
    type: 'text',
    maxLength: 1,
    codeSet: CONTENT.codeSet,
    source: CONTENT.source,
  })
})
