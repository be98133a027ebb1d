import { listRequests } from '@huitong/contract/catalogue'
import type { QueryOf } from '@huitong/contract'
import { Tabs } from 'antd'
import { Link } from 'react-router'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { Count, DeadlineBadge, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listRequests>
type Box = NonNullable<QueryOf<typeof listRequests>['box']>
const BOXES = ['todo', 'done', 'sent', 'overdue'] as const satisfies readonly Box[]

export default function RequestsPage() {
  const { t, choice } = useWords()
  const can = useCan()
  const [asked, setBox] = useFilter('box')
  const box = BOXES.find((one) => one === asked) ?? 'all'
  const tabs = [
    { key: 'all', label: t('filter.all') },
    ...BOXES.filter((one) => one !== 'sent' || can('request.make')).map((one) => ({
      key: one,
      label: choice('box', one),
    })),
  ]
  return (
    <>
      <PageHead title={t('rail.requests')} />
      <Tabs
        activeKey={box}
        items={tabs.map((tab) => ({ ...tab, children: box === tab.key ? <Box box={box} /> : null }))}
        onChange={(key) => setBox(key === 'all' ? undefined : key)}
        destroyOnHidden
      />
    </>
  )
}

function Box({ box }: { readonly box: Box | 'all' }) {
  const { t } = useWords()
  return (
    <QueryTable
      endpoint={listRequests}
      query={box === 'all' ? {} : { box }}
      columns={useColumns()}
      rowKey={(row) => row.id}
      label={t('rail.requests')}
      empty={
        <>
          <p>{t(box === 'all' ? 'requests.none' : `requests.none.${box}`)}</p>
          {(box === 'sent' || box === 'all') && <Link to={paths.search()}>{t('requests.findData')}</Link>}
        </>
      }
    />
  )
}

function useColumns(): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: t('request.dataset'),
      key: 'dataset',
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.request(row.id)}>{say(row.datasetName)}</Link>
          <small className="ht-code ht-whole">{row.number}</small>
        </span>
      ),
    },
    { title: t('request.applicant'), key: 'applicant', width: 145, render: (row) => say(row.applicantDepartmentName) },
    { title: t('request.provider'), key: 'provider', width: 145, render: (row) => say(row.providerDepartmentName) },
    {
      title: t('dataset.shareAttribute'),
      key: 'attribute',
      width: 120,
      render: (row) => <State list="shareAttribute" value={row.shareAttribute} />,
    },
    {
      title: t('dataset.itemCount'),
      key: 'items',
      align: 'right',
      width: 80,
      render: (row) => <Count value={row.itemCount} />,
    },
    {
      title: t('request.step'),
      key: 'step',
      width: 120,
      render: (row) => (
        <span className="ht-two">
          <State list="requestState" value={row.state} />
          {row.stepWords && <small className="ht-quiet">{say(row.stepWords)}</small>}
        </span>
      ),
    },
    {
      title: t('deadline.column'),
      key: 'deadline',
      width: 130,
      render: (row) => <DeadlineBadge deadline={row.deadline} />,
    },
    {
      title: t('request.createdAt'),
      key: 'at',
      width: 150,
      render: (row) => <Moment at={row.createdAt} form="day" />,
    },
  ]
}
