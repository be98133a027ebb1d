import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { canonicalText, countCsvRows, csvLine, parseCsvRows } from '@huitong/segment'
import { checkSettings, type Connector, type ReadOptions, type ReadRequest, type TableName } from './connector.ts'
import { ConnectorError } from './errors.ts'

/**
 * What a connector's tests prepare. `standard` holds {@link STANDARD_CSV} in the columns {@link STANDARD_COLUMNS};
 * `empty` has the same columns and no row.
 */
export interface ConformanceHarness<Settings> {
  readonly connector: Connector<Settings>
  readonly settings: Settings
  /** Settings that lead nowhere; `secret`, when there is one, is a text in them that no error may show. */
  readonly broken: { readonly settings: Settings; readonly secret: string | null }
  readonly standard: TableName
  /** Null for kinds in which a table without rows has no columns. */
  readonly empty: TableName | null
  readonly missing: TableName
  /** Where the fields of a record have no order: the columns stand in the order of their characters. */
  readonly isUnordered?: true
}

/** One case, for any test runner: it throws when the connector fails it. */
export interface ConformanceCase {
  readonly name: string
  run(): Promise<void>
}

/** Columns of the standard table. */
export const STANDARD_COLUMNS = ['code', '名称', 'amount', 'day'] as const

/** Rows of the standard table as segment CSV: leading zeros, quotes, line breaks, rare Han, private use, NULL. */
export const STANDARD_CSV = [
  '000123,"张""三"", 𠮷\ue000",12345678901234567890.123456789,2024-02-29\n',
  '000124,"a\nb, c",-0.5,0001-01-01\n',
  '110101199003070038, 前后空格 ,0,9999-12-31\n',
  '000126,\\.x,,\n',
]

/** The cases that every kind of source must pass. */
export function conformanceCases<Settings>(harness: ConformanceHarness<Settings>): ConformanceCase[] {
  return [...settingsCases(harness), ...discoveryCases(harness), ...readingCases(harness), ...refusalCases(harness)]
}

function readOf(table: TableName, sqlFragments: boolean, columns: readonly string[] = STANDARD_COLUMNS): ReadRequest {
  return sqlFragments
    ? { table, select: columns.map((name) => ({ expression: `"${name}"`, as: name })), where: null }
    : { table, fields: columns.map((name) => ({ field: name, as: name })) }
}

async function readText<S>(harness: ConformanceHarness<S>, request: ReadRequest, options: ReadOptions = {}) {
  const stream = await harness.connector.readRows(harness.settings, request, options)
  const parts: string[] = []
  for await (const { data, rows } of stream) {
    assert.equal(countCsvRows(data), rows, 'a chunk must hold the rows it says, whole')
    parts.push(Buffer.from(data).toString('utf8'))
  }
  const text = parts.join('')
  assert.equal(BigInt(countCsvRows(Buffer.from(text))), stream.rows, 'the total must be the rows delivered')
  return { text, parts, stream }
}

/** Amounts as canonical numbers: some databases write the zeros that the column's scale has. */
function canonical(csv: string): string {
  const rows = [...parseCsvRows(Buffer.from(csv))]
  const lines = rows.map((fields) =>
    csvLine(
      fields.map((field, i) =>
        field === null ? null : (STANDARD_COLUMNS[i] === 'amount' ? canonicalText(field, 'numeric') : field).toString(),
      ),
    ),
  )
  return lines.join('')
}

async function failure(work: () => Promise<unknown>): Promise<ConnectorError> {
  try {
    await work()
  } catch (error) {
    assert.ok(error instanceof ConnectorError, `expected a ConnectorError, got ${inspect(error)}`)
    return error
  }
  assert.fail('expected an error')
}

function settingsCases<S>({ connector, settings, broken }: ConformanceHarness<S>): ConformanceCase[] {
  return [
    {
      name: 'describes itself in both languages and refuses unknown settings',
      async run() {
        const { kind, words } = connector.describe()
        assert.match(kind, /^[a-z][a-z0-9-]*$/)
        assert.match(words.zh, /\p{Script=Han}/u)
        assert.ok(words.en.length > 0)
        assert.deepEqual(checkSettings(connector, settings), settings)
        const error = await failure(async () => checkSettings(connector, { ...settings, dsn: 'x' }))
        assert.equal(error.code, 'bad_settings')
      },
    },
    {
      name: 'tests a good source, and names what is wrong with a broken one without its secrets',
      async run() {
        assert.equal((await connector.test(settings)).ok, true)
        const error = await failure(() => connector.test(broken.settings))
        assert.match(error.words.zh, /\p{Script=Han}/u)
        if (broken.secret !== null) assert.ok(!inspect(error, { depth: 20 }).includes(broken.secret))
      },
    },
  ]
}

function discoveryCases<S>({ connector, settings, standard, isUnordered }: ConformanceHarness<S>): ConformanceCase[] {
  return [
    {
      name: 'discovers the standard table with its columns in order',
      async run() {
        const { tables, truncated } = await connector.discover(settings, { tablesMax: 1000, columnsMax: 10_000 })
        assert.equal(truncated, false)
        const table = tables.find(({ schema, name }) => schema === standard.schema && name === standard.name)
        assert.ok(table !== undefined, 'the standard table is not there')
        assert.deepEqual(
          table.columns.map(({ name, position }) => [name, position]),
          (isUnordered ? STANDARD_COLUMNS.toSorted() : STANDARD_COLUMNS).map((name, i) => [name, i + 1]),
        )
        const types = Object.fromEntries(table.columns.map((column) => [column.name, column.canonicalType]))
        assert.equal(types['code'], 'text')
        assert.match(types['amount'] ?? '', /^numeric/)
        assert.equal(types['day'], 'date')
        assert.equal(table.columns.find(({ name }) => name === '名称')?.suggestedName, '名称')
      },
    },
    {
      name: 'says when a limit cut the discovery',
      async run() {
        const { tables, truncated } = await connector.discover(settings, { tablesMax: 1, columnsMax: 10_000 })
        assert.equal(truncated, true)
        assert.equal(tables.length, 1)
      },
    },
  ]
}

function readingCases<S>(harness: ConformanceHarness<S>): ConformanceCase[] {
  const sql = harness.connector.describe().capabilities.sqlFragments
  const request = readOf(harness.standard, sql)
  return [
    {
      name: 'reads every value unchanged',
      async run() {
        const { text, stream } = await readText(harness, request)
        assert.equal(canonical(text), STANDARD_CSV.join(''))
        assert.deepEqual(
          stream.columns.map((column) => column.name),
          [...STANDARD_COLUMNS],
        )
      },
    },
    {
      name: 'cuts chunks only between rows',
      async run() {
        const { parts } = await readText(harness, request, { chunkBytes: 1 })
        assert.deepEqual(parts.map(canonical), STANDARD_CSV)
      },
    },
    {
      name: 'selects, orders and renames columns',
      async run() {
        const table = harness.standard
        const { text, stream } = await readText(
          harness,
          sql
            ? {
                table,
                select: [
                  { expression: '"day"', as: '日' },
                  { expression: '"code"', as: 'c' },
                ],
                where: null,
              }
            : {
                table,
                fields: [
                  { field: 'day', as: '日' },
                  { field: 'code', as: 'c' },
                ],
              },
        )
        assert.equal(text.split('\n')[0], '2024-02-29,000123')
        assert.deepEqual(
          stream.columns.map((column) => column.name),
          ['日', 'c'],
        )
      },
    },
    {
      name: 'reads an empty table as zero rows, and reads twice at once',
      async run() {
        if (harness.empty !== null) assert.equal((await readText(harness, readOf(harness.empty, sql))).text, '')
        const both = await Promise.all([readText(harness, request), readText(harness, request)])
        assert.equal(both[0].text, both[1].text)
      },
    },
    {
      name: 'can be left early, and a stream is read once',
      async run() {
        const stream = await harness.connector.readRows(harness.settings, request, { chunkBytes: 1 })
        for await (const _chunk of stream) break
        await assert.rejects(async () => {
          for await (const _chunk of stream) break
        })
        assert.equal(canonical((await readText(harness, request)).text), STANDARD_CSV.join(''))
      },
    },
  ]
}

function refusalCases<S>(harness: ConformanceHarness<S>): ConformanceCase[] {
  const sql = harness.connector.describe().capabilities.sqlFragments
  const read = (request: ReadRequest, options?: ReadOptions) => failure(() => readText(harness, request, options))
  return [
    {
      name: 'names a table or a column that is not there',
      async run() {
        assert.equal((await read(readOf(harness.missing, sql))).code, 'table_missing')
        const error = await read(readOf(harness.standard, sql, ['code', 'gone']))
        assert.deepEqual([error.code, error.place.column], ['schema_changed', 'gone'])
      },
    },
    {
      name: 'names a column that is not as the plan expects',
      async run() {
        const expect = [{ name: 'day', canonicalType: 'uuid' }]
        const error = await read({ ...readOf(harness.standard, sql), expect })
        assert.deepEqual([error.code, error.place.column], ['schema_changed', 'day'])
      },
    },
    {
      name: 'refuses a row over the limit',
      async run() {
        assert.equal((await read(readOf(harness.standard, sql), { rowBytesMax: 20 })).code, 'row_too_large')
      },
    },
  ]
}
