import { changeOpening, releaseOpening } from '@huitong/contract/gateway'
import { Form, Input, InputNumber } from 'antd'
import { useAct } from '../../api.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Service } from './service.page.tsx'

type Opening = Service['openings'][number]

/** Lets an opening run again that the platform suspended: the word of whose data it is. */
export function ReleaseOpening({ opening, onClose }: { readonly opening: Opening; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(releaseOpening)
  const send = async ({ reason }: { reason: string }) => {
    const done = await act.run({ params: { id: opening.id }, body: { reason } }, opening.version).catch(() => null)
    if (!done) return
    toast.good(t('service.saved'))
    onClose()
  }
  return (
    <SideForm<{ reason: string }>
      open
      title={`${t('service.release')} · ${opening.grantNumber}`}
      submitLabel={t('service.release')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      {opening.suspension?.seen && <p>{say(opening.suspension.seen)}</p>}
      <p>{t('service.releaseHelp')}</p>
      <Form.Item
        name="reason"
        label={t('service.releaseReason')}
        rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('service.releaseReason') }) }]}
      >
        <Input.TextArea rows={3} maxLength={500} showCount autoFocus />
      </Form.Item>
    </SideForm>
  )
}

interface Values {
  perSecondMax: number
  perDayMax: number
  reason?: string
}

/** Quotas, and suspending or resuming by a person. */
export function ChangeOpening({ opening, onClose }: { readonly opening: Opening; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(changeOpening)
  const resumes = opening.state === 'suspended'
  const send = async ({ perSecondMax, perDayMax, reason }: Values) => {
    const body = {
      suspended: !resumes,
      perSecondMax,
      perDayMax,
      ...(reason ? { reason } : {}),
      ...(opening.totalMax === null ? {} : { totalMax: opening.totalMax }),
    }
    const done = await act.run({ params: { id: opening.id }, body }, opening.version).catch(() => null)
    if (!done) return
    toast.good(t('service.saved'))
    onClose()
  }
  return (
    <SideForm<Values>
      open
      title={`${t(resumes ? 'service.resume' : 'service.suspend')} · ${opening.grantNumber}`}
      submitLabel={t(resumes ? 'service.resume' : 'service.suspend')}
      danger={!resumes}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ perSecondMax: opening.perSecondMax, perDayMax: opening.perDayMax }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name="perSecondMax" label={t('service.perSecond')}>
        <InputNumber min={1} max={10_000} precision={0} />
      </Form.Item>
      <Form.Item name="perDayMax" label={t('service.perDay')}>
        <InputNumber min={1} max={100_000_000} precision={0} />
      </Form.Item>
      {!resumes && (
        <Form.Item
          name="reason"
          label={t('service.reason')}
          rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('service.reason') }) }]}
        >
          <Input.TextArea rows={3} maxLength={500} showCount />
        </Form.Item>
      )}
    </SideForm>
  )
}
