import type { BodyOf, ReplyOf } from '@huitong/contract'
import type { readQuestion, saveQuestion } from '@huitong/contract/workbench'

type Answer = NonNullable<ReplyOf<typeof readQuestion>['answer']>
type Chart = NonNullable<BodyOf<typeof saveQuestion>['chart']>

/** More than these nobody reads off a chart. */
export const POINTS_MAX = 200

/** What an answer is drawn as before anybody chose: its first column of words against its first figures; null without figures. */
export function suggestedChart({ columns }: Answer): Chart | null {
  const y = columns.findLastIndex((one) => one.numeric)
  if (y < 0) return null
  const x = columns.findIndex((one, at) => at !== y && !one.numeric)
  return { kind: 'bar', x: x < 0 ? 0 : x, y: [y] }
}

/** The chart that was chosen, as long as the answer has its columns; else the suggested one. */
export function fittingChart(answer: Answer, chosen: Chart | null): Chart | null {
  const { columns } = answer
  const fits = chosen !== null && chosen.x < columns.length && chosen.y.every((at) => columns[at]?.numeric === true)
  return fits ? chosen : suggestedChart(answer)
}

/** A chart that fits an answer, in the terms of ECharts. */
export function chartOption({ columns, rows }: Answer, { kind, x, y }: Chart, colours: { text: string; line: string }) {
  const shown = rows.slice(0, POINTS_MAX)
  const names = shown.map((row) => row[x] ?? '—')
  // The axis needs numbers; what is exact stays in the table.
  const figures = (at: number) => shown.map((row) => (row[at] === null ? null : Number(row[at])))
  const legend = { top: 0, textStyle: { color: colours.text } }
  const common = { aria: { enabled: true }, textStyle: { color: colours.text }, tooltip: {}, legend }
  const axisLabel = { color: colours.text }
  if (kind === 'pie')
    return {
      ...common,
      series: y.slice(0, 1).map((at) => ({
        type: 'pie',
        radius: '65%',
        data: figures(at).map((value, row) => ({ name: names[row], value })),
      })),
    }
  return {
    ...common,
    tooltip: { trigger: 'axis' },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    xAxis: { type: 'category', data: names, axisLabel },
    yAxis: { type: 'value', axisLabel, splitLine: { lineStyle: { color: colours.line } } },
    series: y.map((at) => ({ name: columns[at]!.name, type: kind, data: figures(at) })),
  }
}
