import { addressOf, type ReplyOf } from '@huitong/contract'
import { exportReport, readReport } from '@huitong/contract/operations'
import { Button } from 'antd'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { useFilter } from '../../parts/query-table.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { ListTable, PlainTable, type Column } from '../../ui/list-table.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import { PageHead, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

type Report = ReplyOf<typeof readReport>
type Indicator = Report['indicators'][number]
interface Line {
  readonly id: string
  readonly name: string
  readonly figures: Report['total']
}

export default function ReportPage() {
  const { t, language } = useWords()
  const [from, setFrom] = useFilter('from')
  const [until, setUntil] = useFilter('until')
  const query = { ...(from ? { from } : {}), ...(until ? { until } : {}) }
  const read = useRead(readReport, { query }, { keep: true })
  return (
    <>
      <PageHead
        title={t('rail.report')}
        facts={
          read.data && (
            <>
              {t('report.period')} {read.data.from} – {read.data.until} · {t('report.cutOff')}{' '}
              <Moment at={read.data.cutOff} form="seconds" />
            </>
          )
        }
        actions={
          <Button type="primary" href={addressOf(exportReport, { query: { ...query, language } })} download>
            {t('report.export')}
          </Button>
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <DayField
          aria-label={t('report.from')}
          {...(read.data ? { value: from ?? read.data.from } : {})}
          onChange={setFrom}
        />
        <DayField
          aria-label={t('report.until')}
          {...(read.data ? { value: until ?? read.data.until } : {})}
          onChange={setUntil}
        />
      </div>
      <Reading read={read}>{(report) => <Shown report={report} />}</Reading>
    </>
  )
}

function Shown({ report }: { readonly report: Report }) {
  const { t, say } = useWords()
  const lines: Line[] = [
    ...report.departments.map(({ id, name, figures }) => ({ id, name: say(name), figures })),
    ...(report.departments.length > 1 ? [{ id: '', name: t('report.total'), figures: report.total }] : []),
  ]
  const columns: Column<Line>[] = [
    {
      title: t('report.department'),
      key: 'name',
      width: 240,
      render: (line) => <span className="ht-whole">{line.name}</span>,
    },
    ...report.indicators.map((one): Column<Line> => {
      return {
        title: (
          <span className="ht-two">
            {say(one.words)}
            <small>{say(one.unit)}</small>
          </span>
        ),
        key: one.name,
        align: 'right',
        render: (line) => <Figure figure={line.figures[one.name]} indicator={one} />,
      }
    }),
  ]
  return (
    <>
      <ListTable
        label={t('rail.report')}
        columns={columns}
        rows={lines}
        rowKey={(line) => line.id}
        rowClassName={(line) => (line.id === '' ? 'ht-total' : '')}
        loading={false}
        empty={t('report.none')}
      />
      <Section title={t('report.definitions')}>
        <Definitions indicators={report.indicators} />
      </Section>
    </>
  )
}

function Figure({
  figure,
  indicator,
}: {
  readonly figure: Report['total'][string] | undefined
  readonly indicator: Indicator
}) {
  const { t } = useWords()
  if (!figure || figure.value === null) return <span className="ht-quiet">–</span>
  if (indicator.kind !== 'ratio') return <Exact value={figure.value} />
  return (
    <span className="ht-number" title={t('report.parts', { part: figure.part ?? '', whole: figure.whole ?? '' })}>
      {figure.value}
    </span>
  )
}

function Definitions({ indicators }: { readonly indicators: readonly Indicator[] }) {
  const { t, say } = useWords()
  const columns: Column<Indicator>[] = [
    { title: t('report.indicator'), key: 'name', width: 200, render: (one) => say(one.words) },
    { title: t('report.unit'), key: 'unit', width: 100, render: (one) => say(one.unit) },
    { title: t('report.definition'), key: 'definition', render: (one) => say(one.definition) },
  ]
  return <PlainTable label={t('report.definitions')} columns={columns} rows={indicators} rowKey={(one) => one.name} />
}
