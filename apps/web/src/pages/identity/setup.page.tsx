import { setup, setupState } from '@huitong/contract/identity'
import { Button, Form, Input, Result, type FormInstance } from 'antd'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import type { BodyOf } from '@huitong/contract'
import { useAct, useRead } from '../../api.ts'
import { paths } from '../../paths.ts'
import { Reading } from '../../parts/reading.tsx'
import { FormSummary } from '../../ui/form-summary.tsx'
import { showPlaces } from '../../ui/forms.ts'
import { useWords } from '../../words/index.ts'

type Values = BodyOf<typeof setup>
const ADMINISTRATORS = ['system', 'security', 'audit'] as const
const PASSWORD_LENGTH_MIN = 12

export default function SetupPage() {
  const { t } = useWords()
  const state = useRead(setupState)
  const [done, setDone] = useState(false)
  useEffect(() => {
    document.title = `${t('setup.title')} · ${t('app.name')}`
  }, [t])
  const finished = (
    <Result
      status="success"
      title={t(done ? 'setup.done' : 'setup.closed')}
      extra={
        <Link to={paths.login()}>
          <Button type="primary">{t('login.enter')}</Button>
        </Link>
      }
    />
  )
  return (
    <div className="ht-setup">
      <h1>{t('setup.title')}</h1>
      <Reading read={state}>
        {(reply) => (done || !reply.open ? finished : <SetupForm onDone={() => setDone(true)} />)}
      </Reading>
    </div>
  )
}

function SetupForm({ onDone }: { readonly onDone: () => void }) {
  const { t, say } = useWords()
  const [form] = Form.useForm<Values>()
  const act = useAct(setup)
  const { problem } = act
  useEffect(() => {
    if (problem) showPlaces(form as FormInstance, problem, say)
  }, [problem, form, say])
  const send = (values: Values) => act.run({ body: values }).then(onDone, () => undefined)
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      onFinish={(values) => void send(values)}
      scrollToFirstError={{ focus: true }}
    >
      <p className="ht-quiet">{t('setup.text')}</p>
      <FormSummary form={form as FormInstance} problem={problem} />
      <Form.Item name="token" label={t('setup.token')} extra={t('setup.tokenHelp')} rules={needed(t('setup.token'))}>
        <Input autoFocus autoComplete="off" maxLength={128} spellCheck={false} />
      </Form.Item>
      <h2>{t('setup.bureau')}</h2>
      <div className="ht-columns">
        <Form.Item
          name={['department', 'name', 'zh']}
          label={t('department.nameZh')}
          rules={needed(t('department.nameZh'))}
        >
          <Input maxLength={128} />
        </Form.Item>
        <Form.Item name={['department', 'name', 'en']} label={t('department.nameEn')}>
          <Input maxLength={128} />
        </Form.Item>
        <Form.Item
          name={['department', 'creditCode']}
          label={t('department.creditCode')}
          rules={[...needed(t('department.creditCode')), { len: 18, message: t('department.creditCodeLength') }]}
        >
          <Input maxLength={18} spellCheck={false} />
        </Form.Item>
        <Form.Item
          name="division"
          label={t('department.division')}
          rules={[{ required: true, pattern: /^\d{6}$/, message: t('department.divisionFormat') }]}
        >
          <Input maxLength={6} inputMode="numeric" />
        </Form.Item>
      </div>
      <h2>{t('setup.administrators')}</h2>
      <p className="ht-quiet">{t('setup.administratorsText')}</p>
      {ADMINISTRATORS.map((kind) => (
        <fieldset key={kind} className="ht-fieldset">
          <legend>{t(`setup.${kind}`)}</legend>
          <div className="ht-columns ht-columns-3">
            <Form.Item
              name={['administrators', kind, 'account']}
              label={t('login.account')}
              rules={[{ required: true, min: 3, message: t('person.accountFormat') }]}
            >
              <Input maxLength={64} autoComplete="off" spellCheck={false} />
            </Form.Item>
            <Form.Item
              name={['administrators', kind, 'name']}
              label={t('person.name')}
              rules={needed(t('person.name'))}
            >
              <Input maxLength={64} autoComplete="off" />
            </Form.Item>
            <Form.Item
              name={['administrators', kind, 'password']}
              label={t(kind === 'system' ? 'login.password' : 'person.firstPassword')}
              rules={[{ required: true, min: PASSWORD_LENGTH_MIN, message: t('password.rule') }]}
            >
              <Input.Password maxLength={256} autoComplete="new-password" />
            </Form.Item>
          </div>
        </fieldset>
      ))}
      <Button type="primary" htmlType="submit" loading={act.busy}>
        {t('setup.finish')}
      </Button>
    </Form>
  )
}
