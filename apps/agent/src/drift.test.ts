import { postgresql } from '@huitong/connectors'
import { FoundField, type ReadInput, type ReadResult } from '@huitong/contract/work'
import { openSegmentToBuffer, schemaHashOf } from '@huitong/segment'
import { Check } from 'typebox/value'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../tests/harness/database.ts'
import { fieldsHash, toField } from './shape.ts'
import { Exchange, run, settingsOf } from './testing/exchange.ts'
import type { Work } from './testing/work-queue.ts'

const TABLE = 'people'
const NEEDED = ['id', 'name', 'phone', 'updated_at']
const column = (field: string, type: string) => ({ item: field, field, as: field, type, nullable: field !== 'id' })
const MASKS = [{ item: 'phone', mask: 'phone' as const }]

let source: TestDatabase
let target: TestDatabase
let exchange: Exchange

beforeAll(async () => {
  ;[source, target] = await Promise.all([createDatabase(), createDatabase()])
  await remake()
  exchange = await Exchange.start({
    sourceUrl: source.url,
    targetUrl: target.url,
    table: TABLE,
    columns: [column('id', 'bigint'), column('name', 'varchar(20)'), column('phone', 'text')],
    key: ['id'],
  })
})

afterAll(async () => {
  await exchange?.stop()
  await Promise.all([source?.drop(), target?.drop()])
})

const remake = () =>
  run(
    source.url,
    `DROP TABLE IF EXISTS ${TABLE}; CREATE TABLE ${TABLE} (id bigint PRIMARY KEY, secret text, name varchar(20), phone varchar(20),
      level int, updated_at timestamptz NOT NULL DEFAULT now());
     INSERT INTO ${TABLE} SELECT n, '密', '户' || n, '13800001111', n FROM generate_series(1, 20) n`,
  )
beforeEach(async () => {
  exchange.fresh('received')
  await remake()
})

/** What the platform would ask for before the table changes: all of its fields agreed, or those that the channel needs. */
async function agreed(scope: 'all' | 'needed', followed: boolean): Promise<ReadInput> {
  const input = { ...(await exchange.readInput()), grant: exchange.signGrant({ masks: MASKS }) }
  const convention = { operation: null, updatedAt: 'updated_at' }
  const at = '2020-01-01T00:00:00.000000Z'
  const changes = { convention, cursor: { since: at, at, writer: '0' }, lagSeconds: 0 }
  const more = followed ? { payload: 'changes' as const, changes } : {}
  if (scope === 'all') return { ...input, ...more }
  const now = await postgresql.open(settingsOf(source.url)).describe({ schema: 'public', name: TABLE })
  const columns = now!.columns.filter(({ name }) => NEEDED.includes(name))
  return { ...input, ...more, schemaHash: fieldsHash({ columns }), schemaFields: columns.map(({ name }) => name) }
}

async function readAfter(input: ReadInput, change: string): Promise<Work> {
  await run(source.url, change)
  const { platform, nodes } = exchange
  return platform.work.ended(platform.work.queue(nodes.provider, 'read', input), 20_000)
}

const NOT_GRANTED = [
  ['added', 'ADD more text'],
  ['removed', 'DROP secret'],
  ['retyped', 'ALTER level TYPE text'],
  ['made anew elsewhere', "DROP secret, ADD secret text DEFAULT '密'"],
] as const
const NEEDED_ONES = [
  ['a granted field removed', 'DROP name'],
  ['a granted field retyped', 'ALTER name TYPE varchar(40)'],
  ['a masked granted field retyped', 'ALTER phone TYPE varchar(40)'],
  [
    'two granted fields that change places',
    'RENAME name TO other; ALTER TABLE people RENAME phone TO name; ALTER TABLE people RENAME other TO phone',
  ],
  ['the update time retyped', 'ALTER updated_at TYPE timestamp'],
] as const

test('the fields that are told have the hash that the table has, however long its types', () => {
  const typed = (type: string) => ({ name: 'kind', type, canonicalType: 'text', nullable: true })
  const long = (last: string) => ({
    ...typed(`enum('${'长'.repeat(300)}','${last}')`),
    length: null,
    precision: null,
    scale: null,
    position: 1,
    comment: null,
    suggestedName: null,
  })
  for (const column of [long('a'), { ...long('a'), ...typed('int') }]) {
    const told = toField(column)
    expect(Check(FoundField, told)).toBe(true)
    expect(schemaHashOf([{ name: told.name, type: told.type }])).toBe(fieldsHash({ columns: [column] }))
  }
  expect(fieldsHash({ columns: [long('a')] })).not.toBe(fieldsHash({ columns: [long('b')] }))
})

describe.each([
  ['a full copy', false],
  ['an increment', true],
])('%s of a table that changed', (_what, followed) => {
  test.each(followed ? NOT_GRANTED.slice(0, 1) : [...NOT_GRANTED, ...NEEDED_ONES])(
    'all fields agreed: %s stops it, and the fields as they are now are told',
    async (_case, change) => {
      const { state, problem, ...work } = await readAfter(await agreed('all', followed), `ALTER TABLE people ${change}`)
      expect([state, problem?.code]).toEqual(['failed', 'source.changed'])
      const told = problem!.fields!
      const now = await postgresql.open(settingsOf(source.url)).describe({ schema: 'public', name: TABLE })
      expect(told.map(({ name, type }) => `${name} ${type}`)).toEqual(
        now!.columns.map(({ name, type }) => `${name} ${type}`),
      )
      expect(exchange.platform.streams.held((work.input as ReadInput).stream)).toEqual([])
    },
  )

  test.each(followed ? NOT_GRANTED.slice(1, 3) : NOT_GRANTED)(
    'only what the channel needs agreed: %s does not stop it, and never travels',
    async (_case, change) => {
      const work = await readAfter(await agreed('needed', followed), `ALTER TABLE people ${change}`)
      expect(work.problem).toBeNull()
      expect((work.result as ReadResult).rows).toBe('20')
      const [segment] = exchange.platform.streams.held(exchange.stream)
      const { sealing } = exchange.platform
      const opened = { signed: segment!.signed, sealed: segment!.bytes, privateKey: sealing.privateKey }
      const lines = (await openSegmentToBuffer(opened)).toString('utf8').trim().split('\n')
      expect(lines).toHaveLength(20)
      for (const line of lines) expect(line).toMatch(/^(U,)?\d+,户\d+,138\*+1111$/)
    },
  )

  test.each(followed ? NEEDED_ONES.slice(-2) : NEEDED_ONES)(
    'only what the channel needs agreed: %s stops it all the same',
    async (_case, change) => {
      const { problem } = await readAfter(await agreed('needed', followed), `ALTER TABLE people ${change}`)
      expect(problem).toMatchObject({ code: 'source.changed', fields: expect.any(Array) as unknown })
      expect(exchange.platform.streams.held(exchange.stream)).toEqual([])
    },
  )
})
