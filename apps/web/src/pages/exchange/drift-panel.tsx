import { approveDrift, setDrift } from '@huitong/contract/exchange'
import { Form, Radio } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'
import { DRIFT } from './drift-words.ts'

type Drift = NonNullable<Channel['drift']>
type Difference = Drift['differences'][number]
const POLICIES = ['hold', 'evolve', 'ignore'] as const

/** The table is not what was agreed: what differs, what the task does then, and the provider's word. */
export function DriftPanel({ channel, drift }: { readonly channel: Channel; readonly drift: Drift }) {
  const { say } = useWords()
  const allow = useAllowance(channel.actions)
  const [asked, setAsked] = useState<Drift | null>(null)
  const differing = new Set(drift.differences.map((one) => one.field))
  const changed = channel.columns.filter((one) => differing.has(one.field)).map((one) => one.item)
  return (
    <Section
      title={say(DRIFT.title)}
      extra={
        <ActionButton type="primary" allowance={allow('dataset.mount', 'approveDrift')} onClick={() => setAsked(drift)}>
          {say(DRIFT.approve)}
        </ActionButton>
      }
    >
      <p className="ht-quiet">
        {say(DRIFT.foundAt)} <Moment at={drift.at} form="seconds" /> ·{' '}
        {say(DRIFT.policyNow).replace('{policy}', say(DRIFT[`policy.${channel.driftPolicy}`]))}
      </p>
      {drift.differences.length === 0 ? <p>{say(DRIFT.hidden)}</p> : <Differences drift={drift} />}
      {changed.length > 0 && (
        <p>
          <Link to={paths.lineage(channel.datasetId, { change: changed.join(',') })}>{say(DRIFT.impact)}</Link>
        </p>
      )}
      {asked !== null && <ApproveForm channel={channel} drift={asked} onClose={() => setAsked(null)} />}
    </Section>
  )
}

function Differences({ drift }: { readonly drift: Drift }) {
  const { say } = useWords()
  const columns: Column<Difference>[] = [
    { title: say(DRIFT.field), key: 'field', render: (one) => <code>{one.field}</code> },
    { title: say(DRIFT.kind), key: 'kind', width: 120, render: (one) => say(DRIFT[`kind.${one.kind}`]) },
    { title: say(DRIFT.before), key: 'before', render: (one) => <Value of={one} value={one.before} /> },
    { title: say(DRIFT.after), key: 'after', render: (one) => <Value of={one} value={one.after} /> },
    {
      title: say(DRIFT.needed),
      key: 'needed',
      width: 140,
      render: (one) => say(one.needed ? DRIFT.neededYes : DRIFT.neededNo),
    },
  ]
  return <PlainTable label={say(DRIFT.title)} columns={columns} rows={drift.differences} rowKey={(one) => one.field} />
}

function Value({ of, value }: { readonly of: Difference; readonly value: string | null }) {
  const { say } = useWords()
  if (value === null) return '–'
  return of.kind === 'moved' ? say(DRIFT.place).replace('{place}', value) : <code>{value}</code>
}

interface ApproveProps {
  readonly channel: Channel
  /** What was shown when the person asked: just this is approved. */
  readonly drift: Drift
  onClose(): void
}

function ApproveForm({ channel, drift, onClose }: ApproveProps) {
  const { say } = useWords()
  const toast = useToast()
  const act = useAct(approveDrift)
  const send = async () => {
    try {
      await act.run({ params: { id: channel.id }, body: { hash: drift.hash } }, channel.version)
      toast.good(say(DRIFT.approved))
      onClose()
    } catch {
      // Shown in the form.
    }
  }
  return (
    <SideForm
      open
      title={say(DRIFT.approve)}
      submitLabel={say(DRIFT.approve)}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={() => void send()}
    >
      <p>{say(DRIFT.approveHelp)}</p>
      <ul>
        {drift.differences.map((one) => (
          <li key={one.field}>
            <code>{one.field}</code> {say(DRIFT[`kind.${one.kind}`])} <Value of={one} value={one.before} /> →{' '}
            <Value of={one} value={one.after} />
          </li>
        ))}
      </ul>
    </SideForm>
  )
}

/** What a task does when the table changes, and a form to say otherwise. */
export function DriftPolicyBar({ channel }: { readonly channel: Channel }) {
  const { say } = useWords()
  const can = useCan()
  const allow = useAllowance(channel.actions)
  const [setting, setSetting] = useState(false)
  return (
    <div className="ht-bar">
      {can('channel.operate') && (
        <ActionButton allowance={allow('channel.operate', 'driftPolicy')} onClick={() => setSetting(true)}>
          {say(DRIFT.policy)}
        </ActionButton>
      )}
      <span className="ht-quiet">
        {can('channel.operate')
          ? say(DRIFT[`policy.${channel.driftPolicy}`])
          : say(DRIFT.policyNow).replace('{policy}', say(DRIFT[`policy.${channel.driftPolicy}`]))}
      </span>
      {setting && <PolicyForm channel={channel} onClose={() => setSetting(false)} />}
    </div>
  )
}

type Values = Pick<Channel, 'driftPolicy'>

function PolicyForm({ channel, onClose }: { readonly channel: Channel; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(setDrift)
  const send = async ({ driftPolicy: policy }: Values) => {
    try {
      await act.run({ params: { id: channel.id }, body: { policy } }, channel.version)
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the form.
    }
  }
  return (
    <SideForm<Values>
      open
      title={say(DRIFT.policy)}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ driftPolicy: channel.driftPolicy }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <DriftPolicyField />
    </SideForm>
  )
}

/** A choice of policies, named `driftPolicy`. */
export function DriftPolicyField() {
  const { say } = useWords()
  return (
    <Form.Item name="driftPolicy" label={say(DRIFT.policy)} extra={say(DRIFT.policyHelp)}>
      <Radio.Group
        vertical
        options={POLICIES.map((policy) => ({ value: policy, label: say(DRIFT[`policy.${policy}`]) }))}
      />
    </Form.Item>
  )
}
