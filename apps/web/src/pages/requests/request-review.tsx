import type { DatasetContent } from '@huitong/contract/catalogue'
import { Button, Checkbox, Form } from 'antd'
import { Facts } from '../../ui/page-head.tsx'
import { dayWithWeekday } from '../../ui/time.ts'
import { useWords } from '../../words/index.ts'
import { describe, toPredicate, valueTypeOf } from './row-filter.ts'
import type { RequestValues } from './request-wizard.tsx'

interface ReviewStepProps {
  readonly content: DatasetContent
  readonly shown: boolean
}

/** Step 4: everything once more, to print, and the declaration of article 20. */
export function ReviewStep({ content, shown }: ReviewStepProps) {
  const { t } = useWords()
  return (
    <>
      {shown && <Review content={content} />}
      <Form.Item
        name="declared"
        valuePropName="checked"
        rules={[
          {
            validator: (_, value) =>
              value === true ? Promise.resolve() : Promise.reject(new Error(t('request.declareNeeded'))),
          },
        ]}
      >
        <Checkbox>{t('request.declare')}</Checkbox>
      </Form.Item>
    </>
  )
}

function Review({ content }: { readonly content: DatasetContent }) {
  const speaker = useWords()
  const { t, say, choice, language, listed } = speaker
  const form = Form.useFormInstance<RequestValues>()
  const values = form.getFieldsValue(true) as RequestValues
  const items = content.items ?? []
  const names = new Map(items.map((item) => [item.code, say(item.name)]))
  const types = new Map(items.map((item) => [item.code, item.type]))
  const predicate = toPredicate(values.rowFilter, (code) => valueTypeOf(types.get(code)))
  const period = [values.from, values.until].map((day) => (day ? dayWithWeekday(day, language) : '–')).join(' – ')
  return (
    <>
      <Facts
        facts={[
          { label: t('request.dataset'), value: say(content.name), wide: true },
          {
            label: t('request.itemsAsked', { count: values.items?.length ?? 0 }),
            value: listed((values.items ?? []).map((code) => names.get(code) ?? code)),
            wide: true,
          },
          { label: t('request.matter'), value: `${values.matter?.name ?? ''} (${values.matter?.code ?? ''})` },
          { label: t('request.method'), value: choice('method', values.method) },
          { label: t('request.frequency'), value: choice('updateCycle', values.frequency) },
          { label: t('request.period'), value: period },
          { label: t('request.purpose'), value: values.purpose, wide: true },
          { label: t('request.legalBasis'), value: values.legalBasis, wide: true },
          { label: t('request.scenario'), value: values.scenario },
          { label: t('request.scope'), value: values.scope },
          { label: t('request.rowFilter'), value: describe(predicate, names, speaker), wide: true },
        ]}
      />
      <p>
        <Button onClick={() => print()}>{t('action.print')}</Button>
      </p>
    </>
  )
}
