import {
  emitMysql,
  evaluate,
  maskMysql,
  MASKS,
  maskText,
  type Predicate,
  quoteIdentifier,
  quoteText,
} from '@huitong/policy'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
// The same predicates and rows as the PostgreSQL emitter is tried with.
import { rows, someText, tree } from '../../../policy/src/testing/arbitraries.ts'
import { startMariadb, type TestMariadb } from '../testing/mariadb.ts'
import { Session } from './connect.ts'
import { mysqlForms } from './sql.ts'

let mariadb: TestMariadb
let session: Session
beforeAll(async () => {
  mariadb = await startMariadb()
  session = await Session.open(await mariadb.database(), 'source')
  // A collation that takes capitals and accents for the same, as most tables of departments have.
  await session.run(
    `CREATE TEMPORARY TABLE t (at int, province varchar(99) COLLATE utf8mb4_general_ci, code text COLLATE utf8mb4_unicode_ci,
       people decimal(30,0))`,
  )
})
afterAll(async () => {
  session?.close()
  await mariadb?.stop()
})

const literal = (text: string | null | undefined) => (text == null ? 'NULL' : quoteText(text))
const passing = async (where: string) =>
  (await session.rows(`SELECT at FROM t WHERE ${where} ORDER BY at`)).map((row) => Number(row['at']))

describe('MySQL emitter', () => {
  test('passes exactly the rows that the reference semantics pass, for any predicate and any values', async () => {
    await fc.assert(
      fc.asyncProperty(tree, rows, async (predicate, some) => {
        const values = some.map(
          (row, at) => `(${at}, ${literal(row['province'])}, ${literal(row['code'])}, ${literal(row['people'])})`,
        )
        await session.run('DELETE FROM t')
        await session.run(`INSERT INTO t VALUES ${values.join(', ')}`)
        const expected = some.flatMap((row, at) => (evaluate(predicate, row) ? [at] : []))
        expect(await passing(emitMysql(predicate, quoteIdentifier))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('masks agree with their reference semantics on any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.option(someText), async (text) => {
        const select = MASKS.map((mask, i) => `${maskMysql(mask, literal(text))} AS m${i}`).join(', ')
        const [row] = await session.rows(`SELECT ${select}`)
        expect(MASKS.map((_mask, i) => row![`m${i}`])).toEqual(MASKS.map((mask) => maskText(mask, text)))
      }),
      { numRuns: 200 },
    )
  })

  test('compares times, days and truth as the reference does, and takes what is none for unknown', async () => {
    await session.run(
      `CREATE TEMPORARY TABLE typed (at int, moment datetime(6), day date, flag tinyint(1), bits bit(1), word varchar(20), ratio double);
       `
        .trim()
        .replace(/;$/, ''),
    )
    await session.run(
      `INSERT INTO typed VALUES (0, '2024-02-29 08:00:00.000001', '2024-02-29', 1, b'1', '12.50', 0.5),
        (1, '2024-02-29 08:00:00', '2024-03-01', 0, b'0', 'twelve', 12), (2, NULL, NULL, NULL, NULL, NULL, NULL)`,
    )
    const found = async (predicate: Predicate) =>
      (await session.rows(`SELECT at FROM typed WHERE ${emitMysql(predicate, quoteIdentifier)} ORDER BY at`)).map(
        (row) => Number(row['at']),
      )
    const is = (
      op: 'eq' | 'gt' | 'lt',
      field: string,
      type: 'timestamp' | 'date' | 'boolean' | 'decimal',
      value: string,
    ) => found({ op, field, value: { type, value } })
    expect(await is('gt', 'moment', 'timestamp', '2024-02-29T08:00:00Z')).toEqual([0])
    expect(await is('eq', 'day', 'date', '2024-03-01')).toEqual([1])
    expect(await is('eq', 'moment', 'date', '2024-02-29')).toEqual([0, 1])
    expect(await is('eq', 'flag', 'boolean', 'true')).toEqual([0])
    expect(await is('eq', 'bits', 'boolean', 'false')).toEqual([1])
    expect(await is('eq', 'ratio', 'decimal', '0.5')).toEqual([0])
    expect(await is('lt', 'word', 'decimal', '13')).toEqual([0])
    expect(
      await found({ op: 'not', arg: { op: 'lt', field: 'word', value: { type: 'decimal', value: '13' } } }),
    ).toEqual([])
    expect(() =>
      emitMysql({ op: 'eq', field: 'ratio', value: { type: 'integer', value: '9'.repeat(36) } }, quoteIdentifier),
    ).toThrow(/exactly/)
  })
})

test('keys are found by their canonical texts, blanks and capitals told apart', async () => {
  await session.run('CREATE TEMPORARY TABLE keyed (at int, a varchar(20) COLLATE utf8mb4_general_ci, n decimal(10,2))')
  await session.run(`INSERT INTO keyed VALUES (0, 'a', 1.50), (1, 'A', 1.50), (2, 'a ', 1.5), (3, 'a', 2)`)
  const forms = mysqlForms('refuse')
  const columns = [
    { expression: forms.column('a', 'varchar(20)', null), type: 'varchar(20)' },
    { expression: forms.column('n', 'numeric(10,2)', null), type: 'numeric(10,2)' },
  ]
  const where = forms.keyIn(columns, [
    ['a', '1.5'],
    ['A', '2'],
  ])
  expect((await session.rows(`SELECT at FROM keyed WHERE ${where}`)).map((row) => row['at'])).toEqual(['0'])
  expect(forms.keyIn(columns, [])).toBe('false')
})
