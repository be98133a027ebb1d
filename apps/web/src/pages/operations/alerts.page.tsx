import { listAlerts } from '@huitong/contract/operations'
import { Tabs } from 'antd'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { LevelSelect } from './level-select.tsx'
import { SubjectLink } from './subject-link.tsx'

type Row = RowOf<typeof listAlerts>
const STATES = ['open', 'closed'] as const
const EVERY_MS = 5_000

export default function AlertsPage() {
  const { t, choice } = useWords()
  const [asked, setState] = useFilter('state')
  const [level, setLevel] = useFilter('level')
  const state = STATES.find((one) => one === asked) ?? 'open'
  const counted = useRead(listAlerts, { query: { limit: '1' } }, { everyMs: () => EVERY_MS })
  const columns = useAlertColumns(state)
  const chosen = level === '1' || level === '2' || level === '3' ? level : undefined
  return (
    <>
      <PageHead title={t('rail.alerts')} facts={counted.data && t('alert.counts', counted.data.counts)} />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <LevelSelect value={chosen} onChange={setLevel} />
      </div>
      <Tabs
        activeKey={state}
        onChange={(key) => setState(key === 'open' ? undefined : key)}
        destroyOnHidden
        items={STATES.map((one) => ({
          key: one,
          label: choice('alertState', one),
          children: one === state && (
            <QueryTable
              endpoint={listAlerts}
              query={{ state, ...(chosen ? { level: chosen } : {}) }}
              columns={columns}
              rowKey={(row) => row.id}
              label={t('rail.alerts')}
              everyMs={EVERY_MS}
              empty={t(chosen || state === 'closed' ? 'alert.noneFound' : 'alert.none')}
            />
          ),
        }))}
      />
    </>
  )
}

function useAlertColumns(state: (typeof STATES)[number]): Column<Row>[] {
  const { t, say } = useWords()
  const closed: Column<Row> = {
    title: t('alert.closedAt'),
    key: 'closed',
    width: 190,
    render: (row) => <Moment at={row.closedAt} form="seconds" />,
  }
  return [
    {
      title: t('alert.level'),
      key: 'level',
      width: 90,
      render: (row) => <State list="alertLevel" value={String(row.level)} />,
    },
    {
      title: t('alert.what'),
      key: 'what',
      render: (row) => (
        <span className="ht-two">
          {say(row.ruleName)}
          <small>{say(row.detail)}</small>
        </span>
      ),
    },
    {
      title: t('alert.subject'),
      key: 'subject',
      width: 280,
      render: (row) => (
        <span className="ht-two">
          <SubjectLink alert={row} />
          <small>{say(row.departmentName)}</small>
        </span>
      ),
    },
    {
      title: t('alert.openedAt'),
      key: 'opened',
      width: 190,
      render: (row) => <Moment at={row.openedAt} form="seconds" />,
    },
    ...(state === 'closed' ? [closed] : []),
    {
      title: t('alert.incident'),
      key: 'incident',
      width: 150,
      render: (row) =>
        row.incident ? (
          <Link to={paths.incident(row.incident.id)} className="ht-code ht-whole">
            {row.incident.number}
          </Link>
        ) : (
          '–'
        ),
    },
  ]
}
