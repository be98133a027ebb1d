import { Button, Drawer, Form, Space, type FormInstance } from 'antd'
import { useEffect, type ReactNode } from 'react'
import { useWords } from '../words/index.ts'
import { FormSummary } from './form-summary.tsx'
import { showPlaces } from './forms.ts'
import type { Problem } from './problem.ts'

interface SideFormProps<Values extends object> {
  readonly open: boolean
  readonly title: string
  readonly submitLabel: string
  readonly danger?: boolean
  readonly busy: boolean
  readonly problem: Problem | null
  readonly initialValues?: Partial<Values>
  readonly form?: FormInstance<Values>
  readonly width?: number
  onClose(): void
  onSubmit(values: Values): void
  readonly children: ReactNode
}

/** The one form in a drawer: errors beside fields and in a summary, Enter submits, Escape closes. */
export function SideForm<Values extends object>(props: SideFormProps<Values>) {
  const { t, say } = useWords()
  const [own] = Form.useForm<Values>()
  const form = props.form ?? own
  const { problem } = props
  useEffect(() => {
    if (problem) showPlaces(form as FormInstance, problem, say)
  }, [problem, form, say])
  return (
    <Drawer
      open={props.open}
      onClose={props.onClose}
      title={props.title}
      size={props.width ?? 480}
      destroyOnHidden
      mask={{ closable: false }}
      closable={{ 'aria-label': t('action.close') }}
      footer={
        <Space>
          <Button
            type="primary"
            {...(props.danger ? { danger: true } : {})}
            loading={props.busy}
            onClick={() => form.submit()}
          >
            {props.submitLabel}
          </Button>
          <Button onClick={props.onClose}>{t('action.cancel')}</Button>
        </Space>
      }
    >
      <Form<Values>
        form={form}
        layout="vertical"
        preserve={false}
        {...(props.initialValues ? { initialValues: props.initialValues as Values } : {})}
        onFinish={props.onSubmit}
        scrollToFirstError={{ focus: true }}
      >
        <FormSummary form={form as FormInstance} problem={problem} />
        {props.children}
        {/* Lets Enter submit although the button lives in the footer. */}
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </Form>
    </Drawer>
  )
}
