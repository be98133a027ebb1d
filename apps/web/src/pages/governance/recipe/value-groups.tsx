import { groupValues } from '@huitong/contract/recipes'
import type { ReplyOf } from '@huitong/contract'
import { Button, Select } from 'antd'
import { useState } from 'react'
import { useAct } from '../../../api.ts'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { PlainTable, type Column } from '../../../ui/list-table.tsx'
import { Exact, Mark } from '../../../ui/marks.tsx'
import { Section } from '../../../ui/page-head.tsx'
import { fill, useWords } from '../../../words/index.ts'
import type { Ground } from '../rule-form.tsx'
import { RECIPE } from './recipe-words.ts'
import type { Step } from './step-form.tsx'

type Held = ReplyOf<typeof groupValues>
type Group = Held['groups'][number]

/** What a column holds: its frequent values, and those that are probably one, which a step can bring together. */
export function ValueGroups(props: { readonly datasetId: string; readonly ground: Ground; onStep(step: Step): void }) {
  const { say } = useWords()
  const act = useAct(groupValues)
  const [column, setColumn] = useState<string | null>(null)
  const [held, setHeld] = useState<{ readonly column: string; readonly reply: Held } | null>(null)
  const look = async () => {
    if (column === null) return
    const reply = await act.run({ params: { id: props.datasetId }, body: { column } }).catch(() => null)
    setHeld(reply === null ? null : { column, reply })
  }
  const texts = props.ground.columns.filter((one) => one.holds === 'text')
  return (
    <Section
      title={say(RECIPE.values)}
      extra={
        <span className="ht-marks">
          <Select
            size="small"
            style={{ width: 220 }}
            aria-label={say(RECIPE.column)}
            placeholder={say(RECIPE.column)}
            options={texts.map((one) => ({ value: one.column, label: say(one.name) }))}
            value={column}
            onChange={setColumn}
          />
          <Button size="small" disabled={column === null} loading={act.busy} onClick={() => void look()}>
            {say(RECIPE.look)}
          </Button>
        </span>
      }
    >
      {act.problem && <ErrorPanel problem={act.problem} />}
      {held && <Shown {...held} onStep={props.onStep} />}
    </Section>
  )
}

function Shown({ column, reply, onStep }: { readonly column: string; readonly reply: Held; onStep(step: Step): void }) {
  const { say } = useWords()
  const merge = ({ values: [best, ...others] }: Group) =>
    onStep({
      kind: 'map_values',
      parameters: {
        column,
        pairs: others.map(({ value }) => ({ from: value, to: best!.value })),
        others: 'keep',
      },
    })
  const groups: Column<Group>[] = [
    {
      title: say(RECIPE.groups),
      key: 'values',
      render: ({ values }) => values.map(({ value, rows }) => `${JSON.stringify(value)} × ${rows}`).join('　'),
    },
    {
      title: '',
      key: 'actions',
      width: 220,
      render: (group) => (
        <Button size="small" onClick={() => merge(group)}>
          {fill(say(RECIPE.merge), { value: group.values[0]!.value })}
        </Button>
      ),
    },
  ]
  const frequent: Column<Held['values'][number]>[] = [
    {
      title: say(RECIPE.frequent),
      key: 'value',
      render: ({ value }) => (value === null ? <span className="ht-quiet">{say(RECIPE.empty)}</span> : value),
    },
    { title: say(RECIPE.rows), key: 'rows', width: 120, align: 'right', render: ({ rows }) => <Exact value={rows} /> },
  ]
  return (
    <>
      <p className="ht-quiet">
        {say(RECIPE.distinct)} {reply.distinct} · {say(RECIPE.rows)} {reply.rows}
      </p>
      {reply.hidden ? (
        <Mark tone="warn">{say(RECIPE.hiddenValues)}</Mark>
      ) : (
        <>
          <PlainTable
            label={say(RECIPE.groups)}
            columns={groups}
            rows={reply.groups}
            rowKey={(group) => group.values[0]!.value}
            empty={say(reply.tooMany ? RECIPE.tooMany : RECIPE.noGroups)}
          />
          <p className="ht-quiet">{say(RECIPE.frequent)}</p>
          <PlainTable
            label={say(RECIPE.frequent)}
            columns={frequent}
            rows={reply.values.slice(0, 20)}
            rowKey={(row) => row.value ?? '\0'}
          />
        </>
      )}
    </>
  )
}
