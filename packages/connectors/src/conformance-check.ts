import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Column } from '@huitong/segment'
import { conformanceCases, STANDARD_CSV } from './conformance.ts'
import type { Database, DatabaseConnector, TargetTable } from './database.ts'

/** Tables that a check makes and leaves behind, so that whoever ran it can look. */
const STANDARD = 'huitong_check_standard'
const EMPTY = 'huitong_check_empty'
const COPY = 'huitong_check_copy'

/** A table belongs to the channel that loaded it first; a second check comes back to its own. */
const CHANNELS: Readonly<Record<string, string>> = {
  [STANDARD]: '5d0c7a0e-8f0b-4c62-9d07-0c5b7f1d9a01',
  [EMPTY]: '5d0c7a0e-8f0b-4c62-9d07-0c5b7f1d9a02',
  [COPY]: '5d0c7a0e-8f0b-4c62-9d07-0c5b7f1d9a03',
}

const COLUMNS: readonly Column[] = [
  { name: 'code', type: 'text' },
  { name: '名称', type: 'text' },
  { name: 'amount', type: 'numeric(38,9)' },
  { name: 'day', type: 'date' },
]
const KEY = ['code']

/** What became of one case: null when the database passed it. */
export interface Checked {
  readonly name: string
  readonly error: unknown
}

/**
 * Tries a connector on a server that somebody else owns: loads tables as a channel does, reads them by every case of the
 * conformance suite, and compares them as a reconciliation does. It writes only tables whose names begin with
 * `huitong_check_`, and the channel's own notes.
 * @param broken settings that lead nowhere.
 */
export async function* checkConnector<S>(
  connector: DatabaseConnector<S>,
  settings: S,
  broken: { readonly settings: S; readonly secret: string | null },
): AsyncGenerator<Checked, void, undefined> {
  const database = connector.open(settings)
  const schema = connector.describe().defaultSchema(settings as Readonly<Record<string, unknown>>)
  const rows = STANDARD_CSV.length
  const all = STANDARD_CSV.join('')
  const tables: readonly [string, string, number][] = [
    [STANDARD, all, rows],
    [EMPTY, '', 0],
    [COPY, STANDARD_CSV.toReversed().join(''), rows],
  ]
  for (const [name, csv, count] of tables) {
    const checked = await tried(`loads a full copy: ${name}`, () => load(database, tableOf(schema, name), csv, count))
    yield checked
    if (checked.error !== null) return
  }
  const harness = {
    connector,
    settings,
    broken,
    standard: { schema, name: STANDARD },
    empty: { schema, name: EMPTY },
    missing: { schema, name: 'huitong_check_missing' },
  }
  for (const { name, run } of conformanceCases(harness)) yield await tried(name, run)
  yield await tried('has equal digests for equal rows, in whatever order they came, and others for others', () =>
    compare(database, schema),
  )
}

const tableOf = (schema: string, name: string): TargetTable => ({
  schema,
  name,
  columns: COLUMNS.map((column) => ({ ...column, nullable: !KEY.includes(column.name) })),
  key: KEY,
})

async function tried(name: string, run: () => Promise<void>): Promise<Checked> {
  try {
    await run()
    return { name, error: null }
  } catch (error) {
    return { name, error }
  }
}

async function load(database: Database, table: TargetTable, csv: string, rows: number): Promise<void> {
  const channel = CHANNELS[table.name]!
  await database.ensureTable(table)
  const { fence } = await database.claimChannel(channel, table)
  const copy = await database.openFullCopy({ channel, table, fence })
  try {
    const plain = Buffer.from(csv)
    const { generation } = await copy.position()
    await copy.apply({
      generation: generation + 1,
      sequence: 1,
      final: true,
      columns: COLUMNS,
      rows: String(rows),
      plain,
    })
    const { visible } = await copy.position()
    assert.equal(visible, generation + 1, 'the copy is not visible')
  } finally {
    await copy.close()
  }
  assert.equal(String(await database.countRows(table)), String(rows))
}

async function compare(database: Database, schema: string): Promise<void> {
  const secret = randomBytes(32)
  const sums = (name: string) => {
    const columns = COLUMNS.map((column) => ({
      ...column,
      expression: database.sql.column(column.name, column.type, null),
    }))
    return database.bucketSums({ schema, table: name, key: KEY, columns, buckets: 16, where: null }, secret)
  }
  const [standard, copy, empty] = await Promise.all([sums(STANDARD), sums(COPY), sums(EMPTY)])
  assert.deepEqual(copy, standard)
  assert.notDeepEqual(empty, standard)
}
