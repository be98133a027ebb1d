import { Button, Table, type TableColumnsType } from 'antd'
import type { Key, ReactNode } from 'react'
import { useWords } from '../words/index.ts'
import { ErrorPanel } from './error-panel.tsx'
import { useLate } from './later.tsx'
import type { Problem } from './problem.ts'

export interface ListTableProps<Row extends object> {
  readonly columns: TableColumnsType<Row>
  readonly rows: readonly Row[] | undefined
  readonly rowKey: (row: Row) => Key
  /** What the table lists, for screen readers. */
  readonly label: string
  readonly loading: boolean
  readonly problem?: Problem | null
  readonly onRetry?: () => void
  /** Says what to do next when there is nothing. */
  readonly empty: ReactNode
  readonly hasNext?: boolean
  readonly hasPrevious?: boolean
  readonly onNext?: () => void
  readonly onPrevious?: () => void
  readonly rowClassName?: (row: Row) => string
}

/** Every list: dense rows, keyset paging, and an empty state that says what to do next. */
export function ListTable<Row extends object>(props: ListTableProps<Row>) {
  const { t } = useWords()
  const late = useLate(props.loading)
  if (props.problem) return <ErrorPanel problem={props.problem} onRetry={props.onRetry} />
  const pages = props.hasNext || props.hasPrevious
  return (
    <div className="ht-list" role="region" aria-label={props.label} aria-busy={props.loading}>
      <Table<Row>
        size="small"
        columns={props.columns}
        dataSource={[...(props.rows ?? [])]}
        rowKey={props.rowKey}
        pagination={false}
        loading={late ? { spinning: true, description: t('state.loading') } : false}
        locale={{
          emptyText: props.loading ? <div className="ht-empty" /> : <div className="ht-empty">{props.empty}</div>,
        }}
        {...(props.rowClassName ? { rowClassName: props.rowClassName } : {})}
        scroll={{ x: 'max-content' }}
      />
      {pages && (
        <nav className="ht-pages" aria-label={t('list.pages')}>
          <Button size="small" disabled={!props.hasPrevious} onClick={props.onPrevious}>
            {t('list.previous')}
          </Button>
          <Button size="small" disabled={!props.hasNext} onClick={props.onNext}>
            {t('list.next')}
          </Button>
        </nav>
      )}
    </div>
  )
}
