import { listObligations } from '@huitong/contract/catalogue'
import { Tabs } from 'antd'
import { Link } from 'react-router'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { DeadlineBadge, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listObligations>
const STATES = ['open', 'overdue', 'fulfilled'] as const

const subjectPath = (row: { subjectKind: string; subjectId: string }) => {
  if (row.subjectKind === 'correction') return paths.corrections()
  return row.subjectKind === 'dataset' ? paths.dataset(row.subjectId) : paths.request(row.subjectId)
}

export default function ObligationsPage() {
  const { t, say, choice } = useWords()
  const [asked, setState] = useFilter('state')
  const state = STATES.find((one) => one === asked) ?? 'open'
  const columns: Column<Row>[] = [
    { title: t('obligation.duty'), key: 'duty', render: (row) => say(row.words) },
    {
      title: t('home.subject'),
      key: 'subject',
      render: (row) => <Link to={subjectPath(row)}>{row.subjectName}</Link>,
    },
    { title: t('obligation.department'), key: 'department', width: 180, render: (row) => say(row.departmentName) },
    { title: t('obligation.started'), key: 'started', width: 190, render: (row) => <Moment at={row.startedAt} /> },
    {
      title: t('obligation.due'),
      key: 'due',
      width: 190,
      render: (row) => <Moment at={row.extendedTo ?? row.dueAt} />,
    },
    { title: t('deadline.column'), key: 'left', width: 220, render: (row) => <DeadlineBadge deadline={row} /> },
  ]
  return (
    <>
      <PageHead title={t('rail.deadlines')} facts={<Link to={paths.clock()}>{t('obligation.rules')}</Link>} />
      <Tabs
        activeKey={state}
        onChange={(key) => setState(key === 'open' ? undefined : key)}
        destroyOnHidden
        items={STATES.map((one) => ({
          key: one,
          label: choice('obligationState', one),
          children: one === state && (
            <QueryTable
              endpoint={listObligations}
              query={{ state }}
              columns={columns}
              rowKey={(row) => row.id}
              label={t('rail.deadlines')}
              empty={t('obligation.none')}
            />
          ),
        }))}
      />
    </>
  )
}
