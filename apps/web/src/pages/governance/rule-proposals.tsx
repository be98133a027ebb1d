import { proposeRules } from '@huitong/contract/rule-design'
import type { ReplyOf } from '@huitong/contract'
import { Button } from 'antd'
import { useState } from 'react'
import { toProblem, useRead } from '../../api.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Section } from '../../ui/page-head.tsx'
import { fill, useWords } from '../../words/index.ts'
import { DESIGN } from './design-words.ts'
import type { Rule } from './suite-file.ts'

type Reply = ReplyOf<typeof proposeRules>
type Proposal = Reply['items'][number]

/** What standards, catalogue and, when asked for, the data speak for; each is taken over by hand. */
export function RuleProposals(props: {
  readonly datasetId: string
  readonly rules: readonly Rule[]
  onTake(rules: readonly Proposal[]): void
}) {
  const { say } = useWords()
  const [profile, setProfile] = useState(false)
  // What stood there first: the data is not counted again for each rule that is taken over.
  const [rules] = useState(() => [...props.rules])
  const read = useRead(proposeRules, { params: { id: props.datasetId }, body: { profile, rules } }, { keep: true })
  const reply = read.data
  const taken = new Set(props.rules.map((one) => JSON.stringify([one.kind, one.parameters])))
  const left = (reply?.items ?? []).filter((one) => !taken.has(JSON.stringify([one.rule.kind, one.rule.parameters])))
  const counted = reply?.rows ?? null
  return (
    <Section
      title={say(DESIGN.proposals)}
      extra={
        <span className="ht-marks">
          <Button size="small" loading={read.isFetching} disabled={profile} onClick={() => setProfile(true)}>
            {say(DESIGN.compute)}
          </Button>
          {left.length > 0 && (
            <Button size="small" onClick={() => props.onTake(left)}>
              {say(DESIGN.all)}
            </Button>
          )}
        </span>
      }
    >
      <p className="ht-quiet">
        {say(DESIGN.proposalsHelp)}{' '}
        {counted !== null && fill(say(reply!.whole ? DESIGN.counted : DESIGN.countedPart), { rows: counted })}
      </p>
      {read.error && <ErrorPanel problem={toProblem(read.error)} />}
      <ListTable
        label={say(DESIGN.proposals)}
        columns={useColumns(props.onTake)}
        rows={left}
        rowKey={(row) => row.rule.code}
        loading={read.isPending}
        empty={say(DESIGN.noProposals)}
      />
    </Section>
  )
}

function useColumns(onTake: (rules: readonly Proposal[]) => void): Column<Proposal>[] {
  const { t, say } = useWords()
  return [
    { title: say(DESIGN.rule), key: 'rule', width: 220, render: (row) => say(row.rule.name) },
    { title: say(DESIGN.asks), key: 'asks', render: (row) => say(row.asks) },
    { title: say(DESIGN.origin), key: 'origin', width: 110, render: (row) => say(DESIGN[row.origin]) },
    {
      title: say(DESIGN.why),
      key: 'why',
      width: 260,
      render: (row) =>
        row.replaces === null ? say(row.why) : `${say(row.why)} · ${fill(say(DESIGN.renews), { code: row.replaces })}`,
    },
    {
      title: t('action.column'),
      key: 'actions',
      width: 100,
      render: (row) => (
        <Button size="small" onClick={() => onTake([row])} aria-label={`${say(DESIGN.take)} ${say(row.rule.name)}`}>
          {say(DESIGN.take)}
        </Button>
      ),
    },
  ]
}
