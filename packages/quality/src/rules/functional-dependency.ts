import { itemsOf } from '../asks.ts'
import { all } from '../predicate.ts'
import { allPresent } from '../other-table.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnNames, exact } from '../schema.ts'
import { isMissing, type Row } from '../table.ts'

const tupleOf = (row: Row, columns: readonly string[]) => JSON.stringify(columns.map((name) => row[name]))

/** 函数依赖: rows alike in some items are alike in others too (one credit code, one name). All rows of a group that is not break it. */
export const functionalDependency = defineRule({
  kind: 'functional_dependency',
  words: { zh: '同一对象取值一致', en: 'One value for one thing' },
  indicator: '0401',
  parameters: exact({ columns: ColumnNames, determines: ColumnNames }),
  faults: (p, scope) => [
    ...columnFaults(scope, [
      ...p.columns.map((name, at) => [`/columns/${at}`, name] as const),
      ...p.determines.map((name, at) => [`/determines/${at}`, name] as const),
    ]),
    ...p.determines.flatMap((name, at) =>
      p.columns.includes(name)
        ? [{ path: `/determines/${at}`, zh: '不能与依据的信息项相同', en: 'an item cannot determine itself' }]
        : [],
    ),
  ],
  columns: (p) => [...p.columns, ...p.determines],
  applies: (p) => all(allPresent(p.columns), allPresent(p.determines)),
  breaks: (p) => ({ p: 'varies', columns: p.columns, of: p.determines }),
  oracle: (p, world) => {
    const isJudged = (row: Row) => [...p.columns, ...p.determines].every((name) => !isMissing(row[name]))
    const known = new Map<string, Set<string>>()
    for (const row of world.rows.filter(isJudged)) {
      const key = tupleOf(row, p.columns)
      known.set(key, (known.get(key) ?? new Set()).add(tupleOf(row, p.determines)))
    }
    return (row) => (isJudged(row) ? verdict(true, known.get(tupleOf(row, p.columns))!.size > 1) : 'free')
  },
  say: (p, nameOf) => {
    const [from, to] = [p.columns.map(nameOf), p.determines.map(nameOf)]
    return {
      zh: `${from.map((one) => `「${one}」`).join('、')}相同的记录，${to.map((one) => `「${one}」`).join('、')}不一致`,
      en: `Records with the same ${from.join(', ')} differ in ${to.join(', ')}`,
    }
  },
  asks: (p, names) => {
    const [from, to] = [itemsOf(p.columns, names), itemsOf(p.determines, names)]
    return {
      zh: `${from.zh}相同的记录，${to.zh}须一致`,
      en: `Records with the same ${from.en} must have the same ${to.en}`,
    }
  },
  cases: [
    {
      parameters: { columns: ['a'], determines: ['b'] },
      columns: { a: 'text', b: 'text' },
      kept: [
        { a: 'x', b: '甲' },
        { a: 'x', b: '甲' },
        { a: 'x', b: null },
        { a: 'x', b: '' },
        { a: 'y', b: '甲' },
        { a: null, b: '甲' },
        { a: null, b: '乙' },
        { a: '', b: '丙' },
      ],
      broken: [
        { a: 'z', b: '甲' },
        { a: 'z', b: '甲' },
        { a: 'z', b: '乙' },
      ],
    },
    {
      parameters: { columns: ['a', 'b'], determines: ['c', 'd'] },
      columns: { a: 'text', b: 'integer', c: 'text', d: 'integer' },
      kept: [
        { a: '1', b: '1', c: 'u', d: '7' },
        { a: '1', b: '2', c: 'v', d: '7' },
        { a: '2', b: '1', c: 'u', d: null },
        { a: '2', b: '1', c: 'w', d: '1' },
      ],
      broken: [
        { a: '3', b: '1', c: 'u', d: '7' },
        { a: '3', b: '1', c: 'u', d: '8' },
      ],
    },
  ],
})
