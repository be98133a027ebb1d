import type { Condition } from './condition.ts'
import type { Comparison } from './predicate.ts'
import type { OtherTable } from './other-table.ts'
import type { RuleNames, Words } from './rule.ts'

/** Pieces of the sentences in which rules say what they ask. */

const SHOWN_MAX = 12

/** `「甲」、「乙」` and `a, b`. */
export function itemsOf(columns: readonly string[], names: RuleNames, table?: string): Words {
  const said = columns.map((one) => names.item(one, table))
  return { zh: said.map((one) => `「${one}」`).join('、'), en: said.join(', ') }
}

/** Values one after the other; of a long list the first, and how many there are. */
export function valuesOf(values: readonly string[]): Words {
  const shown = values.slice(0, SHOWN_MAX).map((one) => (one === '' || /\s/.test(one) ? JSON.stringify(one) : one))
  const rest = values.length > SHOWN_MAX
  return {
    zh: rest ? `${shown.join('、')} 等 ${values.length} 个值` : shown.join('、'),
    en: rest ? `${shown.join(', ')} … (${values.length} values)` : shown.join(', '),
  }
}

export const SIGNS: Readonly<Record<Comparison, string>> = { eq: '=', ne: '≠', lt: '<', le: '≤', gt: '>', ge: '≥' }

/** A condition in words; `table` is the one whose columns it names, where it is not the checked one. */
export function conditionOf(condition: Condition, names: RuleNames, table?: string): Words {
  const inner = (one: Condition): Words => {
    const said = conditionOf(one, names, table)
    return 'all' in one || 'any' in one ? { zh: `（${said.zh}）`, en: `(${said.en})` } : said
  }
  const joined = (of: readonly Condition[], zh: string, en: string): Words => {
    const said = of.map(of.length > 1 ? inner : (one) => conditionOf(one, names, table))
    return { zh: said.map((one) => one.zh).join(zh), en: said.map((one) => one.en).join(en) }
  }
  if ('all' in condition) return joined(condition.all, '且', ' and ')
  if ('any' in condition) return joined(condition.any, '或', ' or ')
  if ('not' in condition) return negated(condition.not, names, table, inner(condition.not))
  const name = names.item(condition.column, table)
  if ('is' in condition)
    return condition.is === 'present'
      ? { zh: `「${name}」有值`, en: `${name} has a value` }
      : { zh: `「${name}」为空`, en: `${name} is empty` }
  if ('in' in condition) {
    const values = valuesOf(condition.in)
    return condition.in.length === 1
      ? { zh: `「${name}」为 ${values.zh}`, en: `${name} is ${values.en}` }
      : { zh: `「${name}」为 ${values.zh} 之一`, en: `${name} is one of ${values.en}` }
  }
  if ('matches' in condition)
    return { zh: `「${name}」符合格式 ${condition.matches}`, en: `${name} matches ${condition.matches}` }
  const sign = `${SIGNS[condition.op]} ${condition.value}`
  return { zh: `「${name}」${sign}`, en: `${name} ${sign}` }
}

/** What people say for a negation, where there is a shorter way than "not". */
function negated(condition: Condition, names: RuleNames, table: string | undefined, said: Words): Words {
  if ('is' in condition)
    return conditionOf(
      { column: condition.column, is: condition.is === 'present' ? 'missing' : 'present' },
      names,
      table,
    )
  // `\s*` is the usual way to say that nothing but spaces is there.
  if ('matches' in condition && condition.matches === '\\s*') {
    const name = names.item(condition.column, table)
    return { zh: `「${name}」不是空白`, en: `${name} is not blank` }
  }
  return { zh: `并非${said.zh}`, en: `not ${said.en}` }
}

/** Where a rule looks in another table: `《企业》的「代码」（仅限…的记录）`. */
export function placeOf(p: OtherTable, names: RuleNames): Words {
  const [table, items] = [names.table(p.table), itemsOf(p.to, names, p.table)]
  const where = p.where === undefined ? null : conditionOf(p.where as Condition, names, p.table)
  return {
    zh: `《${table}》的${items.zh}${where === null ? '' : `（仅限${where.zh}的记录）`}`,
    en: `${items.en} of “${table}”${where === null ? '' : ` (records where ${where.en})`}`,
  }
}
