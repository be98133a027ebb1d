import type { listWorkbenchTables } from '@huitong/contract/workbench'
import type { ReplyOf } from '@huitong/contract'
import { Alert, Button, Input } from 'antd'
import { useState } from 'react'
import { Mark } from '../../../ui/marks.tsx'
import { fill, useWords } from '../../../words/index.ts'
import { WORKBENCH } from './workbench-words.ts'

export type Tables = ReplyOf<typeof listWorkbenchTables>
type Table = Tables['items'][number]

export const tableName = (one: Table): string => `${one.layer}.${one.name}`

/** The tables that can be asked, with their columns; a press puts a name into the editor. */
export function TableList({ tables, onInsert }: { readonly tables: Tables; onInsert(text: string): void }) {
  const { say } = useWords()
  const [sought, setSought] = useState('')
  const folded = sought.trim().toLowerCase()
  const found = tables.items.filter(
    (one) => folded === '' || wordsOf(one).some((word) => word.toLowerCase().includes(folded)),
  )
  return (
    <section className="ht-edit-aside ht-tables" aria-label={say(WORKBENCH.tables)}>
      <h2>{say(WORKBENCH.tables)}</h2>
      {tables.items.length === 0 ? (
        <p className="ht-quiet">{say(WORKBENCH.noTables)}</p>
      ) : (
        <Input.Search
          value={sought}
          onChange={(event) => setSought(event.target.value)}
          placeholder={say(WORKBENCH.find)}
          aria-label={say(WORKBENCH.find)}
          allowClear
        />
      )}
      {tables.more && <Alert type="info" title={say(WORKBENCH.moreTables)} />}
      {tables.items.length > 0 && found.length === 0 && <p className="ht-quiet">{say(WORKBENCH.notFound)}</p>}
      {found.map((one) => (
        <TableEntry key={tableName(one)} table={one} onInsert={onInsert} />
      ))}
    </section>
  )
}

const wordsOf = (one: Table): string[] => [
  tableName(one),
  one.datasetName.zh,
  one.datasetName.en ?? '',
  ...one.columns.flatMap(({ name, label }) => [name, label.zh, label.en ?? '']),
]

function TableEntry({ table, onInsert }: { readonly table: Table; onInsert(text: string): void }) {
  const { say } = useWords()
  const name = tableName(table)
  return (
    <details className="ht-table-entry">
      <summary>
        <span className="ht-two">
          <span>
            {say(table.datasetName)} <Mark tone="idle">{say(WORKBENCH[`layer.${table.layer}`])}</Mark>
          </span>
          <small className="ht-code">{name}</small>
        </span>
      </summary>
      <small className="ht-quiet">{say(table.departmentName)}</small>
      <ul>
        {[{ name, label: null, type: '', masked: false }, ...table.columns].map((one) => (
          <li key={one.name}>
            <Button
              type="link"
              size="small"
              onClick={() => onInsert(one.name)}
              aria-label={fill(say(WORKBENCH.insert), { name: one.name })}
            >
              <code>{one.name}</code>
            </Button>
            {one.label && (
              <small>
                {say(one.label)} <span className="ht-quiet">{one.type}</span>
                {one.masked && <Mark tone="warn">{say(WORKBENCH.masked)}</Mark>}
              </small>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}
