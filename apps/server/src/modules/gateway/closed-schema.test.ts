import { describe, expect, test } from 'vitest'
import { compileClosed, faultsOfSchema } from './closed-schema.ts'

const pathsOf = (schema: unknown) => faultsOfSchema(schema, '').map((one) => one.path)

describe('closed schemas', () => {
  test('objects have no properties but those that are named, at any depth', () => {
    const inner = { type: 'object', properties: { a: { type: ['string', 'null'], maxLength: 2 } } }
    const schema = { type: 'array', items: { type: 'object', required: ['x'], properties: { x: inner } } }
    expect(pathsOf(schema)).toEqual([])
    const good = compileClosed(schema)
    expect([[], [{ x: {} }], [{ x: { a: null } }], [{ x: { a: 'ab' } }]].map(good)).toEqual([true, true, true, true])
    const bad = [{}, [{}], [{ x: {}, y: 1 }], [{ x: { b: 1 } }], [{ x: { a: 'abc' } }], [{ x: { a: 1 } }], null]
    expect(bad.map(good)).toEqual(bad.map(() => false))
  })

  test('what is no closed schema is named by its place', () => {
    expect(pathsOf('text')).toEqual([''])
    expect(pathsOf({})).toEqual(['/type'])
    expect(pathsOf({ type: ['string', 'integer'] })).toEqual(['/type'])
    expect(pathsOf({ type: 'array' })).toEqual(['/items'])
    expect(pathsOf({ type: 'object', properties: {}, additionalProperties: true })).toEqual(['/additionalProperties'])
    expect(pathsOf({ type: 'object', properties: {}, required: ['toString'] })).toEqual(['/required'])
    expect(pathsOf({ type: 'object', properties: { a: { type: 'string', format: 'uri' } } })).toEqual([
      '/properties/a/format',
    ])
    expect(pathsOf({ type: 'string', maxLength: 'x' })).toEqual([''])
    let deep: object = { type: 'string' }
    for (let at = 0; at < 9; at++) deep = { type: 'array', items: deep }
    expect(pathsOf(deep).length).toBe(1)
  })
})
