import { planReconciliation } from '@huitong/contract/exchange'
import { Checkbox, Form, InputNumber } from 'antd'
import { useState } from 'react'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'

interface Values {
  afterCopy: boolean
  everyHours: number | null
}

/** When a task is compared by itself, and a form to say so. */
export function ReconcilePlanBar({ channel }: { readonly channel: Channel }) {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance(channel.actions)
  const [setting, setSetting] = useState(false)
  const { afterCopy, everyHours } = channel.reconcilePlan
  const times = [
    ...(afterCopy ? [t('reconcilePlan.afterCopy')] : []),
    ...(everyHours === null ? [] : [t('reconcilePlan.every', { hours: everyHours })]),
  ]
  return (
    <div className="ht-bar">
      {can('reconciliation.run') && (
        <ActionButton allowance={allow('reconciliation.run', 'plan')} onClick={() => setSetting(true)}>
          {t('reconcilePlan.title')}
        </ActionButton>
      )}
      <span className="ht-quiet">
        {times.length === 0 ? t('reconcilePlan.none') : times.join(t('reconcilePlan.and'))}
      </span>
      {setting && <PlanForm channel={channel} onClose={() => setSetting(false)} />}
    </div>
  )
}

function PlanForm({ channel, onClose }: { readonly channel: Channel; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(planReconciliation)
  const send = async ({ afterCopy, everyHours }: Values) => {
    try {
      const body = { afterCopy: afterCopy ?? false, everyHours: everyHours ?? null }
      await act.run({ params: { id: channel.id }, body }, channel.version)
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <SideForm<Values>
      open
      title={t('reconcilePlan.title')}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      initialValues={channel.reconcilePlan}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('reconcilePlan.help')}</p>
      <Form.Item name="afterCopy" valuePropName="checked">
        <Checkbox>{t('reconcilePlan.afterCopy')}</Checkbox>
      </Form.Item>
      <Form.Item name="everyHours" label={t('reconcilePlan.everyHours')} extra={t('reconcilePlan.everyHelp')}>
        <InputNumber min={1} max={8_760} precision={0} />
      </Form.Item>
    </SideForm>
  )
}
