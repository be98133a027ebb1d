import { listGrants } from '@huitong/contract/catalogue'
import { Link } from 'react-router'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'

export default function GrantsPage() {
  const { t, say } = useWords()
  const columns: Column<RowOf<typeof listGrants>>[] = [
    {
      title: t('grant.number'),
      key: 'number',
      width: 190,
      render: (row) => (
        <Link to={paths.grant(row.id)} className="ht-code">
          {row.number}
        </Link>
      ),
    },
    { title: t('request.dataset'), key: 'dataset', render: (row) => say(row.datasetName) },
    { title: t('grant.grantee'), key: 'grantee', width: 200, render: (row) => say(row.granteeDepartmentName) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="grantState" value={row.state} />,
    },
    { title: t('grant.from'), key: 'from', width: 150, render: (row) => <Moment at={row.validFrom} form="day" /> },
    {
      title: t('grant.until'),
      key: 'until',
      width: 150,
      render: (row) => <Moment at={row.validUntil} form="day" />,
    },
  ]
  return (
    <>
      <PageHead title={t('rail.grants')} />
      <QueryTable
        endpoint={listGrants}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.grants')}
        empty={
          <>
            <p>{t('grants.none')}</p>
            <Link to={paths.datasets()}>{t('requests.findData')}</Link>
          </>
        }
      />
    </>
  )
}
