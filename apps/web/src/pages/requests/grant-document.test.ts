import { expect, test } from 'vitest'
import { termsOf } from './grant-document.ts'

const document = {
  items: ['name', 'credit_code'],
  rowFilter: { op: 'eq', field: 'area', value: { type: 'text', value: '110102' } },
  masks: [{ item: 'name', mask: 'name' }],
  purpose: '企业开办',
  matter: { code: '110', name: '开办企业' },
  rowsPerDayMax: 100,
}

test('terms are read from the object and from its canonical JSON alike', () => {
  expect(termsOf(document)).toMatchObject({
    items: ['name', 'credit_code'],
    purpose: '企业开办',
    matter: '开办企业 110',
  })
  expect(termsOf(JSON.stringify(document))).toEqual(termsOf(document))
})

test('a document of another form is no error: nothing is claimed about it', () => {
  for (const odd of [null, 'not json', 7, [], {}])
    expect(termsOf(odd)).toEqual({
      items: null,
      rowFilter: null,
      masks: [],
      purpose: null,
      matter: null,
      rowsPerDayMax: null,
    })
})
