import { listStepKinds, previewRecipe, type readRecipe } from '@huitong/contract/recipes'
import type { ReplyOf } from '@huitong/contract'
import { Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { toProblem, useAct } from '../../../api.ts'
import type { Problem } from '../../../ui/problem.ts'
import { SideForm } from '../../../ui/side-form.tsx'
import { useWords } from '../../../words/index.ts'
import { ParameterInput, type Ground } from '../rule-form.tsx'
import { parameterFields, type ParameterField } from '../rule-schema.ts'
import { RECIPE, STEP_CHOICES, STEP_PARAMETERS } from './recipe-words.ts'
import { pairsText, readPairs, type Pair } from './value-pairs.ts'

export type Step = ReplyOf<typeof readRecipe>['steps'][number]
export type StepKinds = ReplyOf<typeof listStepKinds>['items']
export type Preview = ReplyOf<typeof previewRecipe>

interface Values {
  kind: string
  parameters: Record<string, unknown>
}

/** Adds or changes one step; a preview of the recipe with it judges the parameters, and what is wrong stands beside the fields. */
export function StepForm(props: {
  readonly datasetId: string
  readonly ground: Ground
  readonly kinds: StepKinds
  readonly steps: readonly Step[]
  /** Place of the step; after the last: a new one. */
  readonly at: number
  onClose(): void
  onDone(steps: Step[]): void
}) {
  const { t, say } = useWords()
  const { kinds, steps, at } = props
  const [form] = Form.useForm<Values>()
  const [problem, setFault] = useState<Problem | null>(null)
  const act = useAct(previewRecipe)
  const step = steps[at]
  const send = async ({ kind, parameters }: Values) => {
    const made: Step[] = [...steps.slice(0, at), { kind, parameters: complete(parameters) }, ...steps.slice(at + 1)]
    const fault = await act.run({ params: { id: props.datasetId }, body: { steps: made } }).then(
      () => null,
      (error: unknown) => toProblem(error),
    )
    // That nothing can be previewed now does not matter here.
    if (fault === null || fault.code === 'quality.engine' || fault.code === 'quality.not_landed')
      return props.onDone(made)
    const mine = new RegExp(`^(/body)?/steps/${at}(?=/|$)`)
    setFault({ ...fault, places: fault.places.map((one) => ({ ...one, path: one.path.replace(mine, '') })) })
  }
  return (
    <SideForm<Values>
      open
      width={600}
      form={form}
      title={say(step ? RECIPE.edit : RECIPE.add)}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={problem}
      {...(step ? { initialValues: { kind: step.kind, parameters: { ...step.parameters } } } : {})}
      onClose={props.onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="kind"
        label={say(RECIPE.kind)}
        rules={[{ required: true, message: t('form.needed', { label: say(RECIPE.kind) }) }]}
      >
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={kinds.map((one) => ({ value: one.kind, label: say(one.words) }))}
        />
      </Form.Item>
      <Parameters kinds={kinds} ground={props.ground} />
    </SideForm>
  )
}

/** Texts may be empty on purpose: a form leaves them out. */
const complete = (parameters: Record<string, unknown> | undefined): Record<string, unknown> => {
  const given = Object.fromEntries(Object.entries(parameters ?? {}).filter(([, value]) => value !== undefined))
  const isReplaced = 'find' in given && !('by' in given)
  const isJoined = 'columns' in given && 'into' in given && !('with' in given)
  return { ...given, ...(isReplaced ? { by: '' } : {}), ...(isJoined ? { with: '' } : {}) }
}

const OPTIONAL = new Set(['with', 'replace_text.by'])

function Parameters({ kinds, ground }: { readonly kinds: StepKinds; readonly ground: Ground }) {
  const { t, say } = useWords()
  const kind = Form.useWatch<string | undefined>('kind')
  const fields = parameterFields(kinds.find((one) => one.kind === kind)?.parameters)
  return (
    <>
      {fields.map((field) => {
        const label = say(
          STEP_PARAMETERS[`${kind ?? ''}.${field.name}`] ?? STEP_PARAMETERS[field.name] ?? { zh: field.name },
        )
        const isFree = OPTIONAL.has(field.name) || OPTIONAL.has(`${kind ?? ''}.${field.name}`)
        return (
          <Form.Item
            key={`${kind ?? ''} ${field.name}`}
            name={['parameters', field.name]}
            label={label}
            rules={isFree ? [] : [{ required: true, message: t('form.needed', { label }) }]}
            {...(field.name === 'pairs' ? { extra: say(RECIPE.mapHelp) } : {})}
          >
            <StepInput field={field} ground={ground} />
          </Form.Item>
        )
      })}
    </>
  )
}

/** The control of a parameter; what the form item hands over (value, change, id) goes on to it. */
function StepInput({ field, ground, ...rest }: { readonly field: ParameterField; readonly ground: Ground }) {
  const { say } = useWords()
  const table = Form.useWatch<string | undefined>(['parameters', 'table'])
  const there = ground.others.find((one) => one.id === table)?.columns ?? []
  if (field.name === 'pairs') return <PairsInput {...rest} />
  if (field.name === 'match') return <MatchInput {...rest} ground={ground} there={there} />
  if (field.name === 'value')
    return <Select {...rest} options={there.map((one) => ({ value: one.column, label: say(one.name) }))} />
  const choice = (value: string) => STEP_CHOICES[`${field.name}.${value}`] ?? STEP_CHOICES[value]
  if (field.kind === 'choice' || field.kind === 'choices')
    return (
      <Select
        {...rest}
        {...(field.kind === 'choices' ? { mode: 'multiple' as const } : {})}
        options={field.choices.map((value) => ({ value, label: say(choice(value) ?? { zh: value }) }))}
      />
    )
  return <ParameterInput field={field} ground={ground} {...rest} />
}

interface Control<T> {
  readonly id?: string
  readonly value?: T
  onChange?(value: T): void
}

function PairsInput({ id, value, onChange }: Control<readonly Pair[]>) {
  const [text, setText] = useState(pairsText(value ?? []))
  return (
    <Input.TextArea
      {...(id ? { id } : {})}
      rows={8}
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.target.value)
        onChange?.(readPairs(event.target.value))
      }}
    />
  )
}

interface Match {
  readonly own?: string
  readonly other?: string
}

function MatchInput(
  props: Control<readonly Match[]> & { readonly ground: Ground; readonly there: Ground['others'][number]['columns'] },
) {
  const { t, say } = useWords()
  const rows = props.value ?? [{}]
  const set = (at: number, match: Match) => props.onChange?.(rows.map((one, place) => (place === at ? match : one)))
  const named = (columns: Ground['others'][number]['columns']) =>
    columns.map((one) => ({ value: one.column, label: say(one.name) }))
  return (
    <>
      {rows.map((row, at) => (
        <span className="ht-marks" key={`${at} of ${rows.length}`}>
          <Select
            {...(at === 0 && props.id ? { id: props.id } : {})}
            aria-label={`${say(RECIPE.own)} ${at + 1}`}
            placeholder={say(RECIPE.own)}
            style={{ width: 200 }}
            value={row.own ?? null}
            options={named(props.ground.columns)}
            onChange={(own) => set(at, { ...row, own: own ?? '' })}
          />
          <Select
            aria-label={`${say(RECIPE.other)} ${at + 1}`}
            placeholder={say(RECIPE.other)}
            style={{ width: 200 }}
            value={row.other ?? null}
            options={named(props.there)}
            onChange={(other) => set(at, { ...row, other: other ?? '' })}
          />
          {rows.length > 1 && (
            <Button size="small" onClick={() => props.onChange?.(rows.filter((_one, place) => place !== at))}>
              {t('action.remove')}
            </Button>
          )}
        </span>
      ))}
      {rows.length < 4 && (
        <Button size="small" onClick={() => props.onChange?.([...rows, {}])}>
          {say(RECIPE.another)}
        </Button>
      )}
    </>
  )
}
