import { listWorkOrders } from '@huitong/contract/governance'
import { Tabs } from 'antd'
import { Link } from 'react-router'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import type { Column } from '../../ui/list-table.tsx'
import { DeadlineBadge, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { FEEDBACK } from './feedback-words.ts'
import { useSubjectColumn } from './quality-columns.tsx'

type Row = RowOf<typeof listWorkOrders>
const STATES = ['unclosed', 'closed'] as const

export default function WorkOrdersPage() {
  const { t, say, choice } = useWords()
  const [asked, setState] = useFilter('state')
  const state = STATES.find((one) => one === asked) ?? 'unclosed'
  const columns = useColumns()
  return (
    <>
      <PageHead title={t('rail.workOrders')} />
      <Tabs
        activeKey={state}
        onChange={(key) => setState(key === 'unclosed' ? undefined : key)}
        destroyOnHidden
        items={STATES.map((one) => ({
          key: one,
          label: choice('orderFilter', one),
          children: one === state && (
            <QueryTable
              endpoint={listWorkOrders}
              query={{ state }}
              columns={columns}
              rowKey={(row) => row.id}
              label={t('rail.workOrders')}
              empty={say(FEEDBACK['order.none'])}
              everyMs={10_000}
            />
          ),
        }))}
      />
    </>
  )
}

function useColumns(): Column<Row>[] {
  const { t, say } = useWords()
  const subject = useSubjectColumn<Row>()
  return [
    {
      title: say(FEEDBACK['order.number']),
      key: 'number',
      width: 160,
      render: (row) => (
        <Link to={paths.workOrder(row.id)} className="ht-code ht-whole">
          {row.number}
        </Link>
      ),
    },
    subject,
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="orderState" value={row.state} />,
    },
    {
      title: say(FEEDBACK['order.open']),
      key: 'open',
      width: 140,
      align: 'right',
      render: (row) => <span className="ht-number">{`${row.findingsOpen} / ${row.findings}`}</span>,
    },
    {
      title: say(FEEDBACK['order.deadline']),
      key: 'deadline',
      width: 170,
      render: (row) => <DeadlineBadge deadline={{ ...row, extendedTo: null, fulfilledAt: row.closedAt }} />,
    },
    {
      title: say(FEEDBACK['order.openedAt']),
      key: 'opened',
      width: 180,
      render: (row) => <Moment at={row.openedAt} />,
    },
  ]
}
