import type { Row } from '@huitong/quality'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DuckDBConnection } from '@duckdb/node-api'
import { inputsOf, isDirect, lineageOf, type ColumnOrigin } from './lineage.ts'
import { followRecipe, originsOf } from './recipe.ts'
import type { Step, StepScope } from './step.ts'
import { STEP_TYPES } from './steps/index.ts'
import { COLUMNS, making, someStep, TABLES, value } from './testing/arbitrary.ts'
import { followInDuckDb, openDuckDb } from './testing/duckdb.ts'

const SCOPE: StepScope = { columns: { ...COLUMNS, '#': 'integer' }, key: ['#'], tables: TABLES }
const told = ({ table, column, way, steps }: ColumnOrigin) =>
  `${table === null ? '' : `${table}.`}${column} ${way} ${steps.join(',')}`.trim()
const numbered = (rows: readonly Row[]): Row[] => rows.map((row, at) => ({ ...row, '#': String(at) }))

describe('where the columns of each kind of step come from', () => {
  const one = { column: 'a' }
  const SAME: readonly (readonly [kind: string, parameters: object])[] = [
    ['trim', { ...one, inside: 'keep' }],
    ['fold_width', one],
    ['letter_case', { ...one, to: 'upper' }],
    ['map_values', { ...one, pairs: [{ from: 'x', to: 'y' }], others: 'keep' }],
    ['replace_text', { ...one, find: 'x', by: 'y' }],
    ['parse_date', { ...one, forms: ['dash'] }],
    ['id_to_18', one],
    ['firm_name', one],
  ]
  const MATCH = [{ own: 'b', other: 'k' }]
  type Cells = Readonly<Record<string, readonly string[]>>
  type Case = readonly [kind: string, parameters: object, cells: Cells, rows: readonly string[]]
  const CASES: readonly Case[] = [
    ...SAME.map(([kind, given]): Case => [kind, given, { a: ['a TRANSFORMATION 0'] }, []]),
    ['split_text', { ...one, by: '-', into: ['d', 'e'] }, { d: ['a TRANSFORMATION 0'], e: ['a TRANSFORMATION 0'] }, []],
    [
      'join_text',
      { columns: ['a', 'b'], with: '', into: 'd' },
      { d: ['a TRANSFORMATION 0', 'b TRANSFORMATION 0'] },
      [],
    ],
    ['from_id', { column: 'c', part: 'sex', into: 'd' }, { d: ['c TRANSFORMATION 0'] }, []],
    [
      'fill',
      { ...one, table: 'other', value: 'v', match: MATCH },
      { a: ['a TRANSFORMATION 0', 'other.v TRANSFORMATION 0', 'b JOIN 0', 'other.k JOIN 0'] },
      [],
    ],
    ['deduplicate', { columns: ['a'], order: 'b', keep: 'first' }, {}, ['a WINDOW 0', 'b WINDOW 0']],
  ]

  test('none is forgotten here', () => {
    expect(CASES.map(([kind]) => kind).sort()).toEqual([...STEP_TYPES.keys()].sort())
  })
  test.each(CASES)('%s', (kind, parameters, cells, rows) => {
    const lineage = lineageOf([{ kind, parameters } as Step], COLUMNS)
    const untouched = Object.fromEntries(Object.keys(COLUMNS).map((column) => [column, [`${column} IDENTITY`]]))
    const columns = [...lineage.columns].map(([column, origins]) => [column, origins.map(told)] as const)
    expect(Object.fromEntries(columns)).toEqual({ ...untouched, ...cells })
    expect(lineage.rows.map(told)).toEqual(rows)
  })
})

describe('through a whole recipe', () => {
  let db: DuckDBConnection
  beforeAll(async () => {
    db = await openDuckDb()
  })

  test('the steps in between are told, and what once only decided arrives no more', () => {
    const fill = { column: 'a', table: 'other', value: 'v', match: [{ own: 'b', other: 'k' }] }
    const steps = [
      { kind: 'trim', parameters: { column: 'b', inside: 'keep' } },
      { kind: 'fill', parameters: fill },
      { kind: 'join_text', parameters: { columns: ['a', 'c'], with: '', into: 'd' } },
      { kind: 'deduplicate', parameters: { columns: ['d'], order: 'c', keep: 'last' } },
    ]
    const { columns, rows } = lineageOf(steps, COLUMNS)
    expect(columns.get('d')!.map(told)).toEqual([
      'a TRANSFORMATION 1,2',
      'other.v TRANSFORMATION 1,2',
      'b JOIN 0,1,2',
      'other.k JOIN 1,2',
      'c TRANSFORMATION 2',
    ])
    expect(rows.map(told)).toEqual([
      'a WINDOW 1,2,3',
      'other.v WINDOW 1,2,3',
      'b WINDOW 0,1,2,3',
      'other.k WINDOW 1,2,3',
      'c WINDOW 2,3',
    ])
    expect(inputsOf(steps[3]!).rows.every((one) => !isDirect(one.way))).toBe(true)
  })

  const row = fc.record({ a: value, b: value, c: value })
  const other = fc.record({ k: value, v: value })
  const recipe = fc
    .tuple(fc.array(someStep, { maxLength: 6 }), making)
    .map(([steps, more]): readonly Step[] => [...steps, ...more])

  test('every column that the engine yields is named, and no origin names a column that does not exist', async () => {
    const there = new Set([...Object.keys(SCOPE.columns).map((one) => `.${one}`), 'other.k', 'other.v'])
    await fc.assert(
      fc.asyncProperty(recipe, fc.array(row, { minLength: 1, maxLength: 4 }), async (steps, rows) => {
        const { columns, rows: chosen } = lineageOf(steps, SCOPE.columns)
        const made = await followInDuckDb(db, steps, SCOPE, { rows: numbered(rows), tables: { other: [] } })
        expect([...columns.keys()].sort()).toEqual(Object.keys(made[0]!.row).sort())
        for (const origin of [...[...columns.values()].flat(), ...chosen]) {
          expect(there).toContain(`${origin.table ?? ''}.${origin.column}`)
          expect(origin.steps.every((at) => at < steps.length)).toBe(true)
        }
        // What decides who may see a made value must speak of the same columns.
        const { made: from } = originsOf(steps, SCOPE.columns)
        for (const [column, origins] of columns)
          expect(new Set(origins.filter((one) => one.table === null).map((one) => one.column))).toEqual(
            from.get(column),
          )
      }),
      { numRuns: 40 },
    )
  })

  test('a column that is not among the origins of another has no part in it', () => {
    const places = [
      [null, 'a'],
      [null, 'b'],
      [null, 'c'],
      ['other', 'k'],
      ['other', 'v'],
    ] as const
    fc.assert(
      fc.property(
        recipe,
        fc.array(fc.tuple(row, value), { minLength: 1, maxLength: 8 }),
        fc.array(fc.tuple(other, value), { maxLength: 4 }),
        fc.constantFrom(...places),
        (steps, rows, others, [table, column]) => {
          const lineage = lineageOf(steps, SCOPE.columns)
          const isFrom = (one: ColumnOrigin) => one.table === table && one.column === column
          if (lineage.rows.some(isFrom)) return
          const run = (isChanged: boolean) => {
            const of = (where: string | null) => (pair: readonly [Row, string | null]) =>
              isChanged && where === table ? { ...pair[0], [column]: pair[1] } : pair[0]
            const given = { rows: numbered(rows.map(of(null))), tables: { other: others.map(of('other')) } }
            return followRecipe(steps, SCOPE, given)
          }
          const [before, after] = [run(false), run(true)]
          for (const [name, origins] of lineage.columns) {
            if (origins.some(isFrom)) continue
            expect(after.map((one) => one.row[name])).toEqual(before.map((one) => one.row[name]))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
