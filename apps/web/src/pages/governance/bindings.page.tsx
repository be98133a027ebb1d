import { listDataElements } from '@huitong/contract/data-standards'
import { bindItems, readBindings } from '@huitong/contract/rule-design'
import type { ReplyOf } from '@huitong/contract'
import { Alert, Button, Select } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Mark } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { fill, useWords } from '../../words/index.ts'
import { bindingTo, type Change, type Item } from './binding-change.ts'
import { Conformance } from './conformance.tsx'
import { BINDING, DESIGN } from './design-words.ts'

type Bindings = ReplyOf<typeof readBindings>

/** Which items of a dataset are bound to which data elements, where they deviate, and how their data keeps to it. */
export default function BindingsPage() {
  const { id = '' } = useParams()
  const read = useRead(readBindings, { params: { id } })
  return <Reading read={read}>{(bindings) => <Shown bindings={bindings} />}</Reading>
}

function Shown({ bindings }: { readonly bindings: Bindings }) {
  const { say } = useWords()
  const can = useCan()
  const act = useAct(bindItems)
  const bind = (changes: Change[]) =>
    void act.run({ params: { id: bindings.datasetId }, body: { bindings: changes } }).catch(() => undefined)
  const proposed = bindings.items.flatMap((one) => (one.suggested ? [bindingTo(one, one.suggested.id)] : []))
  return (
    <>
      <PageHead
        title={fill(say(BINDING.title), { name: say(bindings.datasetName) })}
        facts={say(bindings.departmentName)}
        actions={
          <>
            {can('standard.manage') && proposed.length > 0 && (
              <Button loading={act.busy} onClick={() => bind(proposed)}>
                {fill(say(BINDING.takeAll), { count: proposed.length })}
              </Button>
            )}
            {can('quality.manage') && bindings.landed && (
              <Link to={paths.ruleDesign(bindings.datasetId)}>{say(DESIGN.write)}</Link>
            )}
          </>
        }
      />
      {!bindings.landed && <Alert className="ht-error" type="info" showIcon title={say(BINDING.notLanded)} />}
      {act.problem && <ErrorPanel problem={act.problem} />}
      <ListTable
        label={say(DESIGN.standards)}
        columns={useColumns(bind)}
        rows={bindings.items}
        rowKey={(row) => row.item}
        loading={false}
        empty={say(BINDING.noItems)}
      />
    </>
  )
}

function useColumns(bind: (changes: Change[]) => void): Column<Item>[] {
  const { say } = useWords()
  const can = useCan()
  return [
    {
      title: say(BINDING.item),
      key: 'item',
      render: (row) => (
        <span className="ht-two">
          {say(row.name)}
          <small className="ht-code">{row.item}</small>
        </span>
      ),
    },
    {
      title: say(BINDING.boundTo),
      key: 'element',
      width: 320,
      render: (row) =>
        can('standard.manage') ? (
          <ElementSelect row={row} onPick={(elementId) => bind([bindingTo(row, elementId)])} />
        ) : row.element ? (
          <Link to={paths.dataElement(row.element.id)}>{`${row.element.identifier} ${say(row.element.name)}`}</Link>
        ) : (
          <span className="ht-quiet">{say(BINDING.free)}</span>
        ),
    },
    {
      title: say(BINDING.deviation),
      key: 'deviation',
      width: 240,
      render: (row) =>
        row.deviations.length === 0 ? '–' : <Mark tone="warn">{row.deviations.map(say).join('; ')}</Mark>,
    },
    {
      title: say(BINDING.conformance),
      key: 'conformance',
      width: 130,
      align: 'right',
      render: (row) => <Conformance judged={row.judged} broken={row.broken} />,
    },
  ]
}

/** Binds an item by picking its element, found by identifier, name or synonym. */
function ElementSelect({ row, onPick }: { readonly row: Item; onPick(id: string | null): void }) {
  const { say } = useWords()
  const [q, setQ] = useState('')
  const read = useRead(listDataElements, { query: { limit: '50', ...(q ? { q } : {}) } }, { keep: true })
  const named = (one: { identifier: string; name: { zh: string; en?: string } }) => `${one.identifier} ${say(one.name)}`
  const known = (read.data?.items ?? []).filter((one) => one.state === 'in_force')
  const options = [row.element, ...known].flatMap((one, at, all) =>
    one && all.findIndex((other) => other?.id === one.id) === at ? [{ value: one.id, label: named(one) }] : [],
  )
  const { suggested } = row
  return (
    <>
      <Select
        size="small"
        style={{ width: '100%' }}
        allowClear
        aria-label={`${say(BINDING.boundTo)} ${say(row.name)}`}
        placeholder={row.codeSet ? `${row.codeSet.code} ${row.codeSet.label}` : say(BINDING.free)}
        {...(row.element ? { value: row.element.id } : {})}
        onChange={(id: string | undefined) => onPick(id ?? null)}
        showSearch={{ filterOption: false, onSearch: setQ }}
        options={options}
      />
      {suggested && (
        <Button type="link" size="small" className="ht-inline-link" onClick={() => onPick(suggested.id)}>
          {fill(say(BINDING.suggested), { name: named(suggested) })}
        </Button>
      )}
    </>
  )
}
