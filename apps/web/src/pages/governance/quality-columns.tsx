import { Link } from 'react-router'
import { paths } from '../../paths.ts'
import type { Column } from '../../ui/list-table.tsx'
import { useWords, type Said } from '../../words/index.ts'

interface Subject {
  readonly datasetId: string
  readonly datasetName: Said
  readonly departmentName: Said
}

/** Name of the dataset over the department that provides it. */
export function useSubjectColumn<R extends Subject>(): Column<R> {
  const { t, say } = useWords()
  return {
    title: t('quality.dataset'),
    key: 'dataset',
    render: (row) => (
      <span className="ht-two">
        <Link to={paths.dataset(row.datasetId)}>{say(row.datasetName)}</Link>
        <small>{say(row.departmentName)}</small>
      </span>
    ),
  }
}

/** A score of 0 to 100 with two digits. */
export function Score({ value, none }: { readonly value: string | null; readonly none?: string }) {
  if (value === null) return <span className="ht-quiet">{none ?? '–'}</span>
  return <span className="ht-number">{Number(value).toFixed(2)}</span>
}
