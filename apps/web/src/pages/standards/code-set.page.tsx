import { addCodeSetVersion, readCodeSet } from '@huitong/contract/data-standards'
import type { ReplyOf } from '@huitong/contract'
import { Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useFilter } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { useCan } from '../../session.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Exact, Mark, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { codesOf, linesOf } from './code-lines.ts'
import { CodesField } from './codes-field.tsx'
import { STANDARDS } from './standards-words.ts'

type Detail = ReplyOf<typeof readCodeSet>

export default function CodeSetPage() {
  const { id = '' } = useParams()
  const [label] = useFilter('label')
  const read = useRead(readCodeSet, { params: { id }, query: label ? { label } : {} }, { keep: true })
  return <Reading read={read}>{(set) => <Shown set={set} />}</Reading>
}

function Shown({ set }: { readonly set: Detail }) {
  const { say } = useWords()
  const can = useCan()
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <PageHead
        title={say(set.name)}
        code={set.code}
        state={
          <Mark tone={set.national ? 'good' : 'idle'}>{say(set.national ? STANDARDS.national : STANDARDS.own)}</Mark>
        }
        actions={
          can('standard.manage') &&
          !set.national && (
            <Button type="primary" onClick={() => setIsOpen(true)}>
              {say(STANDARDS.addVersion)}
            </Button>
          )
        }
      />
      <Facts
        facts={[
          { label: say(STANDARDS.source), value: set.source, wide: true },
          { label: say(STANDARDS.version), value: set.label },
          { label: say(STANDARDS.count), value: <Exact value={set.count} /> },
        ]}
      />
      <Section title={say(STANDARDS.codes)} extra={<PickVersion set={set} />}>
        <Codes set={set} />
      </Section>
      {isOpen && <AddVersion set={set} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function PickVersion({ set }: { readonly set: Detail }) {
  const { say } = useWords()
  const [, setLabel] = useFilter('label')
  return (
    <span className="ht-filters">
      <Select
        aria-label={say(STANDARDS.version)}
        style={{ minWidth: 200 }}
        value={set.shown}
        onChange={(label: string) => setLabel(label === set.label ? undefined : label)}
        options={set.versions.map((one) => ({
          value: one.label,
          label: one.validFrom ? `${one.label} (${one.validFrom})` : one.label,
        }))}
      />
      <Moment at={set.versions.find((one) => one.label === set.shown)?.addedAt ?? null} />
    </span>
  )
}

function Codes({ set }: { readonly set: Detail }) {
  const { say } = useWords()
  const columns: Column<Detail['codes'][number]>[] = [
    {
      title: say(STANDARDS.code),
      key: 'code',
      width: 160,
      render: (row) => <span className="ht-code">{row.code}</span>,
    },
    { title: say(STANDARDS.meaning), key: 'name', render: (row) => row.name },
  ]
  return (
    <ListTable
      label={say(STANDARDS.codes)}
      columns={columns}
      rows={set.codes}
      rowKey={(row) => row.code}
      loading={false}
      empty={say(STANDARDS.none)}
    />
  )
}

interface Values {
  label: string
  validFrom?: string
  codes: string
}

function AddVersion({ set, onClose }: { readonly set: Detail; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(addCodeSetVersion)
  const send = async ({ label, validFrom, codes }: Values) => {
    const body = { label, ...(validFrom ? { validFrom } : {}), codes: codesOf(codes).codes }
    const made = await act.run({ params: { id: set.id }, body }, set.version).catch(() => null)
    if (!made) return
    toast.good(t('action.saved'))
    onClose()
  }
  return (
    <SideForm<Values>
      open
      width={560}
      title={say(STANDARDS.addVersion)}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ codes: linesOf(set.codes) }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="label"
        label={say(STANDARDS.version)}
        rules={[{ required: true, message: t('form.needed', { label: say(STANDARDS.version) }) }]}
      >
        <Input maxLength={32} spellCheck={false} autoFocus />
      </Form.Item>
      <Form.Item name="validFrom" label={say(STANDARDS.validFrom)}>
        <DayField />
      </Form.Item>
      <CodesField />
    </SideForm>
  )
}
