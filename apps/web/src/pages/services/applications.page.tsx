import { createApplication, listApplications, renewSecret, revokeApplication } from '@huitong/contract/gateway'
import { Alert, Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Mark, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { copyText } from '../../ui/save-file.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'

type Row = RowOf<typeof listApplications>
interface Shown {
  readonly appId: string
  readonly secret: string
}

export default function ApplicationsPage() {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [form, setForm] = useState<{ kind: 'make' } | { kind: 'renew' | 'revoke'; row: Row } | null>(null)
  const [shown, setShown] = useState<Shown | null>(null)
  const close = () => setForm(null)
  return (
    <>
      <PageHead
        title={t('rail.applications')}
        actions={
          can('service.credential') && (
            <ActionButton
              type="primary"
              allowance={allow('service.credential')}
              onClick={() => setForm({ kind: 'make' })}
            >
              {t('app.make')}
            </ActionButton>
          )
        }
      />
      <QueryTable
        endpoint={listApplications}
        columns={useColumns((kind, row) => setForm({ kind, row }))}
        rowKey={(row) => row.id}
        label={t('rail.applications')}
        empty={t('app.none')}
      />
      {form?.kind === 'make' && <MakeForm onClose={close} onMade={setShown} />}
      {form?.kind === 'renew' && <RenewForm row={form.row} onClose={close} onMade={setShown} />}
      {form?.kind === 'revoke' && <RevokeForm row={form.row} onClose={close} />}
      {shown && <SecretShown shown={shown} onClose={() => setShown(null)} />}
    </>
  )
}

function useColumns(act: (kind: 'renew' | 'revoke', row: Row) => void): Column<Row>[] {
  const { t, say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const actions: Column<Row> = {
    title: t('action.column'),
    key: 'actions',
    width: 190,
    render: (row) =>
      row.revokedAt === null && (
        <span className="ht-marks">
          {(['renew', 'revoke'] as const).map((kind) => (
            <ActionButton
              key={kind}
              size="small"
              allowance={allow('service.credential')}
              aria-label={`${t(`app.${kind}`)} ${row.name}`}
              onClick={() => act(kind, row)}
            >
              {t(`app.${kind}`)}
            </ActionButton>
          ))}
        </span>
      ),
  }
  return [
    {
      title: t('app.name_'),
      key: 'name',
      render: (row) => (
        <span className="ht-two">
          {row.name}
          <small className="ht-code">{row.appId}</small>
        </span>
      ),
    },
    { title: t('app.department'), key: 'department', width: 220, render: (row) => say(row.departmentName) },
    {
      title: t('app.state'),
      key: 'state',
      width: 110,
      render: (row) => (
        <Mark tone={row.revokedAt === null ? 'good' : 'idle'}>
          {t(row.revokedAt === null ? 'app.good' : 'app.revoked')}
        </Mark>
      ),
    },
    { title: t('app.createdBy'), key: 'by', width: 110, render: (row) => row.createdBy },
    { title: t('app.createdAt'), key: 'at', width: 190, render: (row) => <Moment at={row.createdAt} /> },
    { title: t('app.lastCall'), key: 'last', width: 190, render: (row) => <Moment at={row.lastCallAt} /> },
    ...(can('service.credential') ? [actions] : []),
  ]
}

interface FormProps {
  onClose(): void
  onMade(shown: Shown): void
}

function MakeForm({ onClose, onMade }: FormProps) {
  const { t } = useWords()
  const act = useAct(createApplication)
  const send = async ({ name }: { name: string }) => {
    const made = await act.run({ body: { name } }).catch(() => null)
    if (!made) return
    onClose()
    onMade({ appId: made.application.appId, secret: made.secret })
  }
  return (
    <SideForm<{ name: string }>
      open
      title={t('app.make')}
      submitLabel={t('app.make')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="name"
        label={t('app.name_')}
        rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('app.name_') }) }]}
      >
        <Input maxLength={128} autoFocus />
      </Form.Item>
    </SideForm>
  )
}

function RenewForm({ row, onClose, onMade }: FormProps & { readonly row: Row }) {
  const { t } = useWords()
  const act = useAct(renewSecret)
  const send = async () => {
    const made = await act.run({ params: { id: row.id } }, row.version).catch(() => null)
    if (!made) return
    onClose()
    onMade({ appId: row.appId, secret: made.secret })
  }
  return (
    <SideForm<object>
      open
      danger
      title={`${t('app.renew')} · ${row.name}`}
      submitLabel={t('app.renew')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={() => void send()}
    >
      <p>{t('app.renewHelp')}</p>
    </SideForm>
  )
}

function RevokeForm({ row, onClose }: { readonly row: Row; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(revokeApplication)
  const send = async ({ reason }: { reason: string }) => {
    const done = await act.run({ params: { id: row.id }, body: { reason } }, row.version).catch(() => null)
    if (!done) return
    toast.good(t('app.done'))
    onClose()
  }
  return (
    <SideForm<{ reason: string }>
      open
      danger
      title={`${t('app.revoke')} · ${row.name}`}
      submitLabel={t('app.revoke')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('app.revokeHelp')}</p>
      <Form.Item
        name="reason"
        label={t('service.reason')}
        rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('service.reason') }) }]}
      >
        <Input.TextArea rows={3} maxLength={500} showCount autoFocus />
      </Form.Item>
    </SideForm>
  )
}

function SecretShown({ shown, onClose }: { readonly shown: Shown; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const copy = async () => {
    if (await copyText(shown.secret)) toast.good(t('action.copied'))
  }
  return (
    <Modal
      open
      title={t('app.secretTitle')}
      onCancel={onClose}
      mask={{ closable: false }}
      footer={[
        <Button key="copy" onClick={() => void copy()}>
          {t('action.copy')}
        </Button>,
        <Button key="close" type="primary" onClick={onClose}>
          {t('action.close')}
        </Button>,
      ]}
    >
      <Alert type="warning" showIcon title={t('app.secretHelp')} />
      <dl className="ht-facts">
        <div className="ht-fact ht-fact-wide">
          <dt>{t('app.id')}</dt>
          <dd className="ht-code">{shown.appId}</dd>
        </div>
        <div className="ht-fact ht-fact-wide">
          <dt>{t('try.secret')}</dt>
          <dd className="ht-code">{shown.secret}</dd>
        </div>
      </dl>
    </Modal>
  )
}
