import type { ReplyOf } from '@huitong/contract'
import { giveConsent, listConsents } from '@huitong/contract/nodes'
import { Form, Input } from 'antd'
import { useState, type ChangeEvent } from 'react'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { CONSENT } from './consent-words.ts'

interface Picked {
  readonly name: string
  readonly content: string
}
interface Values {
  number: string
  signedBy: string
  validFrom: string
  validUntil: string
  content: Picked
}
type Consent = ReplyOf<typeof listConsents>['items'][number]
interface Source {
  readonly id: string
  readonly name: { zh: string; en?: string }
}

/** The written consents of a business database, and a form to register another. */
export function ConsentButton({ source }: { readonly source: Source }) {
  const { say } = useWords()
  const allow = useAllowance()
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <ActionButton
        size="small"
        allowance={allow('node.manage')}
        aria-label={`${say(CONSENT.title)} ${say(source.name)}`}
        onClick={() => setIsOpen(true)}
      >
        {say(CONSENT.title)}
      </ActionButton>
      {isOpen && <ConsentForm source={source} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function ConsentForm({ source, onClose }: { readonly source: Source; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const params = { id: source.id }
  const read = useRead(listConsents, { params })
  const act = useAct(giveConsent)
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  const send = async ({ content, ...rest }: Values) => {
    try {
      await act.run({ params, body: { ...rest, fileName: content.name, content: content.content } })
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the form.
    }
  }
  return (
    <SideForm<Values>
      open
      width={720}
      title={`${say(CONSENT.title)} · ${say(source.name)}`}
      submitLabel={say(CONSENT.register)}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Consents items={read.data?.items ?? []} />
      <p className="ht-quiet">{say(CONSENT.help)}</p>
      <Form.Item name="number" label={say(CONSENT.number)} rules={needed(say(CONSENT.number))}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name="signedBy" label={say(CONSENT.signedBy)} rules={needed(say(CONSENT.signedBy))}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="validFrom" label={say(CONSENT.validFrom)} rules={needed(say(CONSENT.validFrom))}>
        <DayField />
      </Form.Item>
      <Form.Item name="validUntil" label={say(CONSENT.validUntil)} rules={needed(say(CONSENT.validUntil))}>
        <DayField />
      </Form.Item>
      <Form.Item name="content" label={say(CONSENT.file)} rules={needed(say(CONSENT.file))}>
        <FileField />
      </Form.Item>
    </SideForm>
  )
}

function Consents({ items }: { readonly items: readonly Consent[] }) {
  const { say } = useWords()
  const columns: Column<Consent>[] = [
    { title: say(CONSENT.number), key: 'number', render: (row) => row.number },
    { title: say(CONSENT.signedBy), key: 'by', render: (row) => row.signedBy },
    { title: say(CONSENT.validUntil), key: 'until', render: (row) => row.validUntil },
    { title: say(CONSENT.state), key: 'state', render: (row) => say(row.inForce ? CONSENT.inForce : CONSENT.over) },
  ]
  return (
    <PlainTable
      label={say(CONSENT.title)}
      columns={columns}
      rows={items}
      rowKey={(row) => row.id}
      empty={say(CONSENT.none)}
    />
  )
}

interface FileFieldProps {
  readonly id?: string
  readonly onChange?: (value: Picked | undefined) => void
}

/** One file, read as base64. */
function FileField({ id, onChange }: FileFieldProps) {
  const pick = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0]
    if (!file) return onChange?.(undefined)
    const url = await new Promise<string>((resolve, reject) => {
      const reader = new FileReader()
      reader.addEventListener('load', () => resolve(String(reader.result)))
      reader.addEventListener('error', () => reject(reader.error ?? new Error('the file cannot be read')))
      reader.readAsDataURL(file)
    })
    onChange?.({ name: file.name, content: url.slice(url.indexOf(',') + 1) })
  }
  return <input id={id} type="file" accept=".pdf,.png,.jpg,.jpeg" onChange={(event) => void pick(event)} />
}
