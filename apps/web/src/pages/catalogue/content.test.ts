import { expect, test } from 'vitest'
import { contentOf } from './content.ts'

test('what was left empty is left out, at every depth', () => {
  expect(
    contentOf({
      name: { zh: '企业登记', en: '' },
      summary: { zh: '' },
      contact: { name: undefined, phone: null },
      shareMethods: [],
      items: [{ code: 'a', name: { zh: '甲' }, key: false, length: 0, description: '' }],
    }),
  ).toEqual({
    name: { zh: '企业登记' },
    shareMethods: [],
    items: [{ code: 'a', name: { zh: '甲' }, key: false, length: 0 }],
  })
})
