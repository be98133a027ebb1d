import { listRecipes } from '@huitong/contract/recipes'
import { Link } from 'react-router'
import { QueryTable, type RowOf } from '../../../parts/query-table.tsx'
import { paths } from '../../../paths.ts'
import type { Column } from '../../../ui/list-table.tsx'
import { Exact, Moment } from '../../../ui/marks.tsx'
import { PageHead } from '../../../ui/page-head.tsx'
import { useWords } from '../../../words/index.ts'
import { RECIPE } from './recipe-words.ts'

export default function RecipesPage() {
  const { t, say } = useWords()
  const columns: Column<RowOf<typeof listRecipes>>[] = [
    {
      title: t('quality.dataset'),
      key: 'dataset',
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.recipe(row.datasetId)}>{say(row.datasetName)}</Link>
          <small>{say(row.departmentName)}</small>
        </span>
      ),
    },
    {
      title: say(RECIPE.steps),
      key: 'steps',
      width: 110,
      align: 'right',
      render: (row) => <Exact value={row.stepCount} />,
    },
    { title: say(RECIPE.version), key: 'version', width: 90, align: 'right', render: (row) => row.version },
    { title: t('quality.at'), key: 'at', width: 180, render: (row) => <Moment at={row.updatedAt} /> },
  ]
  return (
    <>
      <PageHead title={t('rail.recipes')} />
      <QueryTable
        endpoint={listRecipes}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.recipes')}
        empty={say(RECIPE.noList)}
      />
    </>
  )
}
