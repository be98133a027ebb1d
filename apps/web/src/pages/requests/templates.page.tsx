import { readTemplate, setTemplate, type RequestStep } from '@huitong/contract/catalogue'
import type { ReplyOf } from '@huitong/contract'
import { Button, Checkbox, Tabs } from 'antd'
import { useState } from 'react'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useFilter } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'

type Template = ReplyOf<typeof readTemplate>
const ATTRIBUTES = ['unconditional', 'conditional'] as const
const STEPS: readonly RequestStep[] = [
  'head_sign',
  'form_check',
  'authority_accept',
  'provider_answer',
  'provider_sign',
  'centre_configure',
  'applicant_confirm',
]

export default function TemplatesPage() {
  const { t, choice } = useWords()
  const [asked, setAttribute] = useFilter('attribute')
  const attribute = ATTRIBUTES.find((one) => one === asked) ?? 'conditional'
  return (
    <>
      <PageHead title={t('rail.templates')} facts={t('template.help')} />
      <Tabs
        activeKey={attribute}
        onChange={setAttribute}
        destroyOnHidden
        items={[...ATTRIBUTES].reverse().map((one) => ({
          key: one,
          label: choice('shareAttribute', one),
          children: one === attribute && <OneTemplate key={one} attribute={one} />,
        }))}
      />
    </>
  )
}

function OneTemplate({ attribute }: { readonly attribute: (typeof ATTRIBUTES)[number] }) {
  const read = useRead(readTemplate, { params: { attribute } })
  return (
    <Reading read={read}>
      {(template) => <Edit key={template.version} attribute={attribute} template={template} />}
    </Reading>
  )
}

interface EditProps {
  readonly attribute: (typeof ATTRIBUTES)[number]
  readonly template: Template
}

function Edit({ attribute, template }: EditProps) {
  const { t, say, choice } = useWords()
  const toast = useToast()
  const allow = useAllowance()
  const act = useAct(setTemplate)
  const kept = template.steps.map((step) => step.step)
  const [steps, setSteps] = useState<readonly RequestStep[]>(kept)
  const order = [...kept, ...STEPS.filter((step) => !kept.includes(step))]
  const changed = order.some((step) => steps.includes(step) !== kept.includes(step))
  const allowance = allow('request.template')
  const save = () =>
    act
      .run({ params: { attribute }, body: { steps: STEPS.filter((step) => steps.includes(step)) } }, template.version)
      .then(
        () => toast.good(t('action.saved')),
        () => undefined,
      )
  return (
    <>
      <ol className="ht-template">
        {order.map((step) => {
          const known = template.steps.find((one) => one.step === step)
          const legal = known?.legal ?? false
          return (
            <li key={step}>
              <Checkbox
                checked={steps.includes(step)}
                disabled={legal || !allowance.allowed}
                onChange={(event) =>
                  setSteps(event.target.checked ? [...steps, step] : steps.filter((one) => one !== step))
                }
              >
                {known ? say(known.words) : choice('requestStep', step)}
                {legal && <small className="ht-quiet"> {t('template.legal')}</small>}
              </Checkbox>
            </li>
          )
        })}
      </ol>
      {act.problem && <ErrorPanel problem={act.problem} />}
      <div className="ht-bar">
        <ActionButton type="primary" allowance={allowance} loading={act.busy} onClick={() => void save()}>
          {t('action.save')}
        </ActionButton>
        {changed && <Button onClick={() => setSteps(kept)}>{t('action.reset')}</Button>}
      </div>
    </>
  )
}
