import {
  createDataElement,
  listCodeSets,
  readCodeSet,
  readDataElement,
  updateDataElement,
} from '@huitong/contract/data-standards'
import type { ReplyOf } from '@huitong/contract'
import { Form, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { paths } from '../../paths.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { elementOf, valuesOf, type ElementValues } from './element-values.ts'
import { STANDARDS } from './standards-words.ts'

const TYPES = ['text', 'integer', 'decimal', 'date', 'datetime', 'boolean'] as const
const CHECKS = ['id_number', 'credit_code', 'organisation_code'] as const

export function NewElement({ onClose }: { onClose(): void }) {
  const { t, say } = useWords()
  const navigate = useNavigate()
  const act = useAct(createDataElement)
  const send = async (values: ElementValues) => {
    const body = { identifier: values.identifier!, content: elementOf(values) }
    const made = await act.run({ body }).catch(() => null)
    if (made) void navigate(paths.dataElement(made.id))
  }
  const label = say(STANDARDS.identifier)
  return (
    <SideForm<ElementValues>
      open
      width={600}
      title={say(STANDARDS.newElement)}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ type: 'text' }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="identifier"
        label={label}
        extra={say(STANDARDS.identifierFormat)}
        rules={[{ required: true, pattern: /^[0-9A-Za-z][0-9A-Za-z._-]*$/, message: t('form.format', { label }) }]}
      >
        <Input maxLength={32} spellCheck={false} autoFocus />
      </Form.Item>
      <ElementFields />
    </SideForm>
  )
}

export function ReviseElement({
  element,
  onClose,
}: {
  readonly element: ReplyOf<typeof readDataElement>
  onClose(): void
}) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(updateDataElement)
  const send = async (values: ElementValues) => {
    const body = { content: elementOf(values), state: element.state }
    const made = await act.run({ params: { id: element.id }, body }, element.version).catch(() => null)
    if (!made) return
    toast.good(t('action.saved'))
    onClose()
  }
  return (
    <SideForm<ElementValues>
      open
      width={600}
      title={say(STANDARDS.revise)}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={valuesOf(element.content)}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <ElementFields />
    </SideForm>
  )
}

function ElementFields() {
  const { t, say } = useWords()
  const needed = (label: string) => [{ required: true, whitespace: true, message: t('form.needed', { label }) }]
  const plain = (name: 'objectClass' | 'property' | 'representation' | 'unit' | 'submitter') => (
    <Form.Item name={name} label={say(STANDARDS[name])}>
      <Input maxLength={name === 'submitter' ? 128 : name === 'unit' ? 32 : 64} />
    </Form.Item>
  )
  return (
    <>
      <Form.Item name={['name', 'zh']} label={say(STANDARDS.name)} rules={needed(say(STANDARDS.name))}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={say(STANDARDS.english)}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name="definition" label={say(STANDARDS.definition)} rules={needed(say(STANDARDS.definition))}>
        <Input.TextArea rows={2} maxLength={1000} />
      </Form.Item>
      <ValueDomain />
      <Form.Item name="source" label={say(STANDARDS.source)} rules={needed(say(STANDARDS.source))}>
        <Input maxLength={300} />
      </Form.Item>
      <Form.Item name="synonyms" label={say(STANDARDS.synonyms)}>
        <Input maxLength={400} />
      </Form.Item>
      {plain('objectClass')}
      {plain('property')}
      {plain('representation')}
      {plain('unit')}
      {plain('submitter')}
    </>
  )
}

/** 值域: type, sizes, code set and check of the values. Fields that a type has not are not shown. */
function ValueDomain() {
  const { say } = useWords()
  const type = Form.useWatch<string | undefined>('type')
  const size = (name: 'minLength' | 'maxLength' | 'digits' | 'scale', max: number) => (
    <Form.Item name={name} label={say(STANDARDS[name])}>
      <InputNumber min={0} max={max} precision={0} />
    </Form.Item>
  )
  return (
    <>
      <Form.Item name="type" label={say(STANDARDS.type)}>
        <Select options={TYPES.map((value) => ({ value, label: say(STANDARDS[value]) }))} />
      </Form.Item>
      {type === 'text' && size('minLength', 1_000_000)}
      {type === 'text' && size('maxLength', 1_000_000)}
      {(type === 'integer' || type === 'decimal') && size('digits', 38)}
      {type === 'decimal' && size('scale', 10)}
      {(type === 'text' || type === 'integer') && <CodeSetFields />}
      {type === 'text' && (
        <Form.Item name="check" label={say(STANDARDS.check)}>
          <Select allowClear options={CHECKS.map((value) => ({ value, label: say(STANDARDS[value]) }))} />
        </Form.Item>
      )}
    </>
  )
}

function CodeSetFields() {
  const { t, say } = useWords()
  const form = Form.useFormInstance()
  const id = Form.useWatch<string | undefined>('codeSetId')
  const set = useRead(readCodeSet, { params: { id: id ?? '' }, query: {} }, { enabled: id !== undefined })
  return (
    <>
      <Form.Item name="codeSetId" label={say(STANDARDS.codeSet)}>
        <CodeSetSelect onPick={(label) => form.setFieldValue('codeSetLabel', label)} />
      </Form.Item>
      {id && (
        <Form.Item
          name="codeSetLabel"
          label={say(STANDARDS.codeSetVersion)}
          rules={[{ required: true, message: t('form.needed', { label: say(STANDARDS.codeSetVersion) }) }]}
        >
          <Select options={(set.data?.versions ?? []).map((one) => ({ value: one.label, label: one.label }))} />
        </Form.Item>
      )}
    </>
  )
}

interface CodeSetSelectProps {
  readonly id?: string
  readonly value?: string
  readonly onChange?: (value: string | undefined) => void
  /** The newest version of what was picked. */
  readonly onPick: (label: string | undefined) => void
}

/** Picks a code set by code or name. */
export function CodeSetSelect({ value, onChange, onPick, ...rest }: CodeSetSelectProps) {
  const { say } = useWords()
  const [q, setQ] = useState('')
  const read = useRead(listCodeSets, { query: { limit: '100', ...(q ? { q } : {}) } }, { keep: true })
  const items = read.data?.items ?? []
  return (
    <Select
      {...rest}
      allowClear
      {...(value === undefined ? {} : { value })}
      onChange={(picked: string | undefined) => {
        onChange?.(picked)
        onPick(items.find((one) => one.id === picked)?.label)
      }}
      showSearch={{ filterOption: false, onSearch: setQ }}
      loading={read.isFetching}
      options={items.map((one) => ({ value: one.id, label: `${one.code} ${say(one.name)}` }))}
    />
  )
}
