import { expect, test } from 'vitest'
import { fromForm, parameterFields, toForm } from './rule-schema.ts'

const column = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' }
const schema = {
  type: 'object',
  required: ['column', 'columns', 'table'],
  properties: {
    column,
    columns: { type: 'array', items: column },
    table: { type: 'string' },
    to: { type: 'array', items: column },
    set: { type: 'string' },
    mode: { type: 'string', enum: ['must', 'must_not'] },
    forms: { type: 'array', items: { type: 'string', enum: ['iso', 'basic'] } },
    codes: { type: 'array', items: { type: 'string' } },
    max: { type: 'integer', minimum: 0, maximum: 9 },
    county: { type: 'boolean' },
    pattern: { type: 'string' },
    where: { anyOf: [{ type: 'object' }] },
  },
}

test('the fields of a rule follow from the schema of its kind', () => {
  expect(parameterFields(schema).map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ['column', 'column', true],
    ['columns', 'columns', true],
    ['table', 'table', true],
    ['to', 'tableColumns', false],
    ['set', 'set', false],
    ['mode', 'choice', false],
    ['forms', 'choices', false],
    ['codes', 'texts', false],
    ['max', 'integer', false],
    ['county', 'boolean', false],
    ['pattern', 'text', false],
    ['where', 'json', false],
  ])
  expect(parameterFields(schema)[8]).toMatchObject({ minimum: 0, maximum: 9 })
  for (const odd of [null, 'x', [], {}, { properties: null }]) expect(parameterFields(odd)).toEqual([])
})

test('parameters go into a form and come out as they were; what is empty is left out', () => {
  const fields = parameterFields(schema)
  const parameters = { column: 'a', codes: ['1'], max: 0, county: true, where: { column: 'b', is: 'present' } }
  const values = toForm(fields, parameters)
  expect(values['where']).toContain('"present"')
  expect(fromForm(fields, { ...values, set: '', to: [], pattern: null })).toEqual(parameters)
  expect(fromForm(fields, { column: 'a', county: false })).toEqual({ column: 'a' })
  expect(() => fromForm(fields, { where: '{' })).toThrow(SyntaxError)
})
