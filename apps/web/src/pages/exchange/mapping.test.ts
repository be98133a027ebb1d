import { expect, test } from 'vitest'
import { badLines, mappingOf, previewOf, rowsOf } from './mapping.ts'

const offered = ['code', 'sex'].map((item) => ({
  item,
  name: { zh: item },
  type: 'varchar(9)',
  masked: false,
  key: item === 'code',
  filters: false,
}))

test('what is granted begins under its own names', () => {
  expect(mappingOf(rowsOf(offered))).toEqual([
    { as: 'code', item: 'code' },
    { as: 'sex', item: 'sex' },
  ])
})

test('codes are written a pair a line; what is no pair is told by its line', () => {
  const text = '1 = 男\n 2=女=f \n\n=未填\n9'
  expect(badLines(text)).toEqual([5])
  const pairs = [
    { from: '1', to: '男' },
    { from: '2', to: '女=f' },
    { from: '', to: '未填' },
  ]
  const rows = [
    { as: 'xb', item: 'sex', codes: { pairs: text, otherwise: 'null' as const } },
    { as: 'day', constant: { type: 'date' as const, value: '2026-01-31' } },
  ]
  expect(mappingOf(rows)).toEqual([
    { as: 'xb', item: 'sex', codes: { pairs, otherwise: 'null' } },
    { as: 'day', constant: { type: 'date', value: '2026-01-31' } },
  ])
  expect(previewOf(rows, offered).map(({ as, type, constant }) => [as, type, constant])).toEqual([
    ['xb', 'text', null],
    ['day', 'date', '2026-01-31'],
  ])
})
