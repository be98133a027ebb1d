import { readColumns, setMapping } from '@huitong/contract/exchange'
import { Form, type FormInstance } from 'antd'
import { useState } from 'react'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'
import { MappingRows } from './mapping-fields.tsx'
import { MAPPING } from './mapping-words.ts'
import { mappingOf, rowsOfColumns, type MappingRow } from './mapping.ts'

interface Values {
  mapping: MappingRow[]
}

/** Changes codes and constants of a task that stands still. */
export default function MappingPanel({ channel }: { readonly channel: Channel }) {
  const { say } = useWords()
  const can = useCan()
  const allow = useAllowance(channel.actions)
  const [isOpen, setIsOpen] = useState(false)
  if (!can('request.configure')) return null
  return (
    <>
      <ActionButton allowance={allow('request.configure', 'mapping')} onClick={() => setIsOpen(true)}>
        {say(MAPPING.change)}
      </ActionButton>
      {isOpen && <MappingForm channel={channel} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function MappingForm({ channel, onClose }: { readonly channel: Channel; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const [form] = Form.useForm<Values>()
  const act = useAct(setMapping)
  const rows = Form.useWatch('mapping', form as FormInstance<Values>)
  const read = useRead(readColumns, { params: { id: channel.grantId } })
  const send = async ({ mapping }: Values) => {
    try {
      await act.run({ params: { id: channel.id }, body: { mapping: mappingOf(mapping) } }, channel.version)
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the form.
    }
  }
  return (
    <SideForm<Values>
      open
      width={640}
      title={say(MAPPING.change)}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      form={form}
      initialValues={{ mapping: rowsOfColumns(channel.columns) }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p className="ht-quiet">{say(MAPPING.changeHelp)}</p>
      <MappingRows fixed rows={rows ?? rowsOfColumns(channel.columns)} offered={read.data?.columns ?? []} />
    </SideForm>
  )
}
