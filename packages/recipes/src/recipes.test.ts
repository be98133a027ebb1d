import type { DuckDBConnection } from '@duckdb/node-api'
import type { Columns, Row } from '@huitong/quality'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { CellTooLong, followRecipe, originsOf, planRecipe, recipeFaults, sayStep } from './recipe.ts'
import type { Rows, Step, StepScope } from './step.ts'
import { STEP_TYPES } from './steps/index.ts'
import { COLUMNS, making, someStep, TABLES, value } from './testing/arbitrary.ts'
import { followInDuckDb, openDuckDb } from './testing/duckdb.ts'

let db: DuckDBConnection
beforeAll(async () => {
  db = await openDuckDb()
})

const scopeOf = (columns: Columns, tables: StepScope['tables'] = {}): StepScope => ({
  columns: { ...columns, '#': 'integer' },
  key: ['#'],
  tables,
})
const numbered = (rows: readonly Row[]): Row[] => rows.map((row, at) => ({ ...row, '#': String(at) }))
const names = { item: (one: string) => one, table: (one: string) => one }

async function agree(steps: readonly Step[], scope: StepScope, given: Rows) {
  expect(recipeFaults(steps, scope)).toEqual([])
  const said = followRecipe(steps, scope, given)
  expect(await followInDuckDb(db, steps, scope, given)).toEqual(said)
  return said
}

describe('each kind of step', () => {
  const cases = [...STEP_TYPES.values()].flatMap((type) =>
    type.cases.map((one, at) => ({ title: `${type.kind} ${at + 1}`, type, one })),
  )
  test.each(cases)('$title makes what its cases say, by both ways', async ({ type, one }) => {
    const rowOf = (value: string | null | Row): Row =>
      typeof value === 'object' && value !== null ? value : { a: value }
    const given = one.rows.map(([row]) => rowOf(row))
    const columns = Object.fromEntries(Object.keys(given[0]!).map((name) => [name, 'text' as const]))
    const step = { kind: type.kind, parameters: one.parameters }
    const said = await agree([step], scopeOf(columns), { rows: numbered(given), tables: {} })
    expect(said.map(({ row: { '#': _at, ...row } }) => row)).toEqual(one.rows.map(([, made]) => rowOf(made)))
    expect(said.map(({ changedBy }) => changedBy.length > 0)).toEqual(
      one.rows.map(
        ([before, made]) => JSON.stringify(withoutNulls(rowOf(before))) !== JSON.stringify(withoutNulls(rowOf(made))),
      ),
    )
    expect(sayStep(step, names).zh).not.toBe('')
  })
  const withoutNulls = (row: Row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

  test('missing values are filled where another table says one thing only', async () => {
    const scope = scopeOf({ a: 'text', b: 'text' }, { firms: { code: 'text', name: 'text' } })
    const step = {
      kind: 'fill',
      parameters: { column: 'b', table: 'firms', value: 'name', match: [{ own: 'a', other: 'code' }] },
    }
    const firms = [
      { code: '1', name: '甲' },
      { code: '1', name: '甲' },
      { code: '2', name: '乙' },
      { code: '2', name: '丙' },
      { code: '3', name: '' },
      { code: '', name: '丁' },
    ]
    const rows = numbered([
      { a: '1', b: null },
      { a: '1', b: '' },
      { a: '1', b: '自有' },
      { a: '2', b: null },
      { a: '3', b: null },
      { a: '', b: null },
    ])
    const said = await agree([step], scope, { rows, tables: { firms } })
    expect(said.map(({ row }) => row['b'])).toEqual(['甲', '甲', '自有', null, null, null])
  })

  test('of duplicates one row stays, and rows without the value are left alone', async () => {
    const step = { kind: 'deduplicate', parameters: { columns: ['a'], order: 'b', keep: 'last' } }
    const rows = numbered([
      { a: 'x', b: '2024-01-01' },
      { a: 'x', b: '2025-01-01' },
      { a: 'x', b: null },
      { a: null, b: '1' },
      { a: '', b: '2' },
      { a: '', b: '3' },
    ])
    const said = await agree([step], scopeOf({ a: 'text', b: 'text' }), { rows, tables: {} })
    expect(said.map(({ at }) => at)).toEqual([1, 3, 4, 5])
    const plan = planRecipe([step], scopeOf({ a: 'text', b: 'text' }), { table: '"given"', tables: {} })
    const count = async (sql: string) => Number((await db.runAndReadAll(sql)).getRows()[0]![0])
    expect(plan.removing.map(({ step: at }) => at)).toEqual([0])
    expect([await count(plan.removing[0]!.before), await count(plan.removing[0]!.after)]).toEqual([6, 4])
  })
})

describe('recipes', () => {
  test('whatever the steps and the rows, DuckDB makes what the oracle makes', async () => {
    const row = fc.record({ a: value, b: value, c: value })
    const other = fc.record({ k: value, v: value })
    await fc.assert(
      fc.asyncProperty(
        fc.array(someStep, { maxLength: 6 }),
        making,
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.array(other, { maxLength: 5 }),
        async (steps, more, rows, others) => {
          const given = { rows: numbered(rows), tables: { other: others } }
          await agree([...steps, ...more], scopeOf(COLUMNS, TABLES), given)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('faults are named at their place, after what the steps before have made', () => {
    const scope = scopeOf({ a: 'text', n: 'integer' }, TABLES)
    const split = { kind: 'split_text', parameters: { column: 'a', by: '-', into: ['d', 'e'] } }
    const at = (...steps: Step[]) => recipeFaults(steps, scope).map((one) => one.path)
    expect(at(split, { kind: 'trim', parameters: { column: 'd', inside: 'keep' } })).toEqual([])
    expect(at({ kind: 'trim', parameters: { column: 'd', inside: 'keep' } })).toEqual(['/steps/0/parameters/column'])
    expect(at({ kind: 'trim', parameters: { column: 'n', inside: 'keep' } })).toEqual(['/steps/0/parameters/column'])
    expect(at(split, split)).toEqual(['/steps/1/parameters/into/0', '/steps/1/parameters/into/1'])
    expect(at({ kind: 'burn', parameters: {} })).toEqual(['/steps/0/kind'])
    expect(at({ kind: 'replace_text', parameters: { column: 'a', find: '', by: '' } })).toEqual([
      '/steps/0/parameters/find',
    ])
    const fill = { column: 'a', table: 'nowhere', value: 'v', match: [{ own: 'a', other: 'k' }] }
    expect(at({ kind: 'fill', parameters: fill })).toEqual(['/steps/0/parameters/table'])
    const pairs = [
      { from: 'x', to: '1' },
      { from: 'x', to: '2' },
    ]
    expect(at({ kind: 'map_values', parameters: { column: 'a', pairs, others: 'keep' } })).toEqual([
      '/steps/0/parameters/pairs/1/from',
    ])
    expect(at(...Array.from({ length: 61 }, () => ({ kind: 'fold_width', parameters: { column: 'a' } })))).toEqual([
      '/steps',
    ])
  })

  test('a value that would grow without end is not made, by neither way', async () => {
    const grow = { kind: 'replace_text', parameters: { column: 'a', find: 'a', by: 'a'.repeat(200) } }
    const given = { rows: numbered([{ a: 'a'.repeat(20) }]), tables: {} }
    const scope = scopeOf({ a: 'text' })
    expect(() => followRecipe([grow, grow, grow, grow], scope, given)).toThrow(CellTooLong)
    await expect(followInDuckDb(db, [grow, grow], scope, given)).rejects.toThrow('too long')
  })

  test('what a column is made from is followed through the steps', () => {
    const steps = [
      { kind: 'join_text', parameters: { columns: ['a', 'b'], with: '', into: 'd' } },
      { kind: 'split_text', parameters: { column: 'd', by: '-', into: ['e', 'f'] } },
      { kind: 'trim', parameters: { column: 'c', inside: 'keep' } },
    ]
    const { made, read } = originsOf(steps.slice(0, 2), COLUMNS)
    expect([...made.get('f')!].sort()).toEqual(['a', 'b'])
    expect([...made.get('c')!]).toEqual(['c'])
    expect([...read].sort()).toEqual(['a', 'b'])
    expect([...originsOf(steps, COLUMNS).read].sort()).toEqual(['a', 'b', 'c'])
    const fill = { column: 'a', table: 'other', value: 'v', match: [{ own: 'b', other: 'k' }] }
    expect(originsOf([{ kind: 'fill', parameters: fill }], COLUMNS).elsewhere).toEqual([
      { table: 'other', column: 'v' },
      { table: 'other', column: 'k' },
    ])
    const copied = { kind: 'join_text', parameters: { columns: ['a', 'c'], with: '', into: 'd' } }
    const cleared = { kind: 'join_text', parameters: { columns: ['b', 'c'], with: '', into: 'd' } }
    expect([...originsOf([{ kind: 'fill', parameters: fill }, copied], COLUMNS).foreign]).toEqual(['a', 'd'])
    expect([...originsOf([{ kind: 'fill', parameters: fill }, copied, cleared], COLUMNS).foreign]).toEqual(['a'])
  })
})
