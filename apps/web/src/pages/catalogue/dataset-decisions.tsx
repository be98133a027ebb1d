import { reviewDataset, signDataset, submitDataset } from '@huitong/contract/catalogue'
import { Form, Input, Radio } from 'antd'
import { useAct } from '../../api.ts'
import { ActionButton, type Allowance } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Dataset } from './dataset.page.tsx'

export type DecisionKind = 'sign' | 'review'

interface Values {
  decision: 'agree' | 'publish' | 'return'
  opinion?: string
}

/** The head signs, the authority publishes; either may return it, with a reason. */
export function DecisionForm(props: { readonly dataset: Dataset; readonly kind: DecisionKind; onClose(): void }) {
  const { dataset, kind, onClose } = props
  const { t } = useWords()
  const toast = useToast()
  const sign = useAct(signDataset)
  const review = useAct(reviewDataset)
  const act = kind === 'sign' ? sign : review
  const yes = kind === 'sign' ? 'agree' : 'publish'
  const send = async ({ decision, opinion }: Values) => {
    const params = { id: dataset.id }
    const rest = opinion ? { opinion } : {}
    try {
      if (kind === 'sign')
        await sign.run(
          { params, body: { decision: decision === 'return' ? 'return' : 'agree', ...rest } },
          dataset.version,
        )
      else
        await review.run(
          { params, body: { decision: decision === 'return' ? 'return' : 'publish', ...rest } },
          dataset.version,
        )
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <SideForm<Values>
      open
      title={t(kind === 'sign' ? 'dataset.sign' : 'dataset.review')}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ decision: yes }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name="decision" label={t('decision.label')}>
        <Radio.Group
          options={[
            { value: yes, label: t(kind === 'sign' ? 'decision.sign' : 'decision.publish') },
            { value: 'return', label: t('decision.return') },
          ]}
        />
      </Form.Item>
      <OpinionField />
    </SideForm>
  )
}

function OpinionField() {
  const { t } = useWords()
  const decision = Form.useWatch<string>('decision')
  const returned = decision === 'return'
  return (
    <Form.Item
      name="opinion"
      label={t(returned ? 'decision.reason' : 'decision.opinion')}
      dependencies={['decision']}
      rules={returned ? [{ required: true, whitespace: true, message: t('decision.reasonNeeded') }] : []}
    >
      <Input.TextArea rows={5} maxLength={1000} showCount />
    </Form.Item>
  )
}

/** Submits a draft to the head; what is missing is named by the server. */
export function SubmitButton(props: {
  readonly dataset: Dataset
  readonly type: 'primary' | 'default'
  readonly allowance: Allowance
}) {
  const { dataset } = props
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(submitDataset)
  const send = () =>
    act.run({ params: { id: dataset.id } }, dataset.version).then(
      () => toast.good(t('dataset.submitted')),
      () => undefined,
    )
  return (
    <>
      <ActionButton type={props.type} allowance={props.allowance} loading={act.busy} onClick={() => void send()}>
        {t('dataset.submit')}
      </ActionButton>
      {act.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={act.problem} />
        </div>
      )}
    </>
  )
}
