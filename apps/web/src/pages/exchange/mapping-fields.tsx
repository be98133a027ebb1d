import { readColumns } from '@huitong/contract/exchange'
import { Button, Checkbox, Form, Input, Select, type FormInstance } from 'antd'
import { useState } from 'react'
import { toProblem, useRead } from '../../api.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Section } from '../../ui/page-head.tsx'
import { fill, useWords } from '../../words/index.ts'
import { MAPPING } from './mapping-words.ts'
import { badLines, codesText, previewOf, rowsOf, type MappingRow, type Offered, type Preview } from './mapping.ts'

const NAME = /^[a-z][a-z0-9_]{0,62}$/

/** The mapping of a new task: which items travel, under which names and with which codes, and how they will arrive. */
export function MappingFields({ form, grantId }: { readonly form: FormInstance; readonly grantId: string }) {
  const { say } = useWords()
  const read = useRead(readColumns, { params: { id: grantId } })
  // The form tells of its values a moment later: a box that waited for it would spring back.
  const [isMapped, setIsMapped] = useState(false)
  const rows = Form.useWatch<MappingRow[] | undefined>('mapping', { form, preserve: true })
  const offered = read.data?.columns
  if (read.error) return <ErrorPanel problem={toProblem(read.error)} onRetry={() => void read.refetch()} />
  if (!offered) return null
  const toggle = (next: boolean) => {
    setIsMapped(next)
    form.setFieldValue('mapping', next ? rowsOf(offered) : undefined)
  }
  return (
    <>
      <Form.Item extra={say(MAPPING.help)}>
        <Checkbox checked={isMapped} onChange={({ target }) => toggle(target.checked)}>
          {say(MAPPING.use)}
        </Checkbox>
      </Form.Item>
      {isMapped && rows !== undefined && <MappingRows rows={rows} offered={offered} />}
    </>
  )
}

interface RowsProps {
  readonly rows: readonly MappingRow[]
  readonly offered: readonly Offered[]
  /** The receiving table is there: its columns stay. */
  readonly fixed?: boolean
}

/** The columns, and how they will arrive. */
export function MappingRows(props: RowsProps) {
  return (
    <>
      <Rows {...props} />
      <Arrival previews={previewOf(props.rows, props.offered)} />
    </>
  )
}

function Rows({ rows, offered, fixed = false }: RowsProps) {
  const { t, say } = useWords()
  const left = offered.filter(({ item }) => !rows.some((row) => row.item === item))
  return (
    <Form.List name="mapping">
      {(fields, { add, remove }) => (
        <>
          {fields.map((field) => {
            const item = rows[field.name]?.item
            const from = offered.find((one) => one.item === item)
            return (
              <fieldset key={field.key} className="ht-fieldset">
                <legend>{from ? `${say(from.name)} ${from.item}` : say(MAPPING.constant)}</legend>
                <Form.Item name={[field.name, 'item']} hidden>
                  <Input />
                </Form.Item>
                <Form.Item
                  name={[field.name, 'as']}
                  label={t('channel.targetColumn')}
                  rules={[
                    { required: true, pattern: NAME, message: t('form.format', { label: t('channel.targetColumn') }) },
                  ]}
                >
                  <Input maxLength={63} spellCheck={false} autoComplete="off" readOnly={fixed} />
                </Form.Item>
                {from ? <Codes name={field.name} from={from} /> : <ConstantFields name={field.name} />}
                {!fixed && !from?.key && !from?.filters && (
                  <Button size="small" onClick={() => remove(field.name)}>
                    {say(MAPPING.remove)}
                  </Button>
                )}
              </fieldset>
            )
          })}
          {!fixed && (
            <Form.Item>
              <div className="ht-marks">
                {left.map((one) => (
                  <Button key={one.item} size="small" onClick={() => add(rowsOf([one])[0])}>
                    {fill(say(MAPPING.add), { name: say(one.name) })}
                  </Button>
                ))}
                <Button size="small" onClick={() => add({ constant: { type: 'text' } })}>
                  {say(MAPPING.addConstant)}
                </Button>
              </div>
            </Form.Item>
          )}
        </>
      )}
    </Form.List>
  )
}

const isCode = (type: string) => /^(text|varchar|char|smallint|integer|bigint)\b/.test(type)

function Codes({ name, from }: { readonly name: number; readonly from: Offered }) {
  const { say } = useWords()
  if (!isCode(from.type)) return null
  const check = (_rule: unknown, text: string | undefined) => {
    const lines = badLines(text)
    return lines.length === 0
      ? Promise.resolve()
      : Promise.reject(new Error(fill(say(MAPPING.badLines), { lines: lines.join(', ') })))
  }
  return (
    <>
      <Form.Item
        name={[name, 'codes', 'pairs']}
        label={say(MAPPING.codes)}
        extra={say(MAPPING.codesHelp)}
        rules={[{ validator: check }]}
      >
        <Input.TextArea autoSize={{ minRows: 1, maxRows: 8 }} spellCheck={false} className="ht-code" />
      </Form.Item>
      {!from.key && (
        <Form.Item name={[name, 'codes', 'otherwise']} label={say(MAPPING.otherwise)}>
          <Select
            options={(['refuse', 'keep', 'null'] as const).map((value) => ({ value, label: say(MAPPING[value]) }))}
          />
        </Form.Item>
      )}
    </>
  )
}

function ConstantFields({ name }: { readonly name: number }) {
  const { t, say } = useWords()
  const types = [
    { value: 'text', label: say(MAPPING.text) },
    { value: 'numeric', label: say(MAPPING.number) },
    { value: 'date', label: say(MAPPING.date) },
  ]
  return (
    <>
      <Form.Item name={[name, 'constant', 'type']} label={t('mounting.fieldType')}>
        <Select options={types} />
      </Form.Item>
      <Form.Item name={[name, 'constant', 'value']} label={say(MAPPING.value)}>
        <Input maxLength={255} />
      </Form.Item>
    </>
  )
}

/** How the columns will arrive; nobody's rows are shown. */
function Arrival({ previews }: { readonly previews: readonly Preview[] }) {
  const { t, say } = useWords()
  const columns: Column<Preview>[] = [
    { title: t('channel.targetColumn'), key: 'as', render: ({ as }) => <code>{as}</code> },
    {
      title: say(MAPPING.from),
      key: 'from',
      render: ({ offered }) => (offered ? say(offered.name) : say(MAPPING.constant)),
    },
    { title: t('mounting.fieldType'), key: 'type', render: ({ type }) => <code>{type}</code> },
    { title: say(MAPPING.arrives), key: 'arrives', render: (preview) => <Arrives preview={preview} /> },
  ]
  return (
    <Section title={say(MAPPING.preview)}>
      <PlainTable
        label={say(MAPPING.preview)}
        columns={columns}
        rows={previews.map((preview, at) => ({ ...preview, at }))}
        rowKey={(row) => (row as Preview & { at: number }).at}
      />
      <p className="ht-quiet">{say(MAPPING.previewHelp)}</p>
    </Section>
  )
}

function Arrives({ preview }: { readonly preview: Preview }) {
  const { t, say } = useWords()
  const { constant, offered, pairs } = preview
  if (constant !== null) return constant
  const said = [
    offered?.key ? t('mounting.key') : '',
    offered?.masked ? t('preview.masked') : '',
    pairs.length > 0 ? codesText(preview, say) : '',
  ].filter(Boolean)
  return said.length === 0 ? say(MAPPING.asIs) : said.join('; ')
}
