import { readDataset, readGrant, revokeGrant } from '@huitong/contract/catalogue'
import type { ReplyOf } from '@huitong/contract'
import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { Count, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { termsOf } from './grant-document.ts'
import { describe } from './row-filter.ts'

type Grant = ReplyOf<typeof readGrant>

export default function GrantPage() {
  const { id = '' } = useParams()
  const read = useRead(readGrant, { params: { id } })
  return <Reading read={read}>{(grant) => <Shown grant={grant} />}</Reading>
}

function Shown({ grant }: { readonly grant: Grant }) {
  const { t, say } = useWords()
  const can = useCan()
  const navigate = useNavigate()
  const allow = useAllowance()
  const [revoking, setRevoking] = useState(false)
  const text = typeof grant.document === 'string' ? grant.document : JSON.stringify(grant.document, null, 2)
  const download = () =>
    saveFile(
      `${grant.number}.json`,
      JSON.stringify({ document: grant.document, signature: grant.signature, keyId: grant.keyId }, null, 2),
      'application/json',
    )
  return (
    <>
      <PageHead
        title={t('grant.title', { name: say(grant.datasetName) })}
        code={grant.number}
        state={<State list="grantState" value={grant.state} />}
        facts={t('grant.to', { name: say(grant.granteeDepartmentName) })}
        actions={
          <>
            {can('request.configure') && grant.state === 'active' && (
              <Button type="primary" onClick={() => void navigate(paths.channelNew(grant.id))}>
                {t('channel.configure')}
              </Button>
            )}
            <Button onClick={download}>{t('grant.download')}</Button>
            {can('grant.revoke') && (
              <ActionButton
                danger
                allowance={revocable(grant, allow('grant.revoke'))}
                onClick={() => setRevoking(true)}
              >
                {t('grant.revoke')}
              </ActionButton>
            )}
          </>
        }
      />
      <Section title={t('grant.terms')}>
        <Terms grant={grant} />
      </Section>
      <Section title={t('grant.document')}>
        <p className="ht-quiet">{t('grant.documentHelp')}</p>
        <pre className="ht-pre" tabIndex={0}>
          {text}
        </pre>
        <Facts
          facts={[
            { label: t('grant.signature'), value: <code className="ht-wrap">{grant.signature}</code>, wide: true },
            { label: t('grant.keyId'), value: <code>{grant.keyId}</code> },
          ]}
        />
      </Section>
      {revoking && <RevokeForm grant={grant} onClose={() => setRevoking(false)} />}
    </>
  )
}

const OVER = { zh: '授权已撤销或已过期', en: 'The authorisation is revoked or expired already' }

function revocable(grant: Grant, word: { allowed: boolean; reason: { zh: string; en?: string | undefined } | null }) {
  const over = grant.state === 'revoked' || grant.state === 'expired'
  return over ? { allowed: false, reason: OVER } : word
}

function Terms({ grant }: { readonly grant: Grant }) {
  const speaker = useWords()
  const { t, say, choice, listed } = speaker
  const terms = termsOf(grant.document)
  const dataset = useRead(readDataset, { params: { id: grant.datasetId }, query: { version: 'live' } })
  const names = new Map((dataset.data?.content.items ?? []).map((item) => [item.code, say(item.name)]))
  const nameOf = (code: string) => names.get(code) ?? code
  return (
    <Facts
      facts={[
        {
          label: t('request.dataset'),
          value: <Link to={paths.dataset(grant.datasetId)}>{say(grant.datasetName)}</Link>,
        },
        { label: t('grant.request'), value: <Link to={paths.request(grant.requestId)}>{t('grant.toRequest')}</Link> },
        { label: t('grant.from'), value: <Moment at={grant.validFrom} /> },
        { label: t('grant.until'), value: <Moment at={grant.validUntil} /> },
        { label: t('request.matter'), value: terms.matter },
        { label: t('request.purpose'), value: terms.purpose },
        {
          label: t('grant.items', { count: terms.items?.length ?? 0 }),
          value: terms.items && listed(terms.items.map(nameOf)),
          wide: true,
        },
        { label: t('request.rowFilter'), value: describe(terms.rowFilter, names, speaker), wide: true },
        {
          label: t('decision.masks'),
          value:
            terms.masks.length > 0
              ? listed(terms.masks.map(({ item, mask }) => `${nameOf(item)}: ${choice('mask', mask)}`))
              : t('mask.none'),
        },
        {
          label: t('decision.rowsPerDayMax'),
          value: terms.rowsPerDayMax ? <Count value={terms.rowsPerDayMax} /> : t('grant.noLimit'),
        },
      ]}
    />
  )
}

function RevokeForm({ grant, onClose }: { readonly grant: Grant; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(revokeGrant)
  const send = async ({ reason }: { reason: string }) => {
    try {
      await act.run({ params: { id: grant.id }, body: { reason } }, grant.version)
      toast.good(t('grant.revoked'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <SideForm<{ reason: string }>
      open
      danger
      title={t('grant.revoke')}
      submitLabel={t('grant.revoke')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('grant.revokeHelp')}</p>
      <Form.Item
        name="reason"
        label={t('decision.reason')}
        rules={[{ required: true, whitespace: true, message: t('decision.reasonNeeded') }]}
      >
        <Input.TextArea rows={4} maxLength={1000} showCount autoFocus />
      </Form.Item>
    </SideForm>
  )
}
