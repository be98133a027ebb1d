import { changePassword } from '@huitong/contract/identity'
import { Alert, Button, Form, Input, type FormInstance } from 'antd'
import { useEffect } from 'react'
import { useNavigate } from 'react-router'
import { useAct } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useSession } from '../../session.tsx'
import { FormSummary } from '../../ui/form-summary.tsx'
import { showPlaces } from '../../ui/forms.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'

interface Values {
  current: string
  next: string
  again: string
}

export default function PasswordPage() {
  const { t, say } = useWords()
  const toast = useToast()
  const navigate = useNavigate()
  const { mustChangePassword } = useSession()
  const [form] = Form.useForm<Values>()
  const act = useAct(changePassword)
  const { problem } = act
  useEffect(() => {
    if (problem) showPlaces(form as FormInstance, problem, say)
  }, [problem, form, say])
  const send = async ({ current, next }: Values) => {
    try {
      await act.run({ body: { current, next } })
      form.resetFields()
      toast.good(t('password.done'))
      if (mustChangePassword) void navigate(paths.home(), { replace: true })
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <>
      <PageHead title={t('shell.password')} />
      {mustChangePassword && <Alert type="info" showIcon title={t('password.first')} className="ht-narrow" />}
      <Form<Values> form={form} layout="vertical" className="ht-narrow" onFinish={(values) => void send(values)}>
        <FormSummary form={form as FormInstance} problem={problem} />
        <Form.Item
          name="current"
          label={t('password.current')}
          rules={[{ required: true, message: t('login.passwordNeeded') }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        <Form.Item
          name="next"
          label={t('password.next')}
          extra={t('password.rule')}
          rules={[{ required: true, message: t('login.passwordNeeded') }]}
        >
          <Input.Password autoComplete="new-password" maxLength={256} />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('password.again')}
          dependencies={['next']}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                value === getFieldValue('next') ? Promise.resolve() : Promise.reject(new Error(t('password.differs'))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={256} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={act.busy}>
          {t('shell.password')}
        </Button>
      </Form>
    </>
  )
}
