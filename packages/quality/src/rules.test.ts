import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import { judge } from './oracle.ts'
import type { RuleCase, RuleType, World } from './rule.ts'
import { RULE_TYPES } from './rules/index.ts'
import { ruleFaults, sayFinding, sayRule } from './suite.ts'
import { judgeInDuckDb, judgedCounts, openDuckDb, ruleOf } from './testing/duckdb.ts'

let db: DuckDBConnection
beforeAll(async () => {
  db = await openDuckDb()
})

const CJK = /[\u3000-\u9fff\uff00-\uffef]/
/** The texts that parameters give, which stand in sentences as they are. */
function valuesIn(parameters: unknown): RegExp {
  const texts = [...JSON.stringify(parameters).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(
    ([, text]) => JSON.parse(`"${text}"`) as string,
  )
  const escaped = texts.filter((one) => CJK.test(one)).map((one) => one.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(escaped.length > 0 ? escaped.join('|') : '(?!)', 'g')
}

const asRow = (one: RuleCase['kept'][number]) => (one === null || typeof one === 'string' ? { a: one } : one)

function worldOf(given: RuleCase): World {
  const tables = given.tables ?? {}
  return {
    scope: {
      columns: given.columns ?? { a: 'text' },
      key: [],
      tables: Object.fromEntries(Object.entries(tables).map(([name, one]) => [name, one.columns])),
      sets: given.sets ?? {},
      asOf: given.asOf ?? '2026-03-02',
    },
    rows: [...given.kept, ...given.broken].map(asRow),
    tables,
  }
}

describe.each([...RULE_TYPES.values()].map((type): [string, RuleType] => [type.kind, type]))('%s', (kind, type) => {
  test.each(type.cases.map((one, at): [number, RuleCase] => [at, one]))(
    'case %i: oracle and DuckDB say what the case says',
    async (_at, one) => {
      const world = worldOf(one)
      const rule = ruleOf(kind, one.parameters)
      expect(ruleFaults(rule, world.scope)).toEqual([])
      const wanted = world.rows.map((_row, at) => at >= one.kept.length)
      const oracle = judge([rule], world)
      expect(oracle.map(([verdict]) => verdict === 'broken')).toEqual(wanted)
      const engine = await judgeInDuckDb(db, [rule], world)
      expect(engine.map(([verdict]) => verdict === 'broken')).toEqual(wanted)
      expect(judgedCounts(engine)[0]).toBe(oracle.filter(([verdict]) => verdict !== 'free').length)
    },
  )

  test('says what is wrong in both languages, by the name that people know', () => {
    for (const one of type.cases) {
      const { zh, en } = sayFinding(ruleOf(kind, one.parameters), (column) => `名${column}`)
      expect(zh).toMatch(/\p{Script=Han}/u)
      expect(`${zh}${en}`).toContain('名')
    }
  })

  test('says what it asks in both languages, by the names that people know, without codes of parameters', () => {
    for (const one of type.cases) {
      const names = {
        item: (column: string, table?: string) => `名${table ?? ''}${column}`,
        table: (id: string) => `表${id}`,
      }
      const { zh, en } = sayRule(ruleOf(kind, one.parameters), names)
      for (const column of type.columns(one.parameters as never)) expect([zh, en].join()).toContain(`名${column}`)
      const other = one.parameters['table'] as string | undefined
      if (other !== undefined) {
        expect(zh).toContain(`《表${other}》`)
        expect(en).toContain(`“表${other}”`)
      }
      expect(zh).toContain('「')
      // But for the names, English is English.
      expect(en.replaceAll(/名[a-z]+|表[a-z]+/g, '').replaceAll(valuesIn(one.parameters), '')).not.toMatch(CJK)
      expect(`${zh}${en}`).not.toMatch(/undefined|\[object|must_not|ignoreDate|[{}]"/)
    }
  })

  test('a column that is not there is named with its place', () => {
    const [first] = type.cases
    const { scope } = worldOf(first!)
    const faults = ruleFaults(ruleOf(kind, first!.parameters), { ...scope, columns: {} })
    expect(faults.length).toBeGreaterThan(0)
    for (const fault of faults) expect(fault.path).toMatch(/^\/parameters\//)
  })

  test('parameters of another form are refused with their place', () => {
    const { scope } = worldOf(type.cases[0]!)
    expect(ruleFaults(ruleOf(kind, { nonsense: 1 }), scope)).not.toEqual([])
  })
})

test('there are the kinds that the handbook names', () => {
  expect([...RULE_TYPES.keys()]).toEqual([
    'required',
    'type',
    'length',
    'pattern',
    'id_number',
    'credit_code',
    'organisation_code',
    'code_set',
    'division_at_date',
    'range',
    'date_valid',
    'compare',
    'no_stray_spaces',
    'no_full_width',
    'unique',
    'duplicate_record',
    'functional_dependency',
    'reference',
    'cross_table',
    'conditional',
  ])
})
