import type { DatasetContent, RequestContent } from '@huitong/contract/catalogue'
import { Button, Form, type FormInstance } from 'antd'
import { useEffect, useState } from 'react'
import { FormSummary } from '../../ui/form-summary.tsx'
import { showPlaces } from '../../ui/forms.ts'
import { fieldOf, type Problem } from '../../ui/problem.ts'
import { useWords } from '../../words/index.ts'
import { ItemsStep, TermsStep, UseStep } from './request-fields.tsx'
import { ReviewStep } from './request-review.tsx'
import { fromPredicate, toPredicate, valueTypeOf, type RowFilter } from './row-filter.ts'

/** The form's values: the content, with the filter as its builder knows it. */
export interface RequestValues extends Partial<Omit<RequestContent, 'rowFilter' | 'declared'>> {
  rowFilter?: RowFilter
  declared?: boolean
}

const STEPS = [
  ['items'],
  ['matter', 'purpose', 'legalBasis', 'scenario', 'scope'],
  ['method', 'frequency', 'from', 'until', 'rowFilter'],
  ['declared'],
] as const
const LAST = STEPS.length - 1

/** The step that a field belongs to; -1 for a field of none. */
const stepOf = (field: unknown) => STEPS.findIndex((fields) => (fields as readonly unknown[]).includes(field))

interface RequestWizardProps {
  readonly dataset: { readonly id: string; readonly content: DatasetContent }
  readonly initial: RequestValues
  readonly busy: boolean
  readonly problem: Problem | null
  readonly submitLabel: string
  readonly onValues?: (values: RequestValues) => void
  readonly onSubmit: (content: RequestContent) => void
}

/** The content of a returned request, as the wizard shows it again. */
export function valuesOf(content: RequestContent): RequestValues {
  const { rowFilter, ...rest } = content
  const filter = fromPredicate(rowFilter)
  return { ...rest, ...(filter ? { rowFilter: filter } : {}), declared: false }
}

function contentOf(values: RequestValues, dataset: RequestWizardProps['dataset']): RequestContent {
  const types = new Map((dataset.content.items ?? []).map((item) => [item.code, item.type]))
  const { rowFilter, ...rest } = values
  const predicate = toPredicate(rowFilter, (code) => valueTypeOf(types.get(code)))
  // Every mandatory field was checked by the form; the server checks again.
  return {
    ...(rest as Omit<RequestContent, 'rowFilter'>),
    datasetId: dataset.id,
    declared: true,
    ...(predicate ? { rowFilter: predicate } : {}),
  }
}

/** Items, use, terms, review: four steps; every field stays in one form, so that nothing is lost between them. */
export function RequestWizard(props: RequestWizardProps) {
  const { t, say } = useWords()
  const { dataset, problem } = props
  const [form] = Form.useForm<RequestValues>()
  const [step, setStep] = useState(0)
  useEffect(() => {
    if (!problem) return
    showPlaces(form as FormInstance, problem, say)
  }, [problem, form, say])
  const [seen, setSeen] = useState<Problem | null>(null)
  if (problem !== seen) {
    setSeen(problem)
    const at = stepOf(problem?.places[0] && fieldOf(problem.places[0].path)[0])
    if (at >= 0) setStep(at)
  }
  const check = (upTo: number) =>
    form.validateFields(
      form
        .getFieldsError()
        .map((field) => field.name)
        .filter((name) => stepOf(name[0]) <= upTo),
    )
  const go = async (to: number) => {
    if (to > step) {
      try {
        await check(to - 1)
      } catch {
        return
      }
    }
    setStep(to)
    document.getElementById('page')?.scrollTo({ top: 0 })
  }
  const send = async () => {
    try {
      await check(LAST)
    } catch {
      return
    }
    props.onSubmit(contentOf(form.getFieldsValue(true), dataset))
  }
  const titles = [t('wizard.items'), t('wizard.use'), t('wizard.terms'), t('wizard.review')]
  return (
    <Form<RequestValues>
      form={form as FormInstance<RequestValues>}
      layout="vertical"
      initialValues={props.initial}
      onValuesChange={(_, values) => props.onValues?.(values)}
    >
      <ol className="ht-wizard-steps">
        {titles.map((title, at) => (
          <li key={title}>
            <button
              type="button"
              {...(at === step ? { 'aria-current': 'step' as const } : {})}
              onClick={() => void go(at)}
            >
              <span className="ht-step-number" aria-hidden>
                {at + 1}
              </span>
              {title}
            </button>
          </li>
        ))}
      </ol>
      <FormSummary form={form as FormInstance} problem={problem} />
      <div className="ht-wizard-body">
        <div hidden={step !== 0}>
          <ItemsStep content={dataset.content} />
        </div>
        <div hidden={step !== 1}>
          <UseStep />
        </div>
        <div hidden={step !== 2}>
          <TermsStep content={dataset.content} />
        </div>
        <div hidden={step !== 3}>
          <ReviewStep content={dataset.content} shown={step === LAST} />
        </div>
      </div>
      <div className="ht-bar ht-wizard-foot">
        {step > 0 && <Button onClick={() => void go(step - 1)}>{t('wizard.back')}</Button>}
        {step < LAST ? (
          <Button type="primary" onClick={() => void go(step + 1)}>
            {t('wizard.next')}
          </Button>
        ) : (
          <Button type="primary" loading={props.busy} onClick={() => void send()}>
            {props.submitLabel}
          </Button>
        )}
      </div>
    </Form>
  )
}
