import type { ItemContent } from '@huitong/contract/catalogue'
import { dictionary } from '../../words/dictionary.ts'
import { ITEM_TYPES, LEVELS, SHARE_ATTRIBUTES } from './lists.ts'

/** A row of the grid while it is edited: texts may still be empty. */
export type DraftItem = Omit<ItemContent, 'name'> & { name: { zh: string; en?: string } }

export const GRID_COLUMNS = [
  'name',
  'code',
  'type',
  'length',
  'key',
  'nullable',
  'shareAttribute',
  'level',
  'personal',
  'open',
  'description',
] as const
export type GridColumn = (typeof GRID_COLUMNS)[number]

const CHOICES: Partial<Record<GridColumn, readonly [list: string, values: readonly string[]]>> = {
  type: ['itemType', ITEM_TYPES],
  shareAttribute: ['shareAttribute', SHARE_ATTRIBUTES],
  level: ['level', LEVELS],
}
const YES = new Set(['是', '✓', 'y', 'yes', 'true', '1'])
const NO = new Set(['否', 'n', 'no', 'false', '0'])

/** The value of an enumeration by itself or by its word in either language. */
function choiceOf(column: GridColumn, text: string): string | undefined {
  const choices = CHOICES[column]
  if (!choices) return undefined
  const [list, values] = choices
  return values.find((value) => {
    const word = (dictionary as Record<string, { zh: string; en: string }>)[`${list}.${value}`]
    return [value, word?.zh, word?.en].some((form) => form?.toLowerCase() === text.toLowerCase())
  })
}

/** Writes the text of one cell into an item. A text that the column cannot hold leaves the cell empty. */
export function withCell(item: DraftItem, column: GridColumn, raw: string): DraftItem {
  const text = raw.trim()
  if (column === 'name') return { ...item, name: { ...item.name, zh: text } }
  if (column === 'code') return { ...item, code: text }
  const rest = { ...item }
  delete rest[column]
  if (text === '') return rest
  if (column === 'description') return { ...rest, description: raw }
  if (column === 'length') return /^\d{1,9}$/.test(text) ? { ...rest, length: Number(text) } : rest
  if (column === 'key' || column === 'nullable' || column === 'personal' || column === 'open') {
    const word = text.toLowerCase()
    return YES.has(word) ? { ...rest, [column]: true } : NO.has(word) ? { ...rest, [column]: false } : rest
  }
  const value = choiceOf(column, text)
  return value === undefined ? rest : ({ ...rest, [column]: value } as DraftItem)
}

export const emptyItem = (): DraftItem => ({ code: '', name: { zh: '' } })

/** Fields of a spreadsheet's clipboard: tabs between cells, line ends between rows, quotes around what contains them. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [['']]
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    const row = rows[rows.length - 1]!
    const cell = row[row.length - 1]!
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') {
        row[row.length - 1] = `${cell}"`
        at++
      } else if (char === '"') quoted = false
      else row[row.length - 1] = cell + char
    } else if (char === '"' && cell === '') quoted = true
    else if (char === '\t') row.push('')
    else if (char === '\n') rows.push([''])
    else if (char !== '\r') row[row.length - 1] = cell + char
  }
  const last = rows[rows.length - 1]!
  if (last.length === 1 && last[0] === '') rows.pop()
  return rows
}

/** Pastes a block of cells with its upper left corner at a cell; adds rows where the block is longer than the grid. */
export function pasteAt(items: readonly DraftItem[], row: number, column: GridColumn, text: string): DraftItem[] {
  const next = [...items]
  const first = GRID_COLUMNS.indexOf(column)
  cellsOf(text).forEach((cells, down) => {
    let item = next[row + down] ?? emptyItem()
    cells.forEach((cell, right) => {
      const name = GRID_COLUMNS[first + right]
      if (name) item = withCell(item, name, cell)
    })
    next[row + down] = item
  })
  return next
}

/** What a person can see is wrong before the server says so: codes that are malformed or used twice, names left out. */
export function gridFaults(items: readonly DraftItem[]): { row: number; fault: 'code' | 'twice' | 'name' }[] {
  const seen = new Map<string, number>()
  for (const item of items) seen.set(item.code, (seen.get(item.code) ?? 0) + 1)
  return items.flatMap((item, row) => [
    ...(item.name.zh === '' ? [{ row, fault: 'name' as const }] : []),
    ...(/^[a-z][a-z0-9_]{0,62}$/.test(item.code)
      ? (seen.get(item.code) ?? 0) > 1
        ? [{ row, fault: 'twice' as const }]
        : []
      : [{ row, fault: 'code' as const }]),
  ])
}
