import { Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { useWords } from '../../words/index.ts'
import type { Service } from './service.page.tsx'
import { callSigned, type CallAnswered } from './signed-call.ts'
import { useWays } from './ways.ts'

interface Values {
  appId: string
  secret: string
  matter: string
  way: string
  query?: string
}

/** Calls the service from the page: signed here, answered by the gateway as to any application. */
export function TryOut({ service }: { readonly service: Service }) {
  const { t } = useWords()
  const [busy, setBusy] = useState(false)
  const [answer, setAnswer] = useState<CallAnswered | 'failed' | null>(null)
  const ways = useWays(service)
  const [first] = ways
  const send = async ({ appId, secret, matter, way, query = '' }: Values) => {
    setBusy(true)
    const path = ways.find((one) => one.value === way)?.path ?? ''
    const reply = await callSigned({
      appId: appId.trim(),
      secret: secret.trim(),
      matter: matter.trim(),
      path,
      query: query.trim().replace(/^\?/, ''),
    }).catch(() => null)
    setAnswer(reply ?? 'failed')
    setBusy(false)
  }
  const needed = (label: string) => [{ required: true, whitespace: true, message: t('form.needed', { label }) }]
  return (
    <>
      <p className="ht-quiet">{t('try.help')}</p>
      <Form<Values>
        layout="vertical"
        className="ht-try"
        autoComplete="off"
        initialValues={{ way: first?.value, query: first?.query, matter: service.openings[0]?.matter.code ?? '' }}
        onFinish={(values) => void send(values)}
      >
        <Form.Item name="appId" label={t('try.app')} rules={needed(t('try.app'))}>
          <Input maxLength={64} spellCheck={false} />
        </Form.Item>
        <Form.Item name="secret" label={t('try.secret')} rules={needed(t('try.secret'))}>
          <Input.Password maxLength={128} autoComplete="off" />
        </Form.Item>
        <Form.Item name="matter" label={t('try.matter')} rules={needed(t('try.matter'))}>
          <Input maxLength={64} spellCheck={false} />
        </Form.Item>
        <Form.Item name="way" label={t('try.way')}>
          <Select options={ways} />
        </Form.Item>
        <Form.Item name="query" label={t('try.query')} extra={service.proxied ? undefined : t('try.queryHelp')}>
          <Input maxLength={2000} spellCheck={false} />
        </Form.Item>
        <Form.Item>
          <Button htmlType="submit" loading={busy}>
            {t('try.send')}
          </Button>
        </Form.Item>
      </Form>
      <div role="status">
        {answer === 'failed' && <p>{t('try.failed')}</p>}
        {answer !== null && answer !== 'failed' && (
          <>
            <p>{t('try.reply', { status: answer.status, ms: answer.milliseconds })}</p>
            <pre className="ht-pre" tabIndex={0}>
              {answer.text}
            </pre>
          </>
        )}
      </div>
    </>
  )
}
