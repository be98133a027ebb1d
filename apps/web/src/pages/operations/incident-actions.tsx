import { acknowledgeIncident, assignIncident, closeIncident, noteIncident } from '@huitong/contract/operations'
import { Form, Input, Select } from 'antd'
import { useState } from 'react'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Incident } from './incident.page.tsx'

/** What whoever handles incidents can do with this one; the others see none of it. */
export function IncidentActions({ incident }: { readonly incident: Incident }) {
  const { t } = useWords()
  const can = useCan()
  const toast = useToast()
  const allow = useAllowance(incident.actions)
  const acknowledge = useAct(acknowledgeIncident)
  const [form, setForm] = useState<'assign' | 'note' | 'close' | null>(null)
  if (!can('incident.handle')) return null
  const take = () =>
    acknowledge.run({ params: { id: incident.id } }, incident.version).then(
      () => toast.good(t('incident.acknowledged')),
      () => undefined,
    )
  const close = () => setForm(null)
  return (
    <>
      <ActionButton
        type="primary"
        allowance={allow('incident.handle', 'acknowledge')}
        loading={acknowledge.busy}
        onClick={() => void take()}
      >
        {t('incident.acknowledge')}
      </ActionButton>
      <ActionButton allowance={allow('incident.handle', 'assign')} onClick={() => setForm('assign')}>
        {t('incident.assign')}
      </ActionButton>
      <ActionButton allowance={allow('incident.handle', 'note')} onClick={() => setForm('note')}>
        {t('incident.note')}
      </ActionButton>
      <ActionButton allowance={allow('incident.handle', 'close')} onClick={() => setForm('close')}>
        {t('incident.close')}
      </ActionButton>
      {acknowledge.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={acknowledge.problem} />
        </div>
      )}
      {form === 'assign' && <AssignForm incident={incident} onClose={close} />}
      {form === 'note' && <NoteForm incident={incident} onClose={close} />}
      {form === 'close' && <CloseForm incident={incident} onClose={close} />}
    </>
  )
}

/** Says what was done and closes the form. */
function useDone(onClose: () => void): (said: string) => void {
  const toast = useToast()
  return (said) => {
    toast.good(said)
    onClose()
  }
}

interface FormProps {
  readonly incident: Incident
  onClose(): void
}

function AssignForm({ incident, onClose }: FormProps) {
  const { t } = useWords()
  const done = useDone(onClose)
  const act = useAct(assignIncident)
  const send = async ({ personId }: { personId: string }) => {
    const reply = await act.run({ params: { id: incident.id }, body: { personId } }, incident.version).catch(() => null)
    if (reply) done(t('incident.assigned'))
  }
  return (
    <SideForm<{ personId: string }>
      open
      title={t('incident.assign')}
      submitLabel={t('incident.assign')}
      busy={act.busy}
      problem={act.problem}
      {...(incident.assignee ? { initialValues: { personId: incident.assignee.id } } : {})}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="personId"
        label={t('incident.person')}
        rules={[{ required: true, message: t('incident.pickPerson') }]}
      >
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('incident.pickPerson')}
          options={incident.candidates.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Form.Item>
    </SideForm>
  )
}

function NoteForm({ incident, onClose }: FormProps) {
  const { t } = useWords()
  const done = useDone(onClose)
  const act = useAct(noteIncident)
  const send = async ({ content }: { content: string }) => {
    const reply = await act.run({ params: { id: incident.id }, body: { content } }).catch(() => null)
    if (reply) done(t('incident.noted'))
  }
  return (
    <SideForm<{ content: string }>
      open
      title={t('incident.note')}
      submitLabel={t('incident.note')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('incident.noteHelp')}</p>
      <Form.Item
        name="content"
        label={t('incident.noteContent')}
        rules={[{ required: true, whitespace: true, message: t('incident.needed') }]}
      >
        <Input.TextArea rows={5} maxLength={2000} showCount autoFocus />
      </Form.Item>
    </SideForm>
  )
}

function CloseForm({ incident, onClose }: FormProps) {
  const { t } = useWords()
  const done = useDone(onClose)
  const act = useAct(closeIncident)
  const send = async ({ reason }: { reason: string }) => {
    const reply = await act.run({ params: { id: incident.id }, body: { reason } }, incident.version).catch(() => null)
    if (reply) done(t('incident.closed'))
  }
  return (
    <SideForm<{ reason: string }>
      open
      danger
      title={t('incident.close')}
      submitLabel={t('incident.close')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('incident.closeHelp')}</p>
      <Form.Item
        name="reason"
        label={t('incident.closeReason')}
        rules={[{ required: true, whitespace: true, min: 2, message: t('incident.needed') }]}
      >
        <Input.TextArea rows={4} maxLength={2000} showCount autoFocus />
      </Form.Item>
    </SideForm>
  )
}
