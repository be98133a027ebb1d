import { expect, test } from 'vitest'
import { settingsFields } from './settings-schema.ts'

const schema = {
  type: 'object',
  required: ['host', 'password'],
  properties: {
    host: { type: 'string', title: '主机', maxLength: 255, pattern: '^[a-z.]+$' },
    port: { type: 'integer', default: 5432, minimum: 1, maximum: 65535, words: { zh: '端口', en: 'Port' } },
    password: { type: 'string' },
    tls: {
      anyOf: [{ const: 'require', 'x-words': { zh: '加密', en: 'Encrypted' } }, { const: 'disable' }],
      default: 'require',
    },
    readOnly: { type: 'boolean', default: true },
  },
}

test('a form follows from a connector’s own schema', () => {
  const fields = settingsFields(schema)
  expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ['host', 'text', true],
    ['port', 'integer', false],
    ['password', 'secret', true],
    ['tls', 'choice', false],
    ['readOnly', 'boolean', false],
  ])
  expect(fields[0]).toMatchObject({ label: { zh: '主机' }, maxLength: 255, pattern: /^[a-z.]+$/u })
  expect(fields[1]).toMatchObject({ label: { zh: '端口', en: 'Port' }, initial: 5432, minimum: 1, maximum: 65535 })
  expect(fields[3]!.choices).toEqual([
    { value: 'require', label: { zh: '加密', en: 'Encrypted' } },
    { value: 'disable', label: { zh: 'disable' } },
  ])
})

test('secrets are hidden however the schema marks them', () => {
  const kinds = settingsFields({
    properties: {
      a: { type: 'string', secret: true },
      b: { type: 'string', format: 'password' },
      c: { type: 'string', writeOnly: true },
      accessToken: { type: 'string' },
    },
  }).map((field) => field.kind)
  expect(kinds).toEqual(['secret', 'secret', 'secret', 'secret'])
})

test('a schema of another form gives no fields instead of failing', () => {
  for (const odd of [null, 'x', [], {}, { properties: null }]) expect(settingsFields(odd)).toEqual([])
})
