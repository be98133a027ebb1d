import { listSuites } from '@huitong/contract/governance'
import { Link } from 'react-router'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import type { Column } from '../../ui/list-table.tsx'
import { Count, Exact, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { Score } from './quality-columns.tsx'

export default function SuitesPage() {
  const { t, say } = useWords()
  const columns: Column<RowOf<typeof listSuites>>[] = [
    {
      title: t('quality.dataset'),
      key: 'dataset',
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.qualitySuite(row.id)}>{say(row.datasetName)}</Link>
          <small>{say(row.departmentName)}</small>
        </span>
      ),
    },
    {
      title: t('quality.rules'),
      key: 'rules',
      width: 90,
      align: 'right',
      render: (row) => <Exact value={row.ruleCount} />,
    },
    {
      title: t('quality.latest'),
      key: 'latest',
      width: 130,
      render: (row) => (row.latest ? <State list="runState" value={row.latest.state} /> : t('quality.notChecked')),
    },
    {
      title: t('quality.score'),
      key: 'score',
      width: 110,
      align: 'right',
      render: (row) => <Score value={row.latest?.score ?? null} />,
    },
    {
      title: t('quality.findings'),
      key: 'findings',
      width: 110,
      align: 'right',
      render: (row) =>
        row.latest ? (
          <Link to={paths.qualityRun(row.latest.id)}>
            <Count value={row.latest.findings} />
          </Link>
        ) : (
          <Count value={null} />
        ),
    },
    { title: t('quality.at'), key: 'at', width: 180, render: (row) => <Moment at={row.latest?.at ?? null} /> },
  ]
  return (
    <>
      <PageHead title={t('rail.suites')} />
      <QueryTable
        endpoint={listSuites}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.suites')}
        empty={say(CHECKS['suite.none'])}
        everyMs={10_000}
      />
    </>
  )
}
