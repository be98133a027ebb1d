import { Button } from 'antd'
import type { Key, ReactNode } from 'react'
import { useWords } from '../words/index.ts'
import { ErrorPanel } from './error-panel.tsx'
import { useLate } from './later.tsx'
import type { Problem } from './problem.ts'

/**
 * A column of a list. Figures are right-aligned; a column without width shares what is left; the column `actions` stays
 * in sight at the right edge when the table is wider than its place and scrolls.
 */
export interface Column<Row> {
  readonly key: string
  readonly title: ReactNode
  readonly render: (row: Row, index: number) => ReactNode
  readonly align?: 'right'
  /** Pixels. */
  readonly width?: number
}

/** Chinese breaks anywhere: without a floor the text of a crowded table would stand one character to a line. */
const TEXT_FLOOR = 160
const SIZED_FLOOR = 100
const SIZED_SHARE = 0.65
function floorOf({ align, width }: Column<never>): { minWidth: number } | undefined {
  if (align === 'right') return undefined
  if (width === undefined) return { minWidth: TEXT_FLOOR }
  return { minWidth: Math.max(Math.min(width, SIZED_FLOOR), Math.round(width * SIZED_SHARE)) }
}
const classOf = ({ align, key }: Column<never>): string | undefined =>
  key === 'actions' ? 'ht-act' : align === 'right' ? 'ht-right' : undefined

interface PlainTableProps<Row> {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => Key
  readonly label: string
  readonly rowClassName?: (row: Row) => string
  readonly empty?: ReactNode
}

/** A dense table of plain markup: quick with thousands of rows, printable, and known to every screen reader. */
export function PlainTable<Row>({ columns, rows, rowKey, label, rowClassName, empty }: PlainTableProps<Row>) {
  return (
    <div className="ht-table-wrap" role="region" aria-label={label} tabIndex={0}>
      <table className="ht-table">
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} {...(column.width ? { style: { width: column.width } } : {})} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={classOf(column)} style={floorOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={rowKey(row)} className={rowClassName?.(row)}>
              {columns.map((column) => (
                <td key={column.key} className={classOf(column)}>
                  {column.render(row, index)}
                </td>
              ))}
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} className="ht-empty">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

export interface ListTableProps<Row> extends Omit<PlainTableProps<Row>, 'rows'> {
  readonly rows: readonly Row[] | undefined
  readonly loading: boolean
  readonly problem?: Problem | null
  readonly onRetry?: () => void
  /** Says what to do next when there is nothing. */
  readonly empty: ReactNode
  readonly hasNext?: boolean
  readonly hasPrevious?: boolean
  readonly onNext?: () => void
  readonly onPrevious?: () => void
}

/** Every list: dense rows, keyset paging, and an empty state that says what to do next. */
export function ListTable<Row>(props: ListTableProps<Row>) {
  const { t } = useWords()
  const late = useLate(props.loading)
  if (props.problem) return <ErrorPanel problem={props.problem} onRetry={props.onRetry} />
  const pages = props.hasNext || props.hasPrevious
  return (
    <div className="ht-list" aria-busy={props.loading} data-late={late || undefined}>
      <PlainTable<Row>
        columns={props.columns}
        rows={props.rows ?? []}
        rowKey={props.rowKey}
        label={props.label}
        empty={props.loading ? late && t('state.loading') : props.empty}
        {...(props.rowClassName ? { rowClassName: props.rowClassName } : {})}
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
