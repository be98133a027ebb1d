import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Pagination } from 'antd'
import { useState, type ClipboardEvent } from 'react'
import { useWords, type WordKey } from '../../words/index.ts'
import {
  emptyItem,
  GRID_COLUMNS,
  gridFaults,
  pasteAt,
  withCell,
  type DraftItem,
  type GridColumn,
} from './items-grid.ts'
import { ITEM_TYPES, LEVELS, SHARE_ATTRIBUTES } from './lists.ts'

const ROWS_PER_PAGE = 50
const ITEMS_MAX = 1600

const HEADS: Record<GridColumn, WordKey> = {
  name: 'item.name',
  code: 'item.code',
  type: 'item.type',
  length: 'item.length',
  key: 'item.key',
  nullable: 'item.nullable',
  shareAttribute: 'dataset.shareAttribute',
  level: 'dataset.level',
  personal: 'item.personal',
  open: 'item.open',
  description: 'item.description',
}

interface ItemsEditorProps {
  readonly id?: string
  readonly value?: DraftItem[]
  readonly onChange?: (items: DraftItem[]) => void
}

/** The items as a grid: type, tab, paste from a spreadsheet. Plain controls keep 1,600 rows quick. */
export function ItemsEditor({ id, value = [], onChange }: ItemsEditorProps) {
  const { t } = useWords()
  const [page, setPage] = useState(1)
  const first = (page - 1) * ROWS_PER_PAGE
  const change = (items: DraftItem[]) => onChange?.(items.slice(0, ITEMS_MAX))
  const set = (row: number, item: DraftItem) => change(value.map((old, at) => (at === row ? item : old)))
  const paste = (event: ClipboardEvent, row: number, column: GridColumn) => {
    const text = event.clipboardData.getData('text/plain')
    if (!/[\t\n]/.test(text.trimEnd())) return
    event.preventDefault()
    change(pasteAt(value, row, column, text))
  }
  const add = () => {
    change([...value, emptyItem()])
    setPage(Math.ceil((value.length + 1) / ROWS_PER_PAGE))
  }
  const faults = new Map(gridFaults(value).map((fault) => [fault.row, fault.fault]))
  return (
    <div id={id} tabIndex={-1} className="ht-grid-wrap">
      <table className="ht-grid">
        <caption className="ht-unseen">{t('dataset.items')}</caption>
        <thead>
          <tr>
            <th scope="col">#</th>
            {GRID_COLUMNS.map((column) => (
              <th key={column} scope="col">
                {t(HEADS[column])}
              </th>
            ))}
            <th scope="col">
              <span className="ht-unseen">{t('action.remove')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {value.slice(first, first + ROWS_PER_PAGE).map((item, at) => (
            <GridRow
              // oxlint-disable-next-line react/no-array-index-key -- rows have no name of their own until they are saved
              key={first + at}
              row={first + at}
              item={item}
              fault={faults.get(first + at)}
              onSet={(next) => set(first + at, next)}
              onPaste={(event, column) => paste(event, first + at, column)}
              onRemove={() => change(value.filter((_, other) => other !== first + at))}
            />
          ))}
        </tbody>
      </table>
      <div className="ht-bar">
        <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={add} disabled={value.length >= ITEMS_MAX}>
          {t('item.add')}
        </Button>
        <span className="ht-quiet">{t('item.pasteHelp')}</span>
        <span className="ht-grow" />
        {value.length > ROWS_PER_PAGE && (
          <Pagination
            size="small"
            current={page}
            pageSize={ROWS_PER_PAGE}
            total={value.length}
            showSizeChanger={false}
            onChange={setPage}
          />
        )}
      </div>
    </div>
  )
}

interface GridRowProps {
  readonly row: number
  readonly item: DraftItem
  readonly fault: 'code' | 'twice' | 'name' | undefined
  readonly onSet: (item: DraftItem) => void
  readonly onPaste: (event: ClipboardEvent, column: GridColumn) => void
  readonly onRemove: () => void
}

const FAULT_WORDS = { code: 'item.faultCode', twice: 'item.faultTwice', name: 'item.faultName' } as const

function GridRow({ row, item, fault, onSet, onPaste, onRemove }: GridRowProps) {
  const { t } = useWords()
  return (
    <>
      <tr>
        <th scope="row">{row + 1}</th>
        {GRID_COLUMNS.map((column) => (
          <td key={column} data-column={column}>
            <Cell
              row={row}
              item={item}
              column={column}
              wrong={
                fault !== undefined &&
                (column === 'name') === (fault === 'name') &&
                (column === 'name' || column === 'code')
              }
              onSet={onSet}
              onPaste={onPaste}
            />
          </td>
        ))}
        <td>
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={t('item.remove', { number: row + 1 })}
            onClick={onRemove}
          />
        </td>
      </tr>
      {fault && (
        <tr>
          <td />
          <td colSpan={GRID_COLUMNS.length + 1} className="ht-grid-fault">
            {t(FAULT_WORDS[fault], { number: row + 1 })}
          </td>
        </tr>
      )}
    </>
  )
}

interface CellProps extends Pick<GridRowProps, 'row' | 'item' | 'onSet' | 'onPaste'> {
  readonly column: GridColumn
  readonly wrong: boolean
}

const SELECTS: Partial<Record<GridColumn, readonly [string, readonly string[]]>> = {
  type: ['itemType', ITEM_TYPES],
  shareAttribute: ['shareAttribute', SHARE_ATTRIBUTES],
  level: ['level', LEVELS],
}
const FLAGS: ReadonlySet<GridColumn> = new Set(['key', 'nullable', 'personal', 'open'])
const LENGTHS: Partial<Record<GridColumn, number>> = { name: 128, code: 63, length: 9, description: 1000 }

function Cell({ row, item, column, wrong, onSet, onPaste }: CellProps) {
  const { t, choice } = useWords()
  const label = `${t(HEADS[column])} ${row + 1}`
  const common = {
    'aria-label': label,
    className: 'ht-cell',
    onPaste: (event: ClipboardEvent) => onPaste(event, column),
  }
  if (FLAGS.has(column))
    return (
      <input
        {...common}
        type="checkbox"
        checked={item[column as 'key'] ?? false}
        onChange={(event) => onSet({ ...item, [column]: event.target.checked })}
      />
    )
  const select = SELECTS[column]
  if (select)
    return (
      <select
        {...common}
        value={item[column as 'type'] ?? ''}
        onChange={(event) => onSet(withCell(item, column, event.target.value))}
      >
        <option value="">–</option>
        {select[1].map((value) => (
          <option key={value} value={value}>
            {choice(select[0], value)}
          </option>
        ))}
      </select>
    )
  const text = column === 'name' ? item.name.zh : String(item[column as 'code' | 'length' | 'description'] ?? '')
  return (
    <input
      {...common}
      value={text}
      maxLength={LENGTHS[column]}
      aria-invalid={wrong || undefined}
      inputMode={column === 'length' ? 'numeric' : 'text'}
      spellCheck={false}
      onChange={(event) => onSet(withCell(item, column, event.target.value))}
    />
  )
}
