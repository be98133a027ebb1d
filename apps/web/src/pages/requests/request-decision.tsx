import { decideRequest, extendRequest, readDataset, type RequestStep } from '@huitong/contract/catalogue'
import type { BodyOf } from '@huitong/contract'
import { Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd'
import { useAct, useRead } from '../../api.ts'
import { DeadlineBadge } from '../../ui/marks.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { useChoices } from '../../parts/selects.tsx'
import type { Request } from './request.page.tsx'
import { fromPredicate, toPredicate, valueTypeOf, type RowFilter } from './row-filter.ts'
import { RowFilterEditor } from './row-filter-editor.tsx'

type Body = BodyOf<typeof decideRequest>
type Mask = NonNullable<Body['masks']>[number]['mask']
const EACH_MASK: Record<Mask, true> = { name: true, id_number: true, phone: true, last4: true, year: true, null: true }
const MASKS = Object.keys(EACH_MASK) as Mask[]

/** The decisions that there are; a step may know fewer of them. */
export const DECISIONS = ['agree', 'return', 'refuse'] as const satisfies readonly Body['decision'][]

interface Values {
  decision: Body['decision']
  reason?: string
  items?: string[]
  masks?: Record<string, Mask | undefined>
  rowFilter?: RowFilter
  rowsPerDayMax?: number
}

interface FormProps {
  readonly request: Request
  onClose(): void
}

/** Decides the step at hand. The provider's answer may agree to some items only, mask them, and narrow the rows. */
export function DecisionForm({ request, onClose }: FormProps) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(decideRequest)
  const answering = request.step === 'provider_answer'
  const dataset = useRead(
    readDataset,
    { params: { id: request.datasetId }, query: { version: 'live' } },
    { enabled: answering },
  )
  const types = new Map((dataset.data?.content.items ?? []).map((item) => [item.code, item.type]))
  const send = async (values: Values) => {
    if (!request.step) return
    const body = bodyOf(request.step, values, answering, (code) => valueTypeOf(types.get(code)))
    try {
      await act.run({ params: { id: request.id }, body }, request.version)
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  const filter = fromPredicate(request.content.rowFilter)
  return (
    <SideForm<Values>
      open
      width={answering ? 720 : 480}
      title={request.stepWords ? say(request.stepWords) : t('request.decide')}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{
        decision: 'agree',
        items: request.content.items,
        ...(filter ? { rowFilter: filter } : {}),
      }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      {request.deadline && (
        <p>
          <DeadlineBadge deadline={request.deadline} />
        </p>
      )}
      <Form.Item name="decision" label={t('decision.label')}>
        <Radio.Group
          options={DECISIONS.filter((one) => request.actions.some(({ name }) => name === one)).map((one) => ({
            value: one,
            label: t(one === 'agree' && request.step === 'applicant_confirm' ? 'decision.confirm' : `decision.${one}`),
          }))}
        />
      </Form.Item>
      <ReasonField />
      {answering && <AnswerFields request={request} items={dataset.data?.content.items ?? []} />}
    </SideForm>
  )
}

function bodyOf(
  step: RequestStep,
  values: Values,
  answering: boolean,
  typeOf: (code: string) => ReturnType<typeof valueTypeOf>,
): Body {
  const body: Body = { step, decision: values.decision, ...(values.reason ? { reason: values.reason } : {}) }
  if (!answering || values.decision !== 'agree') return body
  const items = values.items ?? []
  const masks = items.flatMap((item) => {
    const mask = values.masks?.[item]
    return mask ? [{ item, mask }] : []
  })
  const rowFilter = toPredicate(values.rowFilter, typeOf)
  return {
    ...body,
    items,
    ...(masks.length > 0 ? { masks } : {}),
    ...(rowFilter ? { rowFilter } : {}),
    ...(values.rowsPerDayMax ? { rowsPerDayMax: values.rowsPerDayMax } : {}),
  }
}

/** A refusal or a return must say why (条例 21). */
function ReasonField() {
  const { t } = useWords()
  const decision = Form.useWatch<string>('decision')
  const must = decision === 'refuse' || decision === 'return'
  return (
    <Form.Item
      name="reason"
      label={t(must ? 'decision.reason' : 'decision.opinion')}
      extra={decision === 'refuse' ? t('decision.refuseHelp') : undefined}
      rules={must ? [{ required: true, whitespace: true, message: t('decision.reasonNeeded') }] : []}
    >
      <Input.TextArea rows={4} maxLength={1000} showCount />
    </Form.Item>
  )
}

type Items = NonNullable<Request['content']['items']>
interface AnswerFieldsProps {
  readonly request: Request
  readonly items: Parameters<typeof RowFilterEditor>[0]['items']
}

function AnswerFields({ request, items }: AnswerFieldsProps) {
  const { t, say } = useWords()
  const decision = Form.useWatch<string>('decision')
  const agreed = Form.useWatch<Items | undefined>('items') ?? []
  const masks = useChoices('mask', MASKS)
  if (decision !== 'agree') return null
  const nameOf = (code: string) => {
    const item = items.find((one) => one.code === code)
    return item ? say(item.name) : code
  }
  return (
    <>
      <Form.Item
        name="items"
        label={t('decision.items', { agreed: agreed.length, asked: request.content.items.length })}
        extra={t('decision.itemsHelp')}
        rules={[{ type: 'array', min: 1, message: t('decision.itemsNeeded') }]}
      >
        <Checkbox.Group
          className="ht-checks"
          options={request.content.items.map((code) => ({ value: code, label: `${nameOf(code)} (${code})` }))}
        />
      </Form.Item>
      <fieldset className="ht-fieldset">
        <legend>{t('decision.masks')}</legend>
        <p className="ht-quiet">{t('decision.masksHelp')}</p>
        <div className="ht-columns">
          {agreed.map((code) => (
            <Form.Item key={code} name={['masks', code]} label={nameOf(code)}>
              <Select allowClear options={masks} placeholder={t('mask.none')} />
            </Form.Item>
          ))}
        </div>
      </fieldset>
      <Form.Item name="rowFilter" label={t('decision.rowFilter')} extra={t('decision.rowFilterHelp')}>
        <RowFilterEditor items={items} />
      </Form.Item>
      <Form.Item name="rowsPerDayMax" label={t('decision.rowsPerDayMax')}>
        <InputNumber min={1} precision={0} className="ht-day" />
      </Form.Item>
    </>
  )
}

/** More time to answer, within what the regulation allows. */
export function ExtensionForm({ request, onClose }: FormProps) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(extendRequest)
  const send = async (values: BodyOf<typeof extendRequest>) => {
    try {
      await act.run({ params: { id: request.id }, body: values }, request.version)
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <SideForm<BodyOf<typeof extendRequest>>
      open
      title={t('request.extend')}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name="workingDays"
        label={t('extension.days')}
        extra={t('extension.help')}
        rules={[{ required: true, message: t('form.needed', { label: t('extension.days') }) }]}
      >
        <InputNumber min={1} max={10} precision={0} autoFocus />
      </Form.Item>
      <Form.Item
        name="reason"
        label={t('decision.reason')}
        rules={[{ required: true, whitespace: true, message: t('decision.reasonNeeded') }]}
      >
        <Input.TextArea rows={4} maxLength={1000} showCount />
      </Form.Item>
    </SideForm>
  )
}
