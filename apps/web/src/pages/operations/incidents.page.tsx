import { listIncidents } from '@huitong/contract/operations'
import { Tabs } from 'antd'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { Mark, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { ClockLeft } from './clock-left.tsx'
import { LevelSelect } from './level-select.tsx'

type Row = RowOf<typeof listIncidents>
const STATES = ['unclosed', 'closed'] as const
const EVERY_MS = 5_000

export default function IncidentsPage() {
  const { t, choice } = useWords()
  const [asked, setState] = useFilter('state')
  const [level, setLevel] = useFilter('level')
  const state = STATES.find((one) => one === asked) ?? 'unclosed'
  const counted = useRead(listIncidents, { query: { limit: '1' } }, { everyMs: () => EVERY_MS })
  const columns = useColumns()
  const chosen = level === '1' || level === '2' || level === '3' ? level : undefined
  const counts = counted.data?.counts
  return (
    <>
      <PageHead
        title={t('rail.incidents')}
        facts={
          counts &&
          (counts.late > 0 ? <Mark tone="bad">{t('incident.counts', counts)}</Mark> : t('incident.counts', counts))
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <LevelSelect value={chosen} onChange={setLevel} />
      </div>
      <Tabs
        activeKey={state}
        onChange={(key) => setState(key === 'unclosed' ? undefined : key)}
        destroyOnHidden
        items={STATES.map((one) => ({
          key: one,
          label: choice('incidentFilter', one),
          children: one === state && (
            <QueryTable
              endpoint={listIncidents}
              query={{ state, ...(chosen ? { level: chosen } : {}) }}
              columns={columns}
              rowKey={(row) => row.id}
              label={t('rail.incidents')}
              everyMs={EVERY_MS}
              empty={t(chosen || state === 'closed' ? 'incident.noneFound' : 'incident.none')}
            />
          ),
        }))}
      />
    </>
  )
}

function useColumns(): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: t('incident.number'),
      key: 'number',
      width: 150,
      render: (row) => (
        <Link to={paths.incident(row.id)} className="ht-code ht-whole">
          {row.number}
        </Link>
      ),
    },
    {
      title: t('alert.level'),
      key: 'level',
      width: 90,
      render: (row) => <State list="alertLevel" value={String(row.level)} />,
    },
    {
      title: t('incident.what'),
      key: 'what',
      render: (row) => (
        <span className="ht-two">
          {say(row.ruleName)}
          <small>{say(row.departmentName)}</small>
        </span>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 100,
      render: (row) => <State list="incidentState" value={row.state} />,
    },
    {
      title: t('incident.response'),
      key: 'response',
      width: 140,
      render: (row) => <ClockLeft clock={row.response} kind={row.clock} />,
    },
    {
      title: t('incident.restore'),
      key: 'restore',
      width: 140,
      render: (row) => <ClockLeft clock={row.restore} kind={row.clock} />,
    },
    { title: t('incident.assignee'), key: 'assignee', width: 100, render: (row) => row.assignee?.name || '–' },
    {
      title: t('incident.alerts'),
      key: 'alerts',
      align: 'right',
      width: 90,
      render: (row) => <span className="ht-number">{`${row.alertsOpen}/${row.alertsTotal}`}</span>,
    },
    { title: t('incident.openedAt'), key: 'opened', width: 170, render: (row) => <Moment at={row.openedAt} /> },
  ]
}
