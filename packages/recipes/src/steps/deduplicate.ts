import { isMissing, quoted } from '@huitong/quality'
import { ColumnName, Columns, exact, knownFaults, oneOf, textFaults } from '../schema.ts'
import { defineStep, type StepScope } from '../step.ts'

/**
 * 去重: of rows that agree in the columns named one stays: the first or last in the order of a column of texts, and where that
 * does not decide, of the key. Rows in which one of the columns is missing are not compared.
 */
export const deduplicate = defineStep({
  kind: 'deduplicate',
  words: { zh: '去重', en: 'Remove duplicates' },
  parameters: exact({ columns: Columns, order: ColumnName, keep: oneOf('first', 'last') }),
  faults: (p, scope) => [
    ...knownFaults(
      scope,
      p.columns.map((one, at) => [`/columns/${at}`, one]),
    ),
    ...textFaults(scope, [['/order', p.order]]),
  ],
  sets: () => [],
  reads: (p) => [...p.columns, p.order],
  inputs: (p) => ({
    cells: [],
    rows: [...new Set([...p.columns, p.order])].map((column) => ({ table: null, column, way: 'WINDOW' as const })),
  }),
  sql: (p, scope) => {
    const by = p.columns.map(quoted).join(', ')
    const order = `${quoted(p.order)} ${p.keep === 'first' ? 'ASC' : 'DESC'} NULLS LAST`
    const keys = scope.key.map((_one, at) => `"#k${at}"`).join(', ')
    const missing = p.columns.map((one) => `coalesce(CAST(${quoted(one)} AS VARCHAR), '') = ''`).join(' OR ')
    return { qualify: `row_number() OVER (PARTITION BY ${by} ORDER BY ${order}, ${keys}) = 1 OR ${missing}` }
  },
  oracle: (p, scope, { rows }) => {
    const best = new Map<string, { row: (typeof rows)[number]; at: number }>()
    const groupOf = (row: (typeof rows)[number]) =>
      p.columns.some((one) => isMissing(row[one])) ? null : JSON.stringify(p.columns.map((one) => row[one]))
    for (const [at, row] of rows.entries()) {
      const group = groupOf(row)
      if (group === null) continue
      const known = best.get(group)
      if (!known || isBefore(p, scope, { row, at }, known)) best.set(group, { row, at })
    }
    return (row, at) => {
      const group = groupOf(row)
      return group === null || best.get(group)!.at === at ? {} : null
    }
  },
  say: (p, { item }) => {
    const names = p.columns.map((one) => item(one))
    return {
      zh: `「${names.join('、')}」相同的行只留「${item(p.order)}」${p.keep === 'first' ? '最前' : '最后'}的一行`,
      en: `of rows with equal ${names.join(', ')} the one with the ${p.keep} ${item(p.order)} stays`,
    }
  },
  cases: [],
})

type Placed = { row: Readonly<Record<string, string | null>>; at: number }

/** Rows come to the oracle in the order of their key. */
function isBefore(
  p: { order: string; keep: 'first' | 'last' },
  _scope: StepScope,
  one: Placed,
  other: Placed,
): boolean {
  const [a, b] = [one.row[p.order] ?? null, other.row[p.order] ?? null]
  if (a === b) return one.at < other.at
  if (a === null || b === null) return b === null
  const order = Buffer.compare(Buffer.from(a), Buffer.from(b))
  return p.keep === 'first' ? order < 0 : order > 0
}
