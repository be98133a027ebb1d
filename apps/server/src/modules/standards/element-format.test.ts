import { expect, test } from 'vitest'
import { elementFormat } from './element-format.ts'

test('the format of representation as GB/T 19488.1 writes it', () => {
  const base = { name: { zh: 'x' }, definition: 'x', source: 'x' }
  expect(
    [
      { type: 'text' },
      { type: 'text', minLength: 18, maxLength: 18 },
      { type: 'text', maxLength: 50 },
      { type: 'text', minLength: 2, maxLength: 50 },
      { type: 'integer', digits: 3 },
      { type: 'integer' },
      { type: 'decimal', digits: 18, scale: 2 },
      { type: 'date' },
      { type: 'boolean' },
    ].map((one) => elementFormat({ ...base, ...one } as never)),
  ).toEqual(['c..ul', 'c18', 'c..50', 'c2..50', 'n..3', 'n', 'n..18,2', 'YYYY-MM-DD', 'bl'])
})
