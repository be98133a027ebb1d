import { listGrants } from '@huitong/contract/catalogue'
import { openService, setServiceState } from '@huitong/contract/gateway'
import { Form, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Service } from './service.page.tsx'

/** What the data centre does with a service: opens it for a grant, stops and resumes it. */
export function ServiceActions({ service }: { readonly service: Service }) {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance(service.actions)
  const [form, setForm] = useState<'open' | 'state' | null>(null)
  if (!can('service.manage')) return null
  const runs = service.state === 'running'
  return (
    <>
      <ActionButton type="primary" allowance={allow('request.configure', 'open')} onClick={() => setForm('open')}>
        {t('service.open')}
      </ActionButton>
      <ActionButton allowance={allow('service.manage', runs ? 'stop' : 'resume')} onClick={() => setForm('state')}>
        {t(runs ? 'service.stop' : 'service.resume')}
      </ActionButton>
      {form === 'open' && <OpenForm service={service} onClose={() => setForm(null)} />}
      {form === 'state' && <StateForm service={service} onClose={() => setForm(null)} />}
    </>
  )
}

interface FormProps {
  readonly service: Service
  onClose(): void
}
interface OpenValues {
  grantId: string
  perSecondMax: number
  perDayMax: number
  totalMax?: number | null
}

function OpenForm({ service, onClose }: FormProps) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(openService)
  const grants = useRead(listGrants, { query: { limit: '200' } })
  const opened = new Set(service.openings.map((one) => one.grantId))
  const waiting = (grants.data?.items ?? []).filter(
    (one) =>
      one.datasetId === service.datasetId &&
      one.state !== 'revoked' &&
      one.state !== 'expired' &&
      !opened.has(one.id) &&
      (one.document as { method?: string }).method === 'service',
  )
  const send = async ({ totalMax, ...rest }: OpenValues) => {
    const body = totalMax ? { ...rest, totalMax: String(totalMax) } : rest
    const done = await act.run({ params: { id: service.id }, body }).catch(() => null)
    if (!done) return
    toast.good(t('service.opened'))
    onClose()
  }
  return (
    <SideForm<OpenValues>
      open
      title={t('service.open')}
      submitLabel={t('service.open')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ perSecondMax: 50, perDayMax: 100_000 }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="grantId"
        label={t('service.grant')}
        rules={[{ required: true, message: t('form.needed', { label: t('service.grant') }) }]}
      >
        <Select
          loading={grants.isFetching}
          notFoundContent={t('service.grantNone')}
          options={waiting.map((one) => ({
            value: one.id,
            label: `${one.number} · ${say(one.granteeDepartmentName)}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="perSecondMax" label={t('service.perSecond')}>
        <InputNumber min={1} max={10_000} precision={0} />
      </Form.Item>
      <Form.Item name="perDayMax" label={t('service.perDay')}>
        <InputNumber min={1} max={100_000_000} precision={0} />
      </Form.Item>
      <Form.Item name="totalMax" label={t('service.totalMax')} extra={t('service.totalMaxHelp')}>
        <InputNumber min={1} max={999_999_999_999} precision={0} />
      </Form.Item>
    </SideForm>
  )
}

function StateForm({ service, onClose }: FormProps) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(setServiceState)
  const stops = service.state === 'running'
  const send = async ({ reason }: { reason?: string }) => {
    const body = { state: stops ? ('stopped' as const) : ('running' as const), ...(reason ? { reason } : {}) }
    const done = await act.run({ params: { id: service.id }, body }, service.version).catch(() => null)
    if (!done) return
    toast.good(t('service.saved'))
    onClose()
  }
  return (
    <SideForm<{ reason?: string }>
      open
      title={t(stops ? 'service.stop' : 'service.resume')}
      submitLabel={t(stops ? 'service.stop' : 'service.resume')}
      danger={stops}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      {stops && <p>{t('service.stopHelp')}</p>}
      <Form.Item
        name="reason"
        label={t('service.reason')}
        rules={
          stops ? [{ required: true, whitespace: true, message: t('form.needed', { label: t('service.reason') }) }] : []
        }
      >
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </SideForm>
  )
}
