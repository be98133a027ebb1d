import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import { DuckDbWriter } from './duckdb.ts'
import { dateIn } from './literal.ts'
import { column, not, type Predicate } from './predicate.ts'
import type { ColumnClass } from './table.ts'

/** What each operator answers for the values that engines differ on. Whoever writes another emitter runs these on it. */
const A = column('a')
const number = (value: string) => ({ v: 'literal', as: 'number', value }) as const
const day = (value: string) => ({ v: 'literal', as: 'date', value }) as const
const asNumber = { v: 'number', of: A } as const
const asDate = { v: 'date', of: A, forms: ['iso', 'basic', 'slash'] } as const

interface Table {
  readonly name: string
  readonly predicate: Predicate
  readonly as?: readonly [ColumnClass, string]
  readonly yes: readonly (string | null)[]
  readonly no: readonly (string | null)[]
}

const TABLES: readonly Table[] = [
  { name: 'missing', predicate: { p: 'missing', of: A }, yes: [null, ''], no: [' ', '0', '　'] },
  {
    name: 'blank',
    predicate: { p: 'blank', of: A },
    yes: [null, '', ' ', '　', '\u200b\n'],
    no: ['0', ' x', '　1', '𠮷'],
  },
  {
    name: 'length 2',
    predicate: { p: 'length', of: A, min: 2, max: 2 },
    yes: ['ab', '𠮷𠮷', '１２', 'e\u0301'],
    no: [null, '', '𠮷', 'abc', '👨‍👩‍👧'],
  },
  {
    name: 'matches .',
    predicate: { p: 'matches', of: A, pattern: '.' },
    yes: ['a', '𠮷', ' ', '\r', '\u2028', '１'],
    no: [null, '', '\n', 'ab', '𠮷𠮷'],
  },
  {
    name: 'matches \\d{2}',
    predicate: { p: 'matches', of: A, pattern: '\\d{2}' },
    yes: ['12'],
    no: [null, '', '１２', '123', '12\n', '\n12', '١٢'],
  },
  {
    name: 'matches \\s at the end',
    predicate: { p: 'matches', of: A, pattern: '\\s', at: 'end' },
    yes: ['a ', '　', 'a\n', 'a\u200b'],
    no: [null, '', ' a', 'a'],
  },
  {
    name: 'matches [^a] at the start',
    predicate: { p: 'matches', of: A, pattern: '[^a]', at: 'start' },
    yes: ['ba', '\na', '𠮷'],
    no: [null, '', 'ab'],
  },
  {
    name: 'matches any Han',
    predicate: { p: 'matches', of: A, pattern: '\\p{Han}', at: 'any' },
    yes: ['a一', '𠮷b', '〇'],
    no: [null, '', 'ab', 'あ', '。', '１'],
  },
  {
    name: 'in',
    predicate: { p: 'in', of: A, values: ['1', "o'k", '𠮷'] },
    yes: ['1', "o'k", '𠮷'],
    no: [null, '', '１', '01', "O'K"],
  },
  {
    name: 'in, as a join',
    predicate: { p: 'in', of: A, values: ['𠮷', ...Array.from({ length: 300 }, (_, n) => String(n))] },
    yes: ['0', '299', '𠮷'],
    no: [null, '', '300', '００', '00'],
  },
  {
    name: 'number > 5000',
    predicate: { p: 'compare', as: 'number', left: asNumber, op: 'gt', right: number('5000') },
    yes: ['5000.0000000001', '9999999999999999999999999999.9999999999', '+5001', '0005001'],
    no: [null, '', '5000', '-5001', '５００１', '1e9', '99999999999999999999999999999', '5001 ', 'NaN', 'Infinity'],
  },
  {
    name: 'number = 0',
    predicate: { p: 'compare', as: 'number', left: asNumber, op: 'eq', right: number('0') },
    yes: ['0', '-0', '+0.000', '0000'],
    no: [null, '', 'zero', '０', '0.0000000001'],
  },
  {
    name: 'bigint at its bounds',
    as: ['integer', 'BIGINT'],
    predicate: { p: 'compare', as: 'number', left: asNumber, op: 'ge', right: number('9223372036854775807') },
    yes: ['9223372036854775807'],
    no: [null, '9223372036854775806', '-9223372036854775808'],
  },
  {
    name: 'bigint against a literal beyond it',
    as: ['integer', 'BIGINT'],
    predicate: { p: 'compare', as: 'number', left: asNumber, op: 'lt', right: number('99999999999999999999') },
    yes: ['9223372036854775807', '0'],
    no: [null],
  },
  {
    name: 'decimal against more places',
    as: ['decimal', 'DECIMAL(10, 2)'],
    predicate: { p: 'compare', as: 'number', left: asNumber, op: 'lt', right: number('0.005') },
    yes: ['0.00', '-99999999.99'],
    no: [null, '0.01', '99999999.99'],
  },
  {
    name: 'double that is no number',
    as: ['float', 'DOUBLE'],
    predicate: { p: 'compare', as: 'number', left: asNumber, op: 'ge', right: number('0') },
    yes: ['0', '1e300'],
    no: [null, 'nan', 'inf', '-inf', '-1e-300'],
  },
  {
    name: 'date ≥ 29 February',
    predicate: { p: 'compare', as: 'date', left: asDate, op: 'ge', right: day('2024-02-29') },
    yes: ['2024-02-29', '20240229', '2024/03/01', '9999-12-31'],
    no: [
      null,
      '',
      '2024-02-28',
      '2024-02-30',
      '2025-02-29',
      '10000-01-01',
      '２０２５-01-01',
      '2024-3-1',
      '2024-03-01 ',
      '2024-3-001',
      ' 2024-3-01',
      '+2024-3-01',
      '2024/03-01',
      '2024_0301',
      '0x240301',
      '2024030A',
      ' 2024301',
      '20241301',
      '20240431',
      '2024-03-01 (BC)',
      'infinity',
    ],
  },
  {
    name: 'date < 1 January 1',
    predicate: { p: 'compare', as: 'date', left: asDate, op: 'le', right: day('0001-01-01') },
    yes: ['0001-01-01'],
    no: [null, '0000-12-31', '0001-01-02', '-0001-01-01'],
  },
  {
    name: 'typed date',
    as: ['date', 'DATE'],
    predicate: { p: 'compare', as: 'date', left: asDate, op: 'eq', right: day('2024-02-29') },
    yes: ['2024-02-29'],
    no: [null, '2024-02-28'],
  },
  {
    name: 'timestamp by its day',
    as: ['timestamp', 'TIMESTAMP'],
    predicate: { p: 'compare', as: 'date', left: asDate, op: 'eq', right: day('2024-02-29') },
    yes: ['2024-02-29 00:00:00', '2024-02-29 23:59:59.999999'],
    no: [null, '2024-03-01 00:00:00'],
  },
  {
    name: 'text order by code point',
    predicate: { p: 'compare', as: 'text', left: A, op: 'gt', right: { v: 'literal', as: 'text', value: '\uffee' } },
    yes: ['𠮷', '\uffeea'],
    no: [null, '', '一', 'z', '\uffee'],
  },
  {
    name: 'unknown date',
    predicate: { p: 'unknown', of: asDate },
    yes: [null, '', '2023-02-29', 'x'],
    no: ['2024-02-29', '20240229'],
  },
  {
    name: 'idCheck',
    predicate: { p: 'idCheck', of: A },
    yes: ['11010519491231002X', '34052419800101001X'],
    no: [
      null,
      '',
      '110105194912310021',
      '11010519491231002x',
      '１１０１０５１９４９１２３１００２Ｘ',
      '1101051949123100200000000000000000000X',
      '1101051949123_002X',
      '_1010519491231002X',
      ' 1010519491231002X',
      '-1010519491231002X',
      '01010519491231002X',
      '11010519491231 02X',
      '1101051949123100AX',
      '110105194912310022',
      '0x010519491231002X',
      '1101051949123100é',
      '1101051949123100\nX',
    ],
  },
  {
    name: 'organisationCheck',
    predicate: { p: 'organisationCheck', of: A },
    yes: ['D2143569X', 'D2143569-X', '000000000'],
    no: [null, '', 'D21435690', 'D2143569', 'd2143569X', 'D2143569X ', 'D214356-9X', '０00000000', 'D2143569\nX'],
  },
  {
    name: 'creditCheck',
    predicate: { p: 'creditCheck', of: A },
    yes: ['91350100M000100Y43', '11320000MB151840XJ'],
    no: [
      null,
      '',
      '91350100M000100Y44',
      '91350100m000100y43',
      '𠮷1350100M000100Y43',
      '91350100M000100Y43 ',
      '9135010AM000100Y43',
      '91350100I000100Y43',
    ],
  },
]

let db: DuckDBConnection
beforeAll(async () => {
  const { openDuckDb } = await import('./testing/duckdb.ts')
  db = await openDuckDb()
})

async function answers(table: Table, predicate: Predicate): Promise<unknown[]> {
  const [kind, type] = table.as ?? ['text', 'VARCHAR']
  const columns = { a: kind }
  const setup = { statements: [] as string[], made: new Map<string, string>() }
  const scope = { columns, key: [], tables: {}, sets: {}, asOf: '2026-03-02' }
  const writer = new DuckDbWriter({ columns, scope, whole: 'truth', relations: {}, setup })
  const piece = writer.predicate(predicate)
  await db.run(`CREATE OR REPLACE TABLE truth (n INTEGER, a ${type})`)
  const values = [...table.yes, ...table.no].map(
    (one, at) => `(${at}, ${one === null ? 'NULL' : `'${one.replaceAll("'", "''")}'`})`,
  )
  await db.run(`INSERT INTO truth VALUES ${values.join(', ')}`)
  for (const one of setup.statements) await db.run(one.replace('CREATE TEMP', 'CREATE OR REPLACE TEMP'))
  const reader = await db.runAndReadAll(`SELECT ${piece.sql} FROM ${writer.from('truth')} q ORDER BY n`)
  return reader.getRows().map(([one]) => one)
}

describe.each(TABLES)('$name', (table) => {
  const wanted = [...table.yes.map(() => true), ...table.no.map(() => false)]

  test('answers yes or no for each value, never NULL', async () => {
    expect(await answers(table, table.predicate)).toEqual(wanted)
  })

  test('its negation answers the opposite for each value, NULL and empty too', async () => {
    expect(await answers(table, not(table.predicate))).toEqual(wanted.map((one) => !one))
  })
})

describe('arithmetic on whole words', () => {
  test('has every day of the calendar and no other, as the slow way has', async () => {
    const days = `SELECT lpad(y::VARCHAR, 4, '0') || lpad(m::VARCHAR, 2, '0') || lpad(d::VARCHAR, 2, '0') AS a
      FROM range(0, 10000, 7) y(y), range(0, 14) m(m), range(0, 33) d(d)
      UNION ALL SELECT lpad(y::VARCHAR, 4, '0') || '0229' FROM range(10000) y(y)`
    await db.run(`CREATE OR REPLACE TABLE t AS ${days}`)
    const columns = { a: 'text' as const }
    const scope = { columns, key: [], tables: {}, sets: {}, asOf: '2026-03-02' }
    const setup = { statements: [], made: new Map() }
    const writer = new DuckDbWriter({ columns, scope, whole: 't', relations: {}, setup })
    const known = writer.predicate(not({ p: 'unknown', of: { v: 'date', of: A, forms: ['basic'] } }))
    const read = await db.runAndReadAll(`SELECT a, ${known.sql} FROM ${writer.from('t')} q`)
    const rows = read.getRows() as [string, boolean][]
    expect(rows.length).toBeGreaterThan(600_000)
    expect(rows.filter(([text, isDate]) => (dateIn(text, ['basic']) !== null) !== isDate)).toEqual([])
  })
})
