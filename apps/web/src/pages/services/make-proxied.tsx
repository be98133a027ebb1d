import { listDatasets, readDataset } from '@huitong/contract/catalogue'
import { createProxiedService } from '@huitong/contract/gateway'
import { listNodes } from '@huitong/contract/nodes'
import { Form, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { useAct, useRead } from '../../api.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { PROXIED } from './proxied-words.ts'
import { bodyOfDesign, schemaProblem, type Design, type DesignOperation } from './design.ts'
import { OperationFields } from './operation-fields.tsx'

const LIMIT = '200'
const EXAMPLE = JSON.stringify(
  { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
  null,
  2,
)
/** What a new operation begins with; its other fields are empty until somebody fills them. */
const FIRST = { method: 'GET' as const, parameters: [], cacheSeconds: 0, reply: EXAMPLE }

/** Puts a department's own HTTP service behind the gateway: where it is, and what may be asked of it. */
export function MakeProxied({ onClose }: { onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(createProxiedService)
  const [form] = Form.useForm<Design>()
  const datasetId = Form.useWatch('datasetId', form)
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  const send = async (design: Design) => {
    const made = await act.run({ body: bodyOfDesign(design) }).catch(() => null)
    if (!made) return
    toast.good(t('service.made'))
    onClose()
  }
  return (
    <SideForm<Design>
      open
      form={form}
      width={720}
      title={t('service.makeProxied')}
      submitLabel={t('service.makeProxied')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ timeoutMs: 5_000, replyKiB: 512, operations: [FIRST as unknown as DesignOperation] }}
      onClose={onClose}
      onSubmit={(design) => void send(design)}
    >
      <p className="ht-quiet">{say(PROXIED['service.proxiedHelp'])}</p>
      <DatasetField />
      <Form.Item name="name" label={t('service.name')} rules={needed(t('service.name'))}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item
        name="code"
        label={t('service.code')}
        extra={t('service.codeHelp')}
        rules={[
          ...needed(t('service.code')),
          { pattern: /^[a-z][a-z0-9-]{2,62}$/, message: t('form.format', { label: t('service.code') }) },
        ]}
      >
        <Input maxLength={63} spellCheck={false} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="baseUrl"
        label={t('service.baseUrl')}
        extra={say(PROXIED['service.baseUrlHelp'])}
        rules={[
          ...needed(t('service.baseUrl')),
          { pattern: /^https?:\/\/[^\s?#]+$/, message: t('form.format', { label: t('service.baseUrl') }) },
        ]}
      >
        <Input maxLength={500} spellCheck={false} autoComplete="off" placeholder="https://10.1.2.3:8443/api" />
      </Form.Item>
      <NodeField datasetId={datasetId} />
      <Form.Item
        name="timeoutMs"
        label={say(PROXIED['service.timeoutMs'])}
        rules={needed(say(PROXIED['service.timeoutMs']))}
      >
        <InputNumber min={100} max={30_000} precision={0} />
      </Form.Item>
      <Form.Item
        name="replyKiB"
        label={say(PROXIED['service.replyKiB'])}
        rules={needed(say(PROXIED['service.replyKiB']))}
      >
        <InputNumber min={1} max={5_120} precision={0} />
      </Form.Item>
      <Form.Item
        name="credentialHeader"
        label={say(PROXIED['service.credentialHeader'])}
        extra={say(PROXIED['service.credentialHelp'])}
      >
        <Input maxLength={63} spellCheck={false} autoComplete="off" placeholder="X-Api-Key" />
      </Form.Item>
      <Form.Item
        name="credentialValue"
        label={say(PROXIED['service.credentialValue'])}
        dependencies={['credentialHeader']}
      >
        <Input.Password maxLength={2_000} autoComplete="new-password" />
      </Form.Item>
      <OperationFields items={useItems(datasetId)} first={FIRST} problemOf={(text) => schemaProblem(text)} />
      <p className="ht-quiet">{t('service.closedHelp', { example: 'type, properties, items, enum, maxLength' })}</p>
    </SideForm>
  )
}

function DatasetField() {
  const { t, say } = useWords()
  const [q, setQ] = useState('')
  const read = useRead(
    listDatasets,
    { query: { limit: LIMIT, state: 'published', ...(q ? { q } : {}) } },
    { keep: true },
  )
  return (
    <Form.Item
      name="datasetId"
      label={t('service.dataset')}
      rules={[{ required: true, message: t('form.needed', { label: t('service.dataset') }) }]}
    >
      <Select
        loading={read.isFetching}
        showSearch={{ filterOption: false, onSearch: setQ }}
        options={(read.data?.items ?? []).map((one) => ({
          value: one.id,
          label: `${say(one.name)} · ${say(one.departmentName)}`,
        }))}
      />
    </Form.Item>
  )
}

/** The nodes of the department whose data it is. */
function NodeField({ datasetId }: { readonly datasetId: string | undefined }) {
  const { say } = useWords()
  const nodes = useRead(listNodes, { query: { limit: LIMIT } })
  const dataset = useRead(readDataset, { params: { id: datasetId ?? '' } }, { enabled: datasetId !== undefined })
  const own = (nodes.data?.items ?? []).filter((one) => one.departmentId === dataset.data?.departmentId)
  return (
    <Form.Item name="nodeId" label={say(PROXIED['service.viaNode'])} extra={say(PROXIED['service.viaNodeHelp'])}>
      <Select
        allowClear
        loading={nodes.isFetching}
        placeholder={say(PROXIED['service.direct'])}
        options={own.map((one) => ({ value: one.id, label: say(one.name) }))}
      />
    </Form.Item>
  )
}

function useItems(datasetId: string | undefined): { value: string; label: string }[] {
  const { say } = useWords()
  const read = useRead(readDataset, { params: { id: datasetId ?? '' } }, { enabled: datasetId !== undefined })
  return (read.data?.content.items ?? []).map((one) => ({ value: one.code, label: `${say(one.name)} ${one.code}` }))
}
