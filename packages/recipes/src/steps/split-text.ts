import { quoted, text } from '@huitong/quality'
import { Type } from 'typebox'
import { ColumnName, exact, newFaults, Plain, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** 拆分: the parts of a value go into new columns, whatever is left over into the last; parts without text are empty. */
export const splitText = defineStep({
  kind: 'split_text',
  words: { zh: '拆分', en: 'Split' },
  parameters: exact({
    column: ColumnName,
    by: Plain(20, 1),
    into: Type.Array(ColumnName, { minItems: 2, maxItems: 10, uniqueItems: true }),
  }),
  faults: (p, scope) => [
    ...textFaults(scope, [['/column', p.column]]),
    ...newFaults(
      scope,
      p.into.map((one, at) => [`/into/${at}`, one]),
    ),
  ],
  sets: (p) => p.into,
  reads: (p) => [p.column],
  sql: (p) => {
    const parts = `string_split(${quoted(p.column)}, ${text(p.by)})`
    const last = p.into.length - 1
    const of = (at: number) =>
      at === last ? `array_to_string(list_slice(${parts}, ${at + 1}, 1000000), ${text(p.by)})` : `${parts}[${at + 1}]`
    return { sets: Object.fromEntries(p.into.map((name, at) => [name, `nullif(${of(at)}, '')`])) }
  },
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    const parts = value === null ? [] : value.split(p.by)
    const last = p.into.length - 1
    const of = (at: number) => (at === last ? parts.slice(at).join(p.by) : (parts[at] ?? ''))
    return Object.fromEntries(p.into.map((name, at) => [name, of(at) || null]))
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」按“${p.by}”拆分为 ${p.into.map((one) => `「${item(one)}」`).join('')}`,
    en: `${item(p.column)}: split at “${p.by}” into ${p.into.map((one) => item(one)).join(', ')}`,
  }),
  cases: [
    {
      parameters: { column: 'a', by: '-', into: ['b', 'c'] },
      rows: [
        [{ a: '0571-123-9' }, { a: '0571-123-9', b: '0571', c: '123-9' }],
        [{ a: '0571' }, { a: '0571', b: '0571', c: null }],
        [{ a: '-9' }, { a: '-9', b: null, c: '9' }],
        [{ a: null }, { a: null, b: null, c: null }],
      ],
    },
  ],
})
