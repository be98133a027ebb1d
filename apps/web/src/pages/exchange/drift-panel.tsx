import { approveDrift, setDrift } from '@huitong/contract/exchange'
import { Form, Radio } from 'antd'
import { useState } from 'react'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'

type Drift = NonNullable<Channel['drift']>
type Difference = Drift['differences'][number]
const POLICIES = ['hold', 'evolve', 'ignore'] as const

/** The table is not what was agreed: what differs, what the task does then, and the provider's word. */
export function DriftPanel({ channel, drift }: { readonly channel: Channel; readonly drift: Drift }) {
  const { t } = useWords()
  const allow = useAllowance(channel.actions)
  const [asked, setAsked] = useState<Drift | null>(null)
  return (
    <Section
      title={t('drift.title')}
      extra={
        <ActionButton type="primary" allowance={allow('dataset.mount', 'approveDrift')} onClick={() => setAsked(drift)}>
          {t('drift.approve')}
        </ActionButton>
      }
    >
      <p className="ht-quiet">
        {t('drift.foundAt')} <Moment at={drift.at} form="seconds" /> ·{' '}
        {t('drift.policyNow', { policy: t(`drift.policy.${channel.driftPolicy}`) })}
      </p>
      {drift.differences.length === 0 ? <p>{t('drift.hidden')}</p> : <Differences drift={drift} />}
      {asked !== null && <ApproveForm channel={channel} drift={asked} onClose={() => setAsked(null)} />}
    </Section>
  )
}

function Differences({ drift }: { readonly drift: Drift }) {
  const { t } = useWords()
  const columns: Column<Difference>[] = [
    { title: t('drift.field'), key: 'field', render: (one) => <code>{one.field}</code> },
    { title: t('drift.kind'), key: 'kind', width: 120, render: (one) => t(`drift.kind.${one.kind}`) },
    { title: t('drift.before'), key: 'before', render: (one) => <Value of={one} value={one.before} /> },
    { title: t('drift.after'), key: 'after', render: (one) => <Value of={one} value={one.after} /> },
    {
      title: t('drift.needed'),
      key: 'needed',
      width: 140,
      render: (one) => t(one.needed ? 'drift.neededYes' : 'drift.neededNo'),
    },
  ]
  return <PlainTable label={t('drift.title')} columns={columns} rows={drift.differences} rowKey={(one) => one.field} />
}

function Value({ of, value }: { readonly of: Difference; readonly value: string | null }) {
  const { t } = useWords()
  if (value === null) return '–'
  return of.kind === 'moved' ? t('drift.place', { place: value }) : <code>{value}</code>
}

interface ApproveProps {
  readonly channel: Channel
  /** What was shown when the person asked: just this is approved. */
  readonly drift: Drift
  onClose(): void
}

function ApproveForm({ channel, drift, onClose }: ApproveProps) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(approveDrift)
  const send = async () => {
    try {
      await act.run({ params: { id: channel.id }, body: { hash: drift.hash } }, channel.version)
      toast.good(t('drift.approved'))
      onClose()
    } catch {
      // Shown in the form.
    }
  }
  return (
    <SideForm
      open
      title={t('drift.approve')}
      submitLabel={t('drift.approve')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={() => void send()}
    >
      <p>{t('drift.approveHelp')}</p>
      <ul>
        {drift.differences.map((one) => (
          <li key={one.field}>
            <code>{one.field}</code> {t(`drift.kind.${one.kind}`)} <Value of={one} value={one.before} /> →{' '}
            <Value of={one} value={one.after} />
          </li>
        ))}
      </ul>
    </SideForm>
  )
}

/** What a task does when the table changes, and a form to say otherwise. */
export function DriftPolicyBar({ channel }: { readonly channel: Channel }) {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance(channel.actions)
  const [setting, setSetting] = useState(false)
  return (
    <div className="ht-bar">
      {can('channel.operate') && (
        <ActionButton allowance={allow('channel.operate', 'driftPolicy')} onClick={() => setSetting(true)}>
          {t('drift.policy')}
        </ActionButton>
      )}
      <span className="ht-quiet">
        {can('channel.operate')
          ? t(`drift.policy.${channel.driftPolicy}`)
          : t('drift.policyNow', { policy: t(`drift.policy.${channel.driftPolicy}`) })}
      </span>
      {setting && <PolicyForm channel={channel} onClose={() => setSetting(false)} />}
    </div>
  )
}

type Values = Pick<Channel, 'driftPolicy'>

function PolicyForm({ channel, onClose }: { readonly channel: Channel; onClose(): void }) {
  const { t } = useWords()
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
      title={t('drift.policy')}
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
  const { t } = useWords()
  return (
    <Form.Item name="driftPolicy" label={t('drift.policy')} extra={t('drift.policyHelp')}>
      <Radio.Group
        vertical
        options={POLICIES.map((policy) => ({ value: policy, label: t(`drift.policy.${policy}`) }))}
      />
    </Form.Item>
  )
}
