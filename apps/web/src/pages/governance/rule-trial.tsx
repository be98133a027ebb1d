import { tryRules } from '@huitong/contract/rule-design'
import type { ReplyOf } from '@huitong/contract'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useAct } from '../../api.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, PlainTable, type Column } from '../../ui/list-table.tsx'
import { Mark } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { fill, useWords } from '../../words/index.ts'
import { DESIGN } from './design-words.ts'
import type { Ground } from './rule-form.tsx'
import type { Rule } from './suite-file.ts'

type Reply = ReplyOf<typeof tryRules>
type Typed = Readonly<Record<string, string>>

/** The test box: the rules as they stand on the page, on rows that are typed in or on the first of the collected data. */
export function RuleTrial(props: {
  readonly datasetId: string
  readonly ground: Ground
  readonly rules: readonly Rule[]
}) {
  const { say } = useWords()
  const act = useAct(tryRules)
  const [rows, setRows] = useState<readonly Typed[]>([{}])
  const [reply, setReply] = useState<Reply | null>(null)
  const run = (given: readonly Typed[] | null) =>
    act
      .run({
        params: { id: props.datasetId },
        body: { rules: [...props.rules], rows: given === null ? null : given.map((row) => ({ ...row })) },
      })
      .then(setReply, () => setReply(null))
  const none = props.rules.length === 0
  return (
    <Section
      title={say(DESIGN.trial)}
      extra={
        <span className="ht-marks">
          <Button size="small" disabled={none} loading={act.busy} onClick={() => void run(rows)}>
            {say(DESIGN.typed)}
          </Button>
          <Button size="small" disabled={none} loading={act.busy} onClick={() => void run(null)}>
            {say(DESIGN.collected)}
          </Button>
        </span>
      }
    >
      <p className="ht-quiet">{say(DESIGN.trialHelp)}</p>
      <TypedRows ground={props.ground} rows={rows} onChange={setRows} />
      {act.problem && <ErrorPanel problem={act.problem} />}
      {reply && <Outcome reply={reply} />}
    </Section>
  )
}

function TypedRows({
  ground,
  rows,
  onChange,
}: {
  readonly ground: Ground
  readonly rows: readonly Typed[]
  onChange(rows: readonly Typed[]): void
}) {
  const { say } = useWords()
  const set = (at: number, column: string, value: string) =>
    onChange(rows.map((row, place) => (place === at ? { ...row, [column]: value } : row)))
  const columns: Column<Typed>[] = ground.columns.map(({ column, name }) => ({
    title: say(name),
    key: column,
    width: 150,
    render: (row, at) => (
      <Input
        size="small"
        value={row[column] ?? ''}
        onChange={(event) => set(at, column, event.target.value)}
        aria-label={`${say(name)} ${at + 1}`}
        maxLength={2000}
      />
    ),
  }))
  return (
    <>
      <PlainTable label={say(DESIGN.trial)} columns={columns} rows={rows} rowKey={(row) => rows.indexOf(row)} />
      <Button size="small" disabled={rows.length >= 50} onClick={() => onChange([...rows, {}])}>
        {say(DESIGN.addRow)}
      </Button>
    </>
  )
}

function Outcome({ reply }: { readonly reply: Reply }) {
  const { say, listed } = useWords()
  const isCounted = reply.rows.some((row) => row.broken === null)
  const verdict: Column<Reply['rows'][number]> = {
    title: say(DESIGN.verdict),
    key: 'verdict',
    width: 320,
    render: ({ broken }) =>
      broken === null || broken.length === 0 ? (
        <Mark tone="good">{say(DESIGN.fine)}</Mark>
      ) : (
        <Mark tone="bad">{listed(broken.map((one) => say(one.why)))}</Mark>
      ),
  }
  const columns: Column<Reply['rows'][number]>[] = [
    ...(isCounted ? [] : [verdict]),
    ...reply.columns.map((column, at) => ({
      title: column.masked ? `${say(column.name)} (${say(DESIGN.masked)})` : say(column.name),
      key: column.column,
      width: 150,
      render: (row: Reply['rows'][number]) => row.values[at] ?? <span className="ht-quiet">NULL</span>,
    })),
  ]
  return (
    <>
      {isCounted && <Counts counts={reply.counts} />}
      <ListTable
        label={say(DESIGN.tried)}
        columns={columns}
        rows={reply.rows}
        rowKey={(row) => reply.rows.indexOf(row)}
        loading={false}
        empty={say(DESIGN.fine)}
      />
    </>
  )
}

/** How many rows break which rule, where a verdict on each row would undo its mask. */
function Counts({ counts }: { readonly counts: Reply['counts'] }) {
  const { say } = useWords()
  return (
    <>
      <p className="ht-quiet">{say(DESIGN.countsOnly)}</p>
      {counts.length === 0 && <Mark tone="good">{say(DESIGN.fine)}</Mark>}
      {counts.map(({ code, why, broken }) => (
        <p key={code}>
          <Mark tone="bad">{fill(say(DESIGN.countOf), { count: broken, why: say(why) })}</Mark>
        </p>
      ))}
    </>
  )
}
