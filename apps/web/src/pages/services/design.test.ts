import { expect, test } from 'vitest'
import { bodyOfDesign, schemaProblem } from './design.ts'

const design = {
  datasetId: 'd',
  code: 'live',
  name: '实时查询',
  baseUrl: ' http://10.1.2.3/api ',
  timeoutMs: 5_000,
  replyKiB: 2,
  operations: [
    {
      name: '查询',
      code: 'find',
      method: 'GET' as const,
      path: '/a',
      items: ['id'],
      parameters: [{ name: 'id', type: 'text' as const, lengthMax: 10, required: undefined as never }],
      body: '{"left":"over"}',
      reply: '{"type":"array"}',
      cacheSeconds: 0,
    },
  ],
}

test('a design becomes what the platform takes: schemas are objects, a GET has no body, what is empty is left out', () => {
  const body = bodyOfDesign(design)
  expect(body).toEqual({
    datasetId: 'd',
    code: 'live',
    name: { zh: '实时查询' },
    baseUrl: 'http://10.1.2.3/api',
    timeoutMs: 5_000,
    replyBytesMax: 2_048,
    operations: [
      {
        ...design.operations[0],
        name: { zh: '查询' },
        parameters: [{ name: 'id', type: 'text', lengthMax: 10, required: false }],
        body: null,
        reply: { type: 'array' },
      },
    ],
  })
  const more = bodyOfDesign({ ...design, nodeId: 'n', credentialHeader: 'X-Key', credentialValue: 'v' })
  expect([more.nodeId, more.credential]).toEqual(['n', { header: 'X-Key', value: 'v' }])
})

test('a schema is an object in JSON', () => {
  expect(['{}', '[]', '1', '{', ''].map(schemaProblem)).toEqual([null, 'json', 'json', 'json', 'json'])
})
