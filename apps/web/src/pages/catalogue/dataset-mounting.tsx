import { draftFromTable, mountDataset } from '@huitong/contract/curation'
import { listTables } from '@huitong/contract/nodes'
import { Button, Form, Select, type FormInstance } from 'antd'
import { useState } from 'react'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { SourceSelect, TableSelect } from '../../parts/selects.tsx'
import { useCan, useSession } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count } from '../../ui/marks.tsx'
import { Facts, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Dataset } from './dataset.page.tsx'
import { FrontMarks } from './front-marks.tsx'
import { FrontTableForm } from './front-table.tsx'
import { suggestMapping } from './mapping.ts'

type Distribution = Dataset['distributions'][number]

/** Where the data of a dataset really are, field by field. */
export function DatasetMounting({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useWords()
  const can = useCan()
  const { person } = useSession()
  const allow = useAllowance(dataset.actions)
  const [mounting, setMounting] = useState(false)
  const [scripting, setScripting] = useState(false)
  const own = person.departmentId === dataset.departmentId
  return (
    <>
      {can('dataset.mount') && own && (
        <div className="ht-bar">
          <ActionButton
            allowance={allow('dataset.mount', 'mount', 'distribution.mount')}
            onClick={() => setMounting(true)}
          >
            {t(dataset.distributions.length > 0 ? 'mounting.again' : 'mounting.start')}
          </ActionButton>
          <Button onClick={() => setScripting(true)}>{t('frontTable.title')}</Button>
        </div>
      )}
      {dataset.distributions.length === 0 && <p className="ht-empty">{t('mounting.none')}</p>}
      {dataset.distributions.map((distribution) => (
        <Mounted key={distribution.id} dataset={dataset} distribution={distribution} />
      ))}
      {can('dataset.mount') && own && dataset.distributions.some(({ convention }) => convention?.mark) && (
        <FrontMarks datasetId={dataset.id} />
      )}
      {mounting && <MountForm dataset={dataset} onClose={() => setMounting(false)} />}
      {scripting && <FrontTableForm dataset={dataset} onClose={() => setScripting(false)} />}
    </>
  )
}

function Mounted({ dataset, distribution }: { readonly dataset: Dataset; readonly distribution: Distribution }) {
  const { t, say, choice } = useWords()
  const names = new Map((dataset.content.items ?? []).map((item) => [item.code, say(item.name)]))
  const columns: Column<Distribution['mapping'][number]>[] = [
    { title: t('item.name'), key: 'name', render: (row) => names.get(row.item) ?? row.item },
    { title: t('item.code'), key: 'item', render: (row) => <code>{row.item}</code> },
    { title: t('mounting.field'), key: 'field', render: (row) => <code>{row.field}</code> },
    { title: t('mounting.fieldType'), key: 'type', render: (row) => <code>{row.type}</code> },
  ]
  return (
    <Section title={`${choice('method', distribution.kind)} · ${say(distribution.sourceName)}`}>
      <Facts
        facts={[
          { label: t('mounting.table'), value: <code>{`${distribution.schema}.${distribution.table}`}</code> },
          { label: t('mounting.key'), value: distribution.key.join(', ') || t('mounting.noKey') },
          { label: t('mounting.rows'), value: <Count value={distribution.rowEstimate} /> },
          { label: t('mounting.convention'), value: <Convention of={distribution.convention} /> },
        ]}
      />
      <ListTable
        label={t('dataset.mounting')}
        columns={columns}
        rows={distribution.mapping}
        rowKey={(row) => row.item}
        loading={false}
        empty={t('mounting.none')}
      />
    </Section>
  )
}

function Convention({ of }: { readonly of: Distribution['convention'] }) {
  const { t } = useWords()
  if (of === null) return t('mounting.noConvention')
  const names = [of.operation, of.updatedAt, of.batch, of.mark].filter(Boolean)
  return names.length === 0 ? t('mounting.hasConvention') : <code>{names.join(', ')}</code>
}

interface Values {
  sourceId: string
  tableId: string
  fields: Record<string, string | undefined>
  convention?: { operation?: string | null; updatedAt?: string | null; batch?: string | null; mark?: string | null }
}

function MountForm({ dataset, onClose }: { readonly dataset: Dataset; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const [form] = Form.useForm<Values>()
  const act = useAct(mountDataset)
  const send = async ({ tableId, fields, convention: given }: Values) => {
    const mapping = Object.entries(fields ?? {}).flatMap(([item, field]) => (field ? [{ item, field }] : []))
    if (mapping.length === 0) {
      form.setFields([{ name: 'tableId', errors: [t('mounting.nothingMapped')] }])
      return
    }
    const { operation, updatedAt, batch, mark } = given ?? {}
    if (!updatedAt && (operation || batch || mark)) {
      form.setFields([{ name: ['convention', 'updatedAt'], errors: [t('mounting.updatedAtNeeded')] }])
      return
    }
    const convention = updatedAt
      ? { operation: operation ?? null, updatedAt, batch: batch ?? null, mark: mark ?? null }
      : null
    try {
      await act.run({ params: { id: dataset.id }, body: { tableId, mapping, convention } })
      toast.good(t('mounting.done'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <SideForm<Values>
      open
      form={form}
      width={640}
      title={t('dataset.mounting')}
      submitLabel={t('mounting.save')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name="sourceId" label={t('source.label')} rules={[{ required: true, message: t('source.pick') }]}>
        <SourceSelect departmentId={dataset.departmentId} usage="provide" />
      </Form.Item>
      <MappingFields dataset={dataset} form={form} />
    </SideForm>
  )
}

function MappingFields({ dataset, form }: { readonly dataset: Dataset; readonly form: FormInstance<Values> }) {
  const { t, say } = useWords()
  const sourceId = Form.useWatch('sourceId', form)
  const tableId = Form.useWatch('tableId', form)
  const tables = useRead(
    listTables,
    { params: { id: sourceId ?? '' }, query: { limit: '200' } },
    { enabled: sourceId !== undefined },
  )
  const suggest = useAct(draftFromTable)
  const items = dataset.content.items ?? []
  const tableOf = (id: string | undefined) => tables.data?.items.find((table) => table.id === id)
  const fields = tableOf(tableId)?.fields ?? []
  const choose = (id: string | undefined) => {
    const table = tableOf(id)
    if (!table) return
    form.setFieldsValue({ fields: suggestMapping(items, table.fields) })
    // Only a help: whoever may mount but not compile chooses by hand.
    suggest.run({ body: { tableId: table.id } }).then(
      ({ convention }) => form.setFieldsValue({ convention: convention ?? {} }),
      () => undefined,
    )
  }
  return (
    <>
      <Form.Item name="tableId" label={t('table.label')} rules={[{ required: true, message: t('table.pick') }]}>
        <TableSelectField sourceId={sourceId} onPicked={choose} />
      </Form.Item>
      {fields.length > 0 && (
        <fieldset className="ht-fieldset">
          <legend>{t('mounting.mapping')}</legend>
          <p className="ht-quiet">{t('mounting.mappingHelp')}</p>
          {items.map((item) => (
            <Form.Item
              key={item.code}
              name={['fields', item.code]}
              label={`${say(item.name)} (${item.code})`}
              className="ht-mapping-row"
            >
              <Select
                allowClear
                placeholder={t('mounting.unmapped')}
                showSearch={{ optionFilterProp: 'label' }}
                options={fields.map((field) => ({
                  value: field.name,
                  label: `${field.name} · ${field.type}${field.comment ? ` · ${field.comment}` : ''}`,
                }))}
              />
            </Form.Item>
          ))}
        </fieldset>
      )}
      {fields.length > 0 && <ConventionFields fields={fields} />}
    </>
  )
}

const PARTS = [
  ['operation', 'mounting.operation'],
  ['updatedAt', 'mounting.updatedAt'],
  ['batch', 'mounting.batch'],
  ['mark', 'mounting.mark'],
] as const

/** The technical fields by which a table tells what changed; suggested where it keeps the convention. */
function ConventionFields({ fields }: { readonly fields: readonly { name: string; type: string }[] }) {
  const { t } = useWords()
  const options = fields.map(({ name, type }) => ({ value: name, label: `${name} · ${type}` }))
  return (
    <fieldset className="ht-fieldset">
      <legend>{t('mounting.convention')}</legend>
      <p className="ht-quiet">{t('mounting.conventionHelp')}</p>
      {PARTS.map(([part, label]) => (
        <Form.Item key={part} name={['convention', part]} label={t(label)} className="ht-mapping-row">
          <Select
            allowClear
            placeholder={t('mounting.unmapped')}
            showSearch={{ optionFilterProp: 'label' }}
            options={options}
          />
        </Form.Item>
      ))}
    </fieldset>
  )
}

interface TableSelectFieldProps {
  readonly id?: string
  readonly value?: string
  readonly onChange?: (value: string | undefined) => void
  readonly sourceId: string | undefined
  readonly onPicked: (id: string | undefined) => void
}

function TableSelectField({ onChange, onPicked, ...rest }: TableSelectFieldProps) {
  return (
    <TableSelect
      {...rest}
      onChange={(value) => {
        onChange?.(value)
        onPicked(value)
      }}
    />
  )
}
