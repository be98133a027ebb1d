import { listCodeSets } from '@huitong/contract/data-standards'
import { listRuleKinds } from '@huitong/contract/governance'
import { listColumns, tryRules } from '@huitong/contract/rule-design'
import type { ReplyOf } from '@huitong/contract'
import { Checkbox, Form, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { toProblem, useAct, useRead } from '../../api.ts'
import type { Problem } from '../../ui/problem.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useWords } from '../../words/index.ts'
import { CHOICES, DESIGN, PARAMETERS } from './design-words.ts'
import { fromForm, parameterFields, toForm, type ParameterField } from './rule-schema.ts'
import type { Rule } from './suite-file.ts'

export type Ground = ReplyOf<typeof listColumns>
export type Kinds = ReplyOf<typeof listRuleKinds>['items']

interface Values {
  kind: string
  code: string
  name: { zh: string; en?: string }
  parameters: Record<string, unknown>
}

/** Adds or changes one rule. Its parameters' form follows from the schema of its kind; the server says what is wrong beside the fields. */
export function RuleForm(props: {
  readonly datasetId: string
  readonly ground: Ground
  readonly kinds: Kinds
  readonly rule: Rule | null
  /** Codes of the other rules. */
  readonly taken: readonly string[]
  onClose(): void
  onDone(rule: Rule): void
}) {
  const { t, say } = useWords()
  const { rule, kinds } = props
  const [form] = Form.useForm<Values>()
  const [fault, setFault] = useState<Problem | null>(null)
  const act = useAct(tryRules)
  const schemaOf = (kind: string) => parameterFields(kinds.find((one) => one.kind === kind)?.parameters)
  const send = async ({ kind, code, name, parameters }: Values) => {
    const isSame = rule !== null && rule.kind === kind
    const made: Rule = {
      code,
      kind,
      name: { zh: name.zh, ...(name.en ? { en: name.en } : {}) },
      parameters: fromForm(schemaOf(kind), parameters ?? {}),
      ...(isSame && rule.origin ? { origin: rule.origin } : {}),
    }
    // A trial on an empty row judges the parameters and reads no data; that nothing has landed yet does not matter here.
    const problem = await act.run({ params: { id: props.datasetId }, body: { rules: [made], rows: [{}] } }).then(
      () => null,
      (error: unknown) => toProblem(error),
    )
    if (problem && problem.code !== 'quality.not_landed' && problem.code !== 'quality.engine')
      setFault({
        ...problem,
        places: problem.places.map((one) => ({ ...one, path: one.path.replace(/^(\/body)?\/rules\/0/, '') })),
      })
    else props.onDone(made)
  }
  return (
    <SideForm<Values>
      open
      width={600}
      form={form}
      title={say(rule ? DESIGN.edit : DESIGN.add)}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={fault}
      {...(rule
        ? { initialValues: { ...rule, parameters: toForm(schemaOf(rule.kind), rule.parameters) } as Values }
        : {})}
      onClose={props.onClose}
      onSubmit={(values) => void send(values)}
    >
      <Naming kinds={kinds} taken={props.taken} />
      <Parameters fieldsOf={schemaOf} ground={props.ground} />
    </SideForm>
  )
}

function Naming({ kinds, taken }: { readonly kinds: Kinds; readonly taken: readonly string[] }) {
  const { t, say } = useWords()
  const needed = (label: string) => [{ required: true, whitespace: true, message: t('form.needed', { label }) }]
  return (
    <>
      <Form.Item name="kind" label={say(DESIGN.kind)} rules={needed(say(DESIGN.kind))}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={kinds.map((one) => ({ value: one.kind, label: `${say(one.words)} · ${say(one.indicatorWords)}` }))}
        />
      </Form.Item>
      <Form.Item name={['name', 'zh']} label={say(DESIGN.name)} rules={needed(say(DESIGN.name))}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={say(DESIGN.nameEn)}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item
        name="code"
        label={say(DESIGN.code)}
        extra={say(DESIGN.codeFormat)}
        rules={[
          { required: true, pattern: /^[a-z][a-z0-9_]{0,62}$/, message: t('form.format', { label: say(DESIGN.code) }) },
          {
            validator: async (_rule, code: string) => {
              if (taken.includes(code)) throw new Error(say(DESIGN.codeTaken))
            },
          },
        ]}
      >
        <Input maxLength={63} spellCheck={false} />
      </Form.Item>
    </>
  )
}

function Parameters({ fieldsOf, ground }: { fieldsOf(kind: string): ParameterField[]; readonly ground: Ground }) {
  const kind = Form.useWatch<string | undefined>('kind')
  return (
    <>
      {(kind ? fieldsOf(kind) : []).map((field) => (
        <ParameterItem key={`${kind ?? ''} ${field.name}`} kind={kind ?? ''} field={field} ground={ground} />
      ))}
    </>
  )
}

function ParameterItem(props: { readonly kind: string; readonly field: ParameterField; readonly ground: Ground }) {
  const { kind, field, ground } = props
  const { t, say } = useWords()
  const label = say(PARAMETERS[`${kind}.${field.name}`] ?? PARAMETERS[field.name] ?? { zh: field.name })
  const rules = [
    ...(field.required && field.kind !== 'boolean' ? [{ required: true, message: t('form.needed', { label }) }] : []),
    ...(field.kind === 'json'
      ? [
          {
            validator: async (_rule: unknown, text: string | undefined) => {
              try {
                if (text) JSON.parse(text)
              } catch {
                throw new Error(say(DESIGN.badJson))
              }
            },
          },
        ]
      : []),
  ]
  return (
    <Form.Item
      name={['parameters', field.name]}
      label={field.kind === 'boolean' ? undefined : label}
      rules={rules}
      {...(field.kind === 'json' ? { extra: say(DESIGN.jsonHelp) } : {})}
      {...(field.kind === 'boolean' ? { valuePropName: 'checked' } : {})}
    >
      {field.kind === 'boolean' ? <Checkbox>{label}</Checkbox> : <ParameterInput field={field} ground={ground} />}
    </Form.Item>
  )
}

/** The control of a parameter; what the form item hands over (value, change, id) goes on to it. */
export function ParameterInput({
  field,
  ground,
  ...rest
}: {
  readonly field: ParameterField
  readonly ground: Ground
}) {
  const { say } = useWords()
  const table = Form.useWatch<string | undefined>(['parameters', 'table'])
  const named = (columns: Ground['others'][number]['columns']) =>
    columns.map((one) => ({ value: one.column, label: `${say(one.name)} ${one.column}` }))
  const search = { showSearch: { optionFilterProp: 'label' as const } }
  const choices = field.choices.map((value) => ({ value, label: say(CHOICES[value] ?? { zh: value }) }))
  switch (field.kind) {
    case 'column':
      return <Select {...rest} {...search} allowClear options={named(ground.columns)} />
    case 'columns':
      return <Select {...rest} {...search} mode="multiple" options={named(ground.columns)} />
    case 'table':
      return (
        <Select {...rest} {...search} options={ground.others.map((one) => ({ value: one.id, label: say(one.name) }))} />
      )
    case 'tableColumns':
      return (
        <Select
          {...rest}
          mode="multiple"
          options={named(ground.others.find((one) => one.id === table)?.columns ?? [])}
        />
      )
    case 'set':
      return <SetSelect {...rest} />
    case 'choice':
      return <Select {...rest} allowClear options={choices} />
    case 'choices':
      return <Select {...rest} mode="multiple" options={choices} />
    case 'texts':
      return <Select {...rest} mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', '，', ' ']} />
    case 'integer':
      return (
        <InputNumber
          {...rest}
          precision={0}
          {...(field.minimum === undefined ? {} : { min: field.minimum })}
          {...(field.maximum === undefined ? {} : { max: field.maximum })}
        />
      )
    case 'json':
      return <Input.TextArea {...rest} rows={6} spellCheck={false} />
    default:
      return <Input {...rest} maxLength={500} spellCheck={false} />
  }
}

/** Picks the newest version of a code set, by the name that rules give it. */
function SetSelect(rest: object) {
  const { say } = useWords()
  const [q, setQ] = useState('')
  const read = useRead(listCodeSets, { query: { limit: '100', ...(q ? { q } : {}) } }, { keep: true })
  return (
    <Select
      {...rest}
      allowClear
      showSearch={{ filterOption: false, onSearch: setQ }}
      options={(read.data?.items ?? []).map((one) => ({
        value: `${one.code}@${one.label}`,
        label: `${one.code} ${one.label} ${say(one.name)}`,
      }))}
    />
  )
}
