import type { saveQuestion } from '@huitong/contract/workbench'
import type { BodyOf } from '@huitong/contract'
import { BarChart, LineChart, PieChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, type ECharts, use as register } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { Radio, Select, theme } from 'antd'
import { useEffect, useRef } from 'react'
import { fill, useWords } from '../../../words/index.ts'
import type { Answer } from './answer.tsx'
import { chartOption, fittingChart, POINTS_MAX } from './chart-option.ts'
import { WORKBENCH } from './workbench-words.ts'

register([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer])

export type Chart = NonNullable<BodyOf<typeof saveQuestion>['chart']>

interface ChartProps {
  readonly answer: Answer
  readonly chart: Chart | null
  onChart(chart: Chart): void
}

/** An answer as a chart: which column names, which ones count. */
export function AnswerChart({ answer, chart, onChart }: ChartProps) {
  const { say } = useWords()
  const place = useRef<HTMLDivElement>(null)
  const drawn = useRef<ECharts | null>(null)
  const { token } = theme.useToken()
  const given = fittingChart(answer, chart)
  const option = given && JSON.stringify(chartOption(answer, given, { text: token.colorText, line: token.colorBorder }))

  useEffect(() => {
    if (!place.current) return
    const made = init(place.current, null, { renderer: 'svg' })
    drawn.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(place.current)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    if (option) drawn.current?.setOption(JSON.parse(option), { notMerge: true })
  }, [option])

  if (given === null) return <p className="ht-quiet">{say(WORKBENCH.noFigures)}</p>
  const names = answer.columns.map(({ name }, value) => ({ value, label: name }))
  return (
    <>
      <div className="ht-filters" role="group" aria-label={say(WORKBENCH.asChart)}>
        <Radio.Group
          aria-label={say(WORKBENCH.chartKind)}
          optionType="button"
          value={given.kind}
          onChange={(event) => onChart({ ...given, kind: event.target.value as Chart['kind'] })}
          options={(['bar', 'line', 'pie'] as const).map((value) => ({ value, label: say(WORKBENCH[value]) }))}
        />
        <Select
          aria-label={say(WORKBENCH.x)}
          value={given.x}
          options={names}
          onChange={(x) => onChart({ ...given, x })}
          style={{ minWidth: 160 }}
        />
        <Select
          aria-label={say(WORKBENCH.y)}
          mode="multiple"
          maxCount={8}
          value={[...given.y]}
          options={names.filter((one) => answer.columns[one.value]!.numeric)}
          onChange={(y: number[]) => y.length > 0 && onChart({ ...given, y })}
          style={{ minWidth: 200 }}
        />
        {answer.rows.length > POINTS_MAX && (
          <small className="ht-quiet">{fill(say(WORKBENCH.chartRows), { rows: POINTS_MAX })}</small>
        )}
      </div>
      <div className="ht-chart" ref={place} role="img" aria-label={say(WORKBENCH.asChart)} />
    </>
  )
}
