import { acceptRepair, startReconciliation } from '@huitong/contract/exchange'
import { Button, Form, Input, Radio } from 'antd'
import { useState } from 'react'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { State } from '../../parts/states.tsx'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, Exact, Mark, Moment } from '../../ui/marks.tsx'
import { Facts, Section } from '../../ui/page-head.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { SourceTime } from './follow.tsx'
import { ReconcilePlanBar } from './reconcile-plan.tsx'
import type { Channel } from './channel.page.tsx'

type Reconciliation = Channel['reconciliations'][number]
type Difference = Reconciliation['differences'][number]

const KIND_TONES = { missing: 'bad', extra: 'warn', different: 'warn' } as const

/** Proofs that both ends hold the same, newest first. */
export function Reconciliations({ channel }: { readonly channel: Channel }) {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance(channel.actions)
  const toast = useToast()
  const act = useAct(startReconciliation)
  const begin = () =>
    act.run({ params: { id: channel.id } }).then(
      () => toast.good(t('reconciliation.started')),
      () => undefined,
    )
  return (
    <>
      <div className="ht-bar">
        {can('reconciliation.run') && (
          <ActionButton
            {...(can('channel.operate') ? {} : { type: 'primary' as const })}
            allowance={allow('reconciliation.run', 'reconciliation.start', 'reconcile')}
            loading={act.busy}
            onClick={() => void begin()}
          >
            {t('reconciliation.start')}
          </ActionButton>
        )}
        <span className="ht-quiet">{t('reconciliation.help')}</span>
      </div>
      <ReconcilePlanBar channel={channel} />
      {act.problem && <ErrorPanel problem={act.problem} />}
      {channel.reconciliations.length === 0 && <p className="ht-empty">{t('reconciliation.none')}</p>}
      {channel.reconciliations.map((one) => (
        <One key={one.id} channel={channel} reconciliation={one} />
      ))}
    </>
  )
}

function One({ channel, reconciliation: one }: { readonly channel: Channel; readonly reconciliation: Reconciliation }) {
  const { t, say, language } = useWords()
  return (
    <Section
      title={t('reconciliation.title')}
      extra={
        <span className="ht-inline">
          <State list="reconciliationState" value={one.state} />
          <Moment at={one.startedAt} form="seconds" />
        </span>
      }
    >
      {one.problem && (
        <p>
          <Mark tone="bad">{say(one.problem)}</Mark>
        </p>
      )}
      <Facts
        facts={[
          { label: t('reconciliation.sourceRows'), value: <Exact value={one.sourceRows} /> },
          { label: t('reconciliation.targetRows'), value: <Exact value={one.targetRows} /> },
          {
            label: t('reconciliation.buckets'),
            value: t('reconciliation.bucketsOf', { different: one.bucketsDifferent, compared: one.bucketsCompared }),
          },
          { label: t('channel.finishedAt'), value: <Moment at={one.finishedAt} form="seconds" /> },
          ...(one.position === null
            ? []
            : [
                { label: t('reconciliation.position'), value: <SourceTime at={one.position} /> },
                { label: t('reconciliation.inFlight'), value: <Exact value={String(one.inFlight)} /> },
              ]),
        ]}
      />
      {one.differences.length > 0 && <Differences channel={channel} reconciliation={one} />}
      <Repair reconciliation={one} />
      {one.report && (
        <div className="ht-bar">
          <Button onClick={() => saveReport(channel, one)}>{t('reconciliation.report')}</Button>
          <span className="ht-quiet" lang={language}>
            {t('reconciliation.reportHelp', { key: one.report.keyId })}
          </span>
        </div>
      )}
    </Section>
  )
}

/** The report with its signature, and the document byte for byte as it was signed. */
function saveReport(channel: Channel, { id, report }: Reconciliation): void {
  saveFile(`${channel.number}-${id.slice(0, 8)}.report.json`, JSON.stringify(report, null, 2), 'application/json')
}

function Differences({
  channel,
  reconciliation: one,
}: {
  readonly channel: Channel
  readonly reconciliation: Reconciliation
}) {
  const { t, say } = useWords()
  const columns: Column<Difference>[] = [
    {
      title: t('reconciliation.key', { key: channel.key.join(', ') || t('mounting.key') }),
      key: 'key',
      render: (row) => <code>{row.key.join(', ')}</code>,
    },
    {
      title: t('reconciliation.kind'),
      key: 'kind',
      width: 260,
      render: (row) => <Mark tone={KIND_TONES[row.kind]}>{say(row.words)}</Mark>,
    },
  ]
  const shown = one.differences.length
  const all = Number(one.differencesTotal)
  return (
    <>
      <h3>
        {t('reconciliation.differences')} <Count value={one.differencesTotal} />
        {shown < all && <small className="ht-quiet"> {t('reconciliation.shown', { count: shown })}</small>}
      </h3>
      <div className="ht-scroll">
        <ListTable
          label={t('reconciliation.differences')}
          columns={columns}
          rows={one.differences}
          rowKey={(row) => `${row.kind} ${row.key.join('\u0001')}`}
          loading={false}
          empty={t('version.same')}
        />
      </div>
    </>
  )
}

function Repair({ reconciliation: one }: { readonly reconciliation: Reconciliation }) {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance(one.actions)
  const [deciding, setDeciding] = useState(false)
  if (!one.repair) return null
  return (
    <div className="ht-panel">
      <div className="ht-bar">
        <strong>{t('repair.title')}</strong>
        <State list="repairState" value={one.repair.state} />
        <span>{t('repair.plan', { upserts: one.repair.upserts, deletes: one.repair.deletes })}</span>
        <span className="ht-grow" />
        {can('repair.accept') && one.repair.state === 'proposed' && (
          <ActionButton
            allowance={allow('repair.accept', 'repair.accept', 'repair', 'accept')}
            onClick={() => setDeciding(true)}
          >
            {t('repair.decide')}
          </ActionButton>
        )}
      </div>
      {!can('repair.accept') && one.repair.state === 'proposed' && <p className="ht-quiet">{t('repair.consumer')}</p>}
      {deciding && <RepairForm reconciliation={one} onClose={() => setDeciding(false)} />}
    </div>
  )
}

interface RepairValues {
  decision: 'accept' | 'decline'
  opinion?: string
}

function RepairForm({ reconciliation: one, onClose }: { readonly reconciliation: Reconciliation; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(acceptRepair)
  const send = async (values: RepairValues) => {
    try {
      await act.run({ params: { id: one.id }, body: values }, one.version)
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <SideForm<RepairValues>
      open
      title={t('repair.title')}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ decision: 'accept' }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('repair.plan', { upserts: one.repair?.upserts ?? 0, deletes: one.repair?.deletes ?? 0 })}</p>
      <Form.Item name="decision" label={t('decision.label')}>
        <Radio.Group
          options={[
            { value: 'accept', label: t('repair.accept') },
            { value: 'decline', label: t('repair.decline') },
          ]}
        />
      </Form.Item>
      <Form.Item name="opinion" label={t('decision.opinion')}>
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </SideForm>
  )
}
