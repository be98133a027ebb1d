import { verifyAudit } from '@huitong/contract/evidence'
import type { ReplyOf } from '@huitong/contract'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { paths } from '../../paths.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, Mark, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

type Verification = ReplyOf<typeof verifyAudit>
type Fault = Verification['faults'][number]

export default function VerificationPage() {
  const { t } = useWords()
  const allow = useAllowance()
  const act = useAct(verifyAudit)
  const [last, setLast] = useState<{ at: string; reply: Verification } | null>(null)
  const verify = () =>
    act.run({}).then(
      (reply) => setLast({ at: new Date().toISOString(), reply }),
      () => undefined,
    )
  return (
    <>
      <PageHead
        title={t('rail.verify')}
        facts={t('verification.help')}
        actions={
          <ActionButton
            type="primary"
            allowance={allow('audit.verify')}
            loading={act.busy}
            onClick={() => void verify()}
          >
            {t('verification.start')}
          </ActionButton>
        }
      />
      {act.problem && <ErrorPanel problem={act.problem} />}
      <div aria-live="polite">
        {last ? <Result at={last.at} reply={last.reply} /> : <p className="ht-empty">{t('verification.none')}</p>}
      </div>
    </>
  )
}

function Result({ at, reply }: { readonly at: string; readonly reply: Verification }) {
  const { t, say, choice } = useWords()
  const columns: Column<Fault>[] = [
    { title: t('verification.auditId'), key: 'auditId', render: (row) => row.auditId, align: 'right', width: 120 },
    {
      title: t('evidence.index'),
      key: 'index',
      align: 'right',
      width: 120,
      render: (row) => (row.index === null ? '–' : <Link to={paths.evidenceEntry(row.index)}>{row.index}</Link>),
    },
    {
      title: t('verification.kind'),
      key: 'kind',
      width: 140,
      render: (row) => <Mark tone="bad">{choice('faultKind', row.kind)}</Mark>,
    },
    { title: t('verification.what'), key: 'words', render: (row) => say(row.words) },
  ]
  return (
    <Section
      title={t('verification.result')}
      extra={
        <Mark tone={reply.intact ? 'good' : 'bad'}>
          {t(reply.intact ? 'verification.intact' : 'verification.broken')}
        </Mark>
      }
    >
      <Facts
        facts={[
          { label: t('verification.at'), value: <Moment at={at} form="seconds" /> },
          { label: t('verification.checked'), value: <Count value={reply.checked} /> },
          { label: t('evidence.heightNow'), value: <Count value={reply.treeSize} /> },
          { label: t('verification.faults'), value: <Count value={reply.faults.length} /> },
        ]}
      />
      {reply.faults.length > 0 && (
        <ListTable
          label={t('verification.faults')}
          columns={columns}
          rows={reply.faults}
          rowKey={(row) => `${row.auditId} ${row.kind}`}
          loading={false}
          empty="–"
        />
      )}
    </Section>
  )
}
