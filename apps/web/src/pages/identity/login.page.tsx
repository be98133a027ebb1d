import { currentSession, login, setupState } from '@huitong/contract/identity'
import { Alert, Button, Form, Input } from 'antd'
import { useEffect } from 'react'
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router'
import { queryClient, useAct, useRead } from '../../api.ts'
import { localLink, paths } from '../../paths.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { useWords } from '../../words/index.ts'

interface Values {
  account: string
  password: string
}

export default function LoginPage() {
  const { t } = useWords()
  const [search] = useSearchParams()
  const navigate = useNavigate()
  const state = useRead(setupState)
  const act = useAct(login)
  useEffect(() => {
    document.title = `${t('login.title')} · ${t('app.name')}`
  }, [t])
  if (state.data?.open) return <Navigate to={paths.setup()} replace />
  const enter = async (values: Values) => {
    try {
      const session = await act.run({ body: values })
      queryClient.clear()
      queryClient.setQueryData([currentSession.id, {}], session)
      void navigate(localLink(search.get('next') ?? paths.home()), { replace: true })
    } catch {
      // Shown by the panel.
    }
  }
  return (
    <div className="ht-login">
      <h1>{t('login.title')}</h1>
      <p className="ht-quiet">{t('login.subtitle')}</p>
      {search.get('next') && !act.problem && <p className="ht-quiet">{t('login.ended')}</p>}
      {act.problem && <ErrorPanel problem={act.problem} />}
      <Form<Values> layout="vertical" size="large" onFinish={(values) => void enter(values)} requiredMark={false}>
        <Form.Item
          name="account"
          label={t('login.account')}
          rules={[{ required: true, message: t('login.accountNeeded') }]}
        >
          <Input autoFocus autoComplete="username" maxLength={64} spellCheck={false} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('login.password')}
          rules={[{ required: true, message: t('login.passwordNeeded') }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={act.busy}>
          {t('login.enter')}
        </Button>
      </Form>
      <div className="ht-login-hint">
        {state.data?.demo && <Alert type="info" showIcon title={t('login.demo')} description={t('login.demoText')} />}
        {state.error && (
          <p className="ht-quiet">
            {t('login.unreachable')} <Link to={paths.login()}>{t('action.retry')}</Link>
          </p>
        )}
      </div>
      <p className="ht-quiet ht-login-foot">{t('login.foot')}</p>
    </div>
  )
}
