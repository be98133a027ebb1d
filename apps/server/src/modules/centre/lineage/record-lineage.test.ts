import { randomUUID } from 'node:crypto'
import { readChannel } from '@huitong/contract/exchange'
import { readImpact, readLineage, recordLineage, removeLineageJob } from '@huitong/contract/lineage'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../../tests/harness/platform.ts'
import { told, useLineage } from '../testing/lineage.ts'

const HERE = 'huitong://330100'

describe('runs of other systems', () => {
  const made = useLineage()
  const { platform } = made
  let code = ''
  const ids = { civil: '', works: '' }
  beforeAll(() => {
    code = made.people.dataset.code
  })
  const link = (namespace: string, name: string, field: string, subtype = 'IDENTITY') => ({
    namespace,
    name,
    field,
    transformations: [{ type: subtype === 'FILTER' ? 'INDIRECT' : 'DIRECT', subtype }],
  })
  /** The civil affairs department's own tool fills the table behind the dataset. */
  const civil = (over: object = {}) => ({
    eventTime: '2026-01-31T01:00:00Z',
    eventType: 'COMPLETE',
    producer: 'https://example.org/etl',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: { runId: '11111111-1111-4111-8111-111111111111' },
    job: { namespace: 'civil-etl', name: 'household.load' },
    inputs: [{ namespace: 'oracle://registry', name: 'HR.PERSON' }],
    outputs: [
      {
        namespace: 'anything',
        name: code,
        facets: {
          columnLineage: {
            fields: {
              name: { inputFields: [link('oracle://registry', 'HR.PERSON', 'XM', 'TRANSFORMATION')] },
              shoe_size: { inputFields: [link('oracle://registry', 'HR.PERSON', 'SHOE')] },
            },
            dataset: [link('oracle://registry', 'HR.PERSON', 'STATUS', 'FILTER')],
          },
        },
      },
    ],
    ...over,
  })
  const report = async (who: Account, body: object) =>
    (await platform.as(who)).call(recordLineage, { body: body as never })
  const read = async (who: Account, query: { item?: string; direction?: 'up' | 'down' }) =>
    (await platform.as(who)).call(readLineage, { params: { id: made.people.dataset.id }, query })

  guards(platform, recordLineage, { input: () => ({ body: civil() }), denied: ['centre', 'authority', 'civil-head'] })
  guards(platform, removeLineageJob, { input: () => ({ params: { id: NOBODY } }), denied: ['centre', 'civil-head'] })

  test('what a tool of the provider did stands before its dataset, by the code of the catalogue', async () => {
    const reply = await report('civil-officer', civil())
    expect(reply).toMatchObject({ recorded: true, outside: ['HR.PERSON'] })
    expect(reply.leftOut).toEqual([{ path: '/outputs/0', column: 'shoe_size' }])
    ids.civil = reply.id!
    const up = await read('civil-officer', { item: 'name', direction: 'up' })
    expect(told(up)).toEqual(
      expect.arrayContaining([
        'job.name reported dataset.name',
        'outside.XM reported job.name',
        'outside.STATUS reported job.*',
      ]),
    )
    expect(up.boxes.map((one) => one.name.zh)).toEqual(expect.arrayContaining(['HR.PERSON', 'household.load']))
    // Of a column that the dataset does not have nothing is said.
    expect(JSON.stringify(up)).not.toContain('shoe')
    expect(told(await read('civil-officer', { item: 'phone', direction: 'up' })).join()).not.toContain('XM')
  })

  test('repeats change nothing; what is older is left; pieces of one run add up; a new run replaces', async () => {
    expect(await report('civil-officer', civil())).toMatchObject({ id: ids.civil, recorded: false })
    const other = { run: { runId: randomUUID() } }
    const older = civil({ ...other, eventTime: '2025-12-31T01:00:00Z', inputs: [], outputs: [] })
    expect((await report('civil-officer', older)).recorded).toBe(false)
    const failed = civil({ ...other, eventTime: '2026-02-01T01:00:00Z', eventType: 'FAIL' })
    expect((await report('civil-officer', failed)).recorded).toBe(false)
    const piece = civil({
      eventType: 'START',
      eventTime: '2026-01-31T00:00:00Z',
      inputs: [{ namespace: 'file://share', name: 'phones.csv' }],
      outputs: [
        {
          namespace: 'anything',
          name: code,
          facets: {
            columnLineage: { fields: { phone: { inputFields: [link('file://share', 'phones.csv', 'tel')] } } },
          },
        },
      ],
    })
    expect(await report('civil-officer', piece)).toMatchObject({ id: ids.civil, recorded: true })
    expect((await report('civil-officer', piece)).recorded).toBe(false)
    const both = told(await read('civil-officer', { direction: 'up' }))
    expect(both).toEqual(expect.arrayContaining(['outside.XM reported job.name', 'outside.tel reported job.phone']))
    const later = { ...piece, eventTime: '2026-02-02T00:00:00Z', run: { runId: randomUUID() } }
    expect((await report('civil-officer', later)).recorded).toBe(true)
    const now = told(await read('civil-officer', { direction: 'up' }))
    expect(now).toContain('outside.tel reported job.phone')
    expect(now.join()).not.toContain('XM')
    // A run that only begins leaves what the last one told.
    const begins = { eventType: 'START', eventTime: '2026-02-03T00:00:00Z', run: { runId: randomUUID() } }
    const outputs = [{ namespace: 'anything', name: code }]
    expect(await report('civil-officer', civil({ ...begins, outputs }))).toMatchObject({ recorded: false })
    expect(told(await read('civil-officer', { direction: 'up' }))).toEqual(now)
  })

  test('what a consumer made of its receiving table stands behind it, and is touched by a change', async () => {
    const { number } = await (await platform.as('centre')).call(readChannel, { params: { id: made.channelId } })
    const body = civil({
      job: { namespace: 'works', name: 'rent.report' },
      inputs: [{ namespace: HERE, name: `task/${number}`, facets: { schema: { fields: [{ name: 'gone' }] } } }],
      outputs: [{ namespace: 'file://reports', name: 'rent.xlsx' }],
    })
    const reply = await report('works-officer', body)
    expect(reply).toMatchObject({ recorded: true, outside: ['rent.xlsx'] })
    expect(reply.leftOut).toEqual([{ path: '/inputs/0', column: 'gone' }])
    ids.works = reply.id!
    const down = told(await read('works-officer', { item: 'phone', direction: 'down' }))
    // Which column became which was not said, so every one may have.
    expect(down).toEqual(
      expect.arrayContaining([
        'receiving.* reported job.*',
        'job.* reported outside.*',
        'task.phone copied receiving.phone',
      ]),
    )
    const impact = await (
      await platform.as('works-officer')
    ).call(readImpact, { body: { datasetId: made.people.dataset.id, items: ['phone'] } })
    expect(impact.touched.map((one) => one.box.kind)).toEqual(expect.arrayContaining(['job', 'outside']))
  })

  test('steps of a department are its own and those who oversee all', async () => {
    const kinds = async (who: Account) => (await read(who, {})).boxes.map((one) => one.kind)
    expect(await kinds('police-officer')).not.toContain('job')
    expect(await kinds('police-officer')).not.toContain('outside')
    expect(JSON.stringify(await read('works-officer', {}))).not.toContain('household')
    expect((await kinds('centre')).filter((one) => one === 'job').length).toBe(2)
    // A job of the same name is another department's own.
    const reply = await report('police-officer', civil({ outputs: [{ namespace: 'x', name: 'y' }] }))
    expect(reply.recorded).toBe(true)
    expect(reply.id).not.toBe(ids.civil)
  })

  test("data of another system are each department's own: a guessed name joins nothing and shows nothing", async () => {
    const forged = civil({
      job: { namespace: 'police', name: 'forged' },
      inputs: [{ namespace: 'police', name: 'secret' }],
      outputs: [
        {
          namespace: 'file://share',
          name: 'phones.csv',
          facets: { columnLineage: { fields: { tel: { inputFields: [link('police', 'secret', 'number')] } } } },
        },
      ],
    })
    const before = await read('centre', {})
    expect(JSON.stringify(before)).toContain('phones.csv')
    expect((await report('police-officer', forged)).recorded).toBe(true)
    expect(await read('centre', {})).toEqual(before)
    // The department itself goes from step to step over the name.
    const first = civil({
      job: { namespace: 'civil-etl', name: 'phones.fetch' },
      inputs: [{ namespace: 'ftp://operator', name: 'raw' }],
      outputs: [{ namespace: 'file://share', name: 'phones.csv' }],
    })
    await report('civil-officer', first)
    const after = (await read('centre', {})).boxes.map((one) => one.name.zh)
    expect(after).toEqual(expect.arrayContaining(['phones.fetch', 'raw']))
    expect(after).not.toContain('forged')
  })

  test('400: places name what is wrong; nobody writes into what is not theirs', async () => {
    const at = async (who: Account, over: object) => pathsOf(await refused(report(who, civil(over)), 'request.invalid'))
    expect(await at('works-officer', {})).toEqual(['/outputs/0/name'])
    const { number } = made.people.channel
    expect(await at('centre-officer', { outputs: [{ namespace: HERE, name: `task/${number}` }] })).toEqual([
      '/outputs/0/name',
    ])
    expect(await at('civil-officer', { eventTime: '2999-01-01T00:00:00Z' })).toEqual(['/eventTime'])
    expect(await at('civil-officer', { run: { runId: 'x' } })).toEqual(['/run/runId'])
    const huge = { run: { runId: randomUUID(), facets: { big: 'x'.repeat(300_000) } } }
    await refused(report('civil-officer', civil(huge)), 'request.too_large')
  })

  test('pieces of one run add up to a bound', async () => {
    const piece = async (of: string, given: object) =>
      report('police-officer', civil({ job: { namespace: 'police', name: of }, ...given }))
    const schema = { fields: Array.from({ length: 1000 }, (_, at) => ({ name: `c${at}` })) }
    const wide = (from: number) =>
      [0, 1, 2].map((at) => ({ namespace: 'd', name: `t${from + at}`, facets: { schema } }))
    expect((await piece('wide', { inputs: wide(0), outputs: [] })).recorded).toBe(true)
    const over = await refused(piece('wide', { inputs: wide(3), outputs: [] }), 'request.invalid')
    expect(pathsOf(over)).toEqual(['/inputs'])
    const inputFields = Array.from({ length: 100 }, () => ({ namespace: 'd', name: 'a', field: 'x' }))
    const linked = (prefix: string) => {
      const fields = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`${prefix}${at}`, { inputFields }]))
      const [inputs, facets] = [[{ namespace: 'd', name: 'a' }], { columnLineage: { fields } }]
      return { inputs, outputs: [{ namespace: 'd', name: 'b', facets }] }
    }
    expect((await piece('linked', linked('one'))).recorded).toBe(true)
    expect(pathsOf(await refused(piece('linked', linked('two')), 'request.invalid'))).toEqual(['/outputs'])
  })

  test('more names than one walk follows are not left out silently', async () => {
    const { number } = await (await platform.as('centre')).call(readChannel, { params: { id: made.channelId } })
    expect((await read('works-officer', { direction: 'down' })).truncated).toBe(false)
    for (const at of [0, 1, 2]) {
      const outputs = Array.from({ length: 50 }, (_, to) => ({ namespace: 'file://reports', name: `r${at}.${to}` }))
      const inputs = [{ namespace: HERE, name: `task/${number}` }]
      await report('works-officer', civil({ job: { namespace: 'works', name: `spread.${at}` }, inputs, outputs }))
    }
    expect((await read('works-officer', { direction: 'down' })).truncated).toBe(true)
  })

  test('a step is taken away by its department only', async () => {
    const params = { id: ids.civil }
    await refused((await platform.as('works-officer')).call(removeLineageJob, { params }), 'object.not_found')
    await (await platform.as('civil-officer')).call(removeLineageJob, { params })
    expect((await read('civil-officer', { direction: 'up' })).boxes.map((one) => one.kind).sort()).toEqual([
      'dataset',
      'source',
    ])
  })
})
