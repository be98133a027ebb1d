import { quoted, text } from '@huitong/quality'
import { Type } from 'typebox'
import { ColumnName, exact, oneOf, Plain, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** 代码映射: whole values become others; a null makes the value empty. Values without a pair stay, or become empty. */
export const mapValues = defineStep({
  kind: 'map_values',
  words: { zh: '值映射', en: 'Map values' },
  parameters: exact({
    column: ColumnName,
    pairs: Type.Array(exact({ from: Plain(200), to: Type.Union([Plain(200), Type.Null()]) }), {
      minItems: 1,
      maxItems: 500,
    }),
    others: oneOf('keep', 'empty'),
  }),
  faults: (p, scope) => {
    const seen = new Set<string>()
    const repeated = p.pairs.flatMap(({ from }, at) =>
      seen.size === seen.add(from).size
        ? [{ path: `/pairs/${at}/from`, zh: `“${from}”重复`, en: `“${from}” occurs twice` }]
        : [],
    )
    return [...textFaults(scope, [['/column', p.column]]), ...repeated]
  },
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => {
    const x = quoted(p.column)
    const cases = p.pairs.map(({ from, to }) => `WHEN ${text(from)} THEN ${to === null ? 'NULL' : text(to)}`)
    return { sets: { [p.column]: `CASE ${x} ${cases.join(' ')} ${p.others === 'keep' ? `ELSE ${x}` : ''} END` } }
  },
  oracle: (p) => {
    const pairs = new Map(p.pairs.map(({ from, to }) => [from, to]))
    return (row) => {
      const value = row[p.column] ?? null
      const isMapped = value !== null && pairs.has(value)
      return { [p.column]: isMapped ? pairs.get(value)! : p.others === 'keep' ? value : null }
    }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」按 ${p.pairs.length} 组对照替换${p.others === 'empty' ? '，其余置空' : ''}`,
    en: `${item(p.column)}: ${p.pairs.length} values become others${p.others === 'empty' ? ', all else empty' : ''}`,
  }),
  cases: [
    {
      parameters: {
        column: 'a',
        pairs: [
          { from: '男', to: '1' },
          { from: "M'", to: '1' },
          { from: '无', to: null },
        ],
        others: 'keep',
      },
      rows: [
        ['男', '1'],
        ["M'", '1'],
        ['无', null],
        ['9', '9'],
        [null, null],
        ['', ''],
      ],
    },
    {
      parameters: { column: 'a', pairs: [{ from: '', to: '0' }], others: 'empty' },
      rows: [
        ['', '0'],
        ['x', null],
      ],
    },
  ],
})
