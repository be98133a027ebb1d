import { listRuns } from '@huitong/contract/governance'
import { Link } from 'react-router'
import type { RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import type { Column } from '../../ui/list-table.tsx'
import { Count, Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { Score, useSubjectColumn } from './quality-columns.tsx'

type Row = RowOf<typeof listRuns>

/** Columns of checks, for their list and for the rechecks of a work order. */
export function useRunColumns(): Column<Row>[] {
  const { t, say, choice } = useWords()
  const subject = useSubjectColumn<Row>()
  return [
    {
      title: say(CHECKS['run.number']),
      key: 'number',
      width: 160,
      render: (row) => (
        <Link to={paths.qualityRun(row.id)} className="ht-code ht-whole">
          {row.number}
        </Link>
      ),
    },
    subject,
    { title: say(CHECKS['suite.kind']), key: 'kind', width: 110, render: (row) => choice('runKind', row.kind) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => <State list="runState" value={row.state} />,
    },
    { title: t('quality.rows'), key: 'rows', width: 110, align: 'right', render: (row) => <Count value={row.rows} /> },
    {
      title: t('quality.findings'),
      key: 'findings',
      width: 110,
      align: 'right',
      render: (row) => <Count value={row.findings} />,
    },
    {
      title: t('quality.score'),
      key: 'score',
      width: 100,
      align: 'right',
      render: (row) => <Score value={row.score} />,
    },
    { title: t('quality.at'), key: 'at', width: 180, render: (row) => <Moment at={row.createdAt} /> },
  ]
}
