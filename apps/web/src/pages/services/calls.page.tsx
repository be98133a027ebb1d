import type { ReplyOf } from '@huitong/contract'
import { countCalls } from '@huitong/contract/gateway'
import { Select } from 'antd'
import { useState } from 'react'
import { useRead } from '../../api.ts'
import { useFilter } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { useChoices } from '../../parts/selects.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

type Counted = ReplyOf<typeof countCalls>
type Row = Counted['items'][number]
const BY = ['matter', 'department', 'application', 'service', 'outcome', 'day'] as const
const DAY_MS = 86_400_000
const SHANGHAI_MS = 8 * 3_600_000
const day = (at: number) => new Date(at + SHANGHAI_MS).toISOString().slice(0, 10)

export default function CallsPage() {
  const { t } = useWords()
  const [from, setFrom] = useFilter('from')
  const [until, setUntil] = useFilter('until')
  const [asked, setBy] = useFilter('by')
  const by = (asked ?? 'matter,outcome').split(',').filter((one) => (BY as readonly string[]).includes(one))
  const [today] = useState(() => Date.now())
  const span = { from: from ?? day(today - 30 * DAY_MS), until: until ?? day(today) }
  const read = useRead(countCalls, { query: { ...span, by: by.join(',') || 'matter' } }, { keep: true })
  return (
    <>
      <PageHead
        title={t('rail.calls')}
        facts={
          read.data && (
            <>
              {t('calls.asOf')} <Moment at={read.data.asOf} form="seconds" />
            </>
          )
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <DayField aria-label={t('calls.from')} value={span.from} onChange={setFrom} />
        <DayField aria-label={t('calls.until')} value={span.until} onChange={setUntil} />
        <Select
          mode="multiple"
          value={by}
          onChange={(value: string[]) => setBy(value.join(','))}
          options={useChoices('callBy', BY)}
          aria-label={t('calls.by')}
          className="ht-filter-many"
        />
      </div>
      <Reading read={read}>{(counted) => <Shown counted={counted} />}</Reading>
    </>
  )
}

function Shown({ counted }: { readonly counted: Counted }) {
  const { t, choice } = useWords()
  const columns: Column<Row & { index: number }>[] = [
    ...counted.by.map((one) => ({
      title: choice('callBy', one),
      key: one,
      render: (row: Row) => <Cell by={one} row={row} />,
    })),
    { title: t('calls.calls'), key: 'calls', align: 'right', width: 130, render: (row) => <Exact value={row.calls} /> },
    { title: t('calls.rows'), key: 'rows', align: 'right', width: 130, render: (row) => <Exact value={row.rows} /> },
  ]
  return (
    <>
      <ListTable
        label={t('rail.calls')}
        columns={columns}
        rows={counted.items.map((row, index) => ({ ...row, index }))}
        rowKey={(row) => row.index}
        loading={false}
        empty={t('calls.none')}
      />
      {counted.more && <p className="ht-quiet">{t('calls.more')}</p>}
    </>
  )
}

/** What one dimension says of a line; a caller that was not proven has neither name nor department. */
function Cell({ by, row }: { readonly by: (typeof BY)[number]; readonly row: Row }) {
  const { t, say } = useWords()
  const { matter, department, application, service, outcomeWords } = row
  if (by === 'day') return row.day ?? '–'
  if (by === 'matter' && matter) return <span className="ht-code">{matter}</span>
  if (by === 'department' && department) return say(department.name)
  if (by === 'service' && service) return say(service.name)
  if (by === 'outcome' && outcomeWords) return say(outcomeWords)
  if (by === 'application' && application)
    return (
      <span className="ht-two">
        {application.name}
        <small className="ht-code">{application.appId}</small>
      </span>
    )
  return <span className="ht-quiet">{t('calls.unknown')}</span>
}
