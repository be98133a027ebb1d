import { isMissing, quoted } from '@huitong/quality'
import { Type } from 'typebox'
import { ColumnName, exact, textFaults } from '../schema.ts'
import { defineStep, type StepScope } from '../step.ts'

/**
 * 参照补全: values that are missing are taken from another table, where the columns named are equal and that table says one
 * thing only. What is missing there, or said in two ways, fills nothing.
 */
export const fill = defineStep({
  kind: 'fill',
  words: { zh: '参照补全', en: 'Fill from another table' },
  parameters: exact({
    column: ColumnName,
    table: Type.String({ minLength: 1, maxLength: 200 }),
    value: ColumnName,
    match: Type.Array(exact({ own: ColumnName, other: ColumnName }), { minItems: 1, maxItems: 4 }),
  }),
  faults: (p, scope) => {
    const other = scope.tables[p.table]
    const own = p.match.map(({ own: one }, at) => [`/match/${at}/own`, one] as const)
    const faults = textFaults(scope, [['/column', p.column], ...own])
    if (other === undefined) return [...faults, { path: '/table', zh: '没有这张参照表', en: 'there is no such table' }]
    const there: StepScope = { ...scope, columns: other }
    const theirs = p.match.map(({ other: one }, at) => [`/match/${at}/other`, one] as const)
    return [...faults, ...textFaults(there, [['/value', p.value], ...theirs])]
  },
  sets: (p) => [p.column],
  reads: (p) => [p.column, ...p.match.map((one) => one.own)],
  elsewhere: (p) => [p.value, ...p.match.map((one) => one.other)].map((column) => ({ table: p.table, column })),
  inputs: (p) => ({
    cells: [
      { table: null, column: p.column, way: 'TRANSFORMATION' },
      { table: p.table, column: p.value, way: 'TRANSFORMATION' },
      ...p.match.map(({ own }) => ({ table: null, column: own, way: 'JOIN' as const })),
      ...p.match.map(({ other }) => ({ table: p.table, column: other, way: 'JOIN' as const })),
    ],
    rows: [],
  }),
  sql: (p, _scope, tables) => {
    const keys = p.match.map(({ other }, at) => `${quoted(other)} AS "#f${at}"`).join(', ')
    const there = p.match.map(({ other }) => `${quoted(other)} <> ''`).join(' AND ')
    const found = `SELECT ${keys}, min(${quoted(p.value)}) AS "#v" FROM ${tables[p.table]!}
      WHERE ${quoted(p.value)} <> '' AND ${there} GROUP BY ${p.match.map((_one, at) => `"#f${at}"`).join(', ')}
      HAVING count(DISTINCT ${quoted(p.value)}) = 1`
    const on = p.match.map(({ own }, at) => `p.${quoted(own)} = f."#f${at}"`).join(' AND ')
    const x = `p.${quoted(p.column)}`
    return {
      join: `LEFT JOIN (${found}) f ON ${on}`,
      sets: { [p.column]: `CASE WHEN coalesce(${x}, '') = '' THEN coalesce(f."#v", ${x}) ELSE ${x} END` },
    }
  },
  oracle: (p, _scope, { tables }) => {
    const said = new Map<string, Set<string>>()
    for (const row of tables[p.table] ?? []) {
      const [value, keys] = [row[p.value], p.match.map(({ other }) => row[other])]
      if (isMissing(value) || keys.some(isMissing)) continue
      const key = JSON.stringify(keys)
      said.set(key, (said.get(key) ?? new Set()).add(value))
    }
    return (row) => {
      const found = said.get(JSON.stringify(p.match.map(({ own }) => row[own])))
      const value = row[p.column] ?? null
      return { [p.column]: isMissing(value) && found?.size === 1 ? [...found][0]! : value }
    }
  },
  say: (p, { item, table }) => {
    const by = p.match.map(({ own }) => item(own))
    return {
      zh: `「${item(p.column)}」为空时按「${by.join('、')}」从「${table(p.table)}」的「${item(p.value, p.table)}」补全`,
      en: `${item(p.column)}: where empty, from ${item(p.value, p.table)} of ${table(p.table)} by ${by.join(', ')}`,
    }
  },
  cases: [],
})
