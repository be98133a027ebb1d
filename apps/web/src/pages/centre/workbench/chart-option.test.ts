import { expect, test } from 'vitest'
import { chartOption, fittingChart, POINTS_MAX, suggestedChart } from './chart-option.ts'

const column = (name: string, numeric: boolean) => ({ name, type: numeric ? 'BIGINT' : 'VARCHAR', numeric })
const answer = {
  columns: [column('district', false), column('people', true), column('firms', true)],
  rows: [
    ['余杭', '12', '3'],
    [null, '5', null],
  ],
}

test('words against the last figures, until somebody chooses; nothing where there are no figures', () => {
  expect(suggestedChart(answer)).toEqual({ kind: 'bar', x: 0, y: [2] })
  expect(suggestedChart({ columns: [column('a', false)], rows: [] })).toBeNull()
  expect(suggestedChart({ columns: [column('n', true)], rows: [] })).toEqual({ kind: 'bar', x: 0, y: [0] })
})

test('series are the chosen columns; empty values are gaps, not zeros', () => {
  const made = chartOption(answer, { kind: 'line', x: 0, y: [1, 2] }, { text: '#000', line: '#ccc' })
  expect(made).toMatchObject({
    xAxis: { data: ['余杭', '—'] },
    series: [
      { name: 'people', type: 'line', data: [12, 5] },
      { name: 'firms', type: 'line', data: [3, null] },
    ],
  })
})

test('a chart that was chosen for other columns gives way to the suggested one; long answers are cut', () => {
  const kept = { kind: 'pie' as const, x: 0, y: [1] }
  expect(fittingChart(answer, kept)).toEqual(kept)
  for (const other of [
    { ...kept, x: 9 },
    { ...kept, y: [1, 7] },
    { ...kept, y: [0] },
  ])
    expect(fittingChart(answer, other)).toEqual(suggestedChart(answer))
  const long = { columns: answer.columns.slice(0, 2), rows: Array.from({ length: 500 }, (_, at) => [`${at}`, `${at}`]) }
  const made = chartOption(long, { kind: 'bar', x: 0, y: [1] }, { text: '#000', line: '#ccc' })
  expect(made.series[0]!.data).toHaveLength(POINTS_MAX)
})
