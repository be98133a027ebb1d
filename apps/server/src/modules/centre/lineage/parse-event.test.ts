import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEvent } from './parse-event.ts'

const RUN = '3f5e83fa-3480-44ff-99c5-ff943904e5e8'
const event = (over: object = {}) => ({
  eventTime: '2026-01-31T08:00:00+08:00',
  eventType: 'COMPLETE',
  producer: 'https://example.org/etl',
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId: RUN.toUpperCase(), facets: { nominalTime: { anything: 1 } } },
  job: { namespace: 'etl', name: 'nightly' },
  inputs: [{ namespace: 'db', name: 'a', facets: { schema: { fields: [{ name: 'x', type: 'INT' }] } } }],
  outputs: [
    {
      namespace: 'db',
      name: 'b',
      facets: {
        columnLineage: {
          fields: {
            y: {
              inputFields: [
                {
                  namespace: 'db',
                  name: 'a',
                  field: 'x',
                  transformations: [
                    { type: 'DIRECT', subtype: 'IDENTITY', masking: true },
                    { type: 'INDIRECT', subtype: 'SOMETHING' },
                  ],
                },
              ],
            },
          },
          dataset: [
            { namespace: 'db', name: 'a', field: 'x', transformations: [{ type: 'INDIRECT', subtype: 'sort' }] },
          ],
        },
      },
    },
  ],
  ...over,
})
const pathsOf = (body: object) => parseEvent(body as never).places.map((one) => one.path)

describe('a run event that comes in', () => {
  test('what it says of columns is read; facets that are not known are left aside', () => {
    const { run, places } = parseEvent(event() as never)
    expect(places).toEqual([])
    expect(run).toMatchObject({ eventType: 'COMPLETE', runId: RUN, eventAt: new Date('2026-01-31T00:00:00Z') })
    expect(run.inputs).toEqual([{ namespace: 'db', name: 'a', columns: ['x'] }])
    expect(run.outputs[0]).toMatchObject({
      columns: ['y'],
      fields: [
        {
          column: 'y',
          from: [
            { input: 0, column: 'x', way: 'IDENTITY', masking: true },
            { input: 0, column: 'x', way: 'CONDITIONAL', masking: false },
          ],
        },
      ],
      rows: [{ input: 0, column: 'x', way: 'SORT', masking: false }],
    })
  })

  test('what is wrong is named at its place', () => {
    expect(pathsOf({})).toEqual(['/eventTime', '/run', '/run/runId', '/job', '/job/namespace', '/job/name'])
    expect(pathsOf(event({ eventType: 'DONE', eventTime: '2026-02-30T08:00:00' }))).toEqual([
      '/eventType',
      '/eventTime',
    ])
    expect(pathsOf(event({ inputs: [{ namespace: 'db', name: 'c' }] }))).toEqual([
      '/outputs/0/facets/columnLineage/fields/y/inputFields/0',
      '/outputs/0/facets/columnLineage/dataset/0',
    ])
    expect(pathsOf(event({ inputs: [7], outputs: 'x' }))).toEqual([
      '/inputs/0',
      '/inputs/0/namespace',
      '/inputs/0/name',
      '/outputs',
    ])
    const odd = { namespace: 'db', name: 'b', facets: { columnLineage: { fields: { 'a/b~': { inputFields: {} } } } } }
    expect(pathsOf(event({ outputs: [odd] }))).toEqual(['/outputs/0/facets/columnLineage/fields/a~1b~0/inputFields'])
    expect(pathsOf(event({ job: { namespace: 'etl', name: 'a\u0000b' } }))).toEqual(['/job/name'])
  })

  test('what is no text is not read as one', () => {
    const odd = { toString: 1 }
    expect(pathsOf(event({ eventType: odd }))).toEqual(['/eventType'])
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown
    const dataset = [
      { namespace: 'db', name: 'a', field: 'x', transformations: [{ subtype: odd }] },
      { namespace: deep, name: 'a', field: 'x' },
    ]
    expect(
      pathsOf(event({ outputs: [{ namespace: 'db', name: 'b', facets: { columnLineage: { dataset } } }] })),
    ).toEqual([
      '/outputs/0/facets/columnLineage/dataset/0/transformations/0/subtype',
      '/outputs/0/facets/columnLineage/dataset/1',
    ])
  })

  test('what is too much is named, and never kept', () => {
    const many = (n: number) => Array.from({ length: n }, (_, at) => ({ namespace: 'db', name: `t${at}` }))
    expect(pathsOf(event({ inputs: many(51), outputs: [] }))).toEqual(['/inputs'])
    const fields = Array.from({ length: 1001 }, (_, at) => ({ name: `c${at}` }))
    expect(
      pathsOf(event({ inputs: [{ namespace: 'd', name: 'a', facets: { schema: { fields } } }], outputs: [] })),
    ).toEqual(['/inputs/0/facets/schema/fields'])
    const link = { namespace: 'db', name: 'a', field: 'x' }
    const wide = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`c${at}`, { inputFields: Array.from({ length: 100 }, () => link) }]),
    )
    const paths = pathsOf(
      event({ outputs: [{ namespace: 'd', name: 'b', facets: { columnLineage: { fields: wide } } }] }),
    )
    expect(paths).toEqual(['/outputs/0/facets/columnLineage/fields/c100/inputFields'])
  })

  test('whatever comes, it is read or its places are named', () => {
    const broken = fc.tuple(fc.constantFrom('run', 'job', 'inputs', 'outputs', 'eventTime'), fc.jsonValue())
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.constant(event())), fc.array(broken, { maxLength: 3 }), (one, more) => {
        const body = { ...(typeof one === 'object' && one !== null ? one : {}), ...Object.fromEntries(more) }
        const { run, places } = parseEvent(body as never)
        expect(places.length).toBeLessThanOrEqual(50)
        if (places.length === 0) expect([run.name !== '', run.runId !== ''].every(Boolean)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
