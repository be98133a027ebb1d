import { readDataset, readRequest, withdrawRequest } from '@huitong/contract/catalogue'
import type { ReplyOf } from '@huitong/contract'
import { Button } from 'antd'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan, useSession } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { DeadlineBadge, Mark, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { dayWithWeekday } from '../../ui/time.ts'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { DECISIONS, DecisionForm, ExtensionForm } from './request-decision.tsx'
import { StepsTimeline } from './steps-timeline.tsx'
import { describe } from './row-filter.ts'

export type Request = ReplyOf<typeof readRequest>

const EVERY_MS = 15_000

export default function RequestPage() {
  const { id = '' } = useParams()
  const read = useRead(readRequest, { params: { id } }, { everyMs: () => EVERY_MS })
  return <Reading read={read}>{(request) => <Shown request={request} />}</Reading>
}

function Shown({ request }: { readonly request: Request }) {
  const { t, say } = useWords()
  return (
    <>
      <PageHead
        title={say(request.datasetName)}
        code={request.number}
        state={
          <span className="ht-marks">
            <State list="requestState" value={request.state} />
            <State list="shareAttribute" value={request.shareAttribute} />
            {request.deadline && <DeadlineBadge deadline={request.deadline} />}
          </span>
        }
        facts={t('request.fromTo', {
          from: say(request.applicantDepartmentName),
          to: say(request.providerDepartmentName),
        })}
        actions={<Actions request={request} />}
      />
      <div className="ht-split">
        <div>
          <Section title={t('request.content')}>
            <Content request={request} />
          </Section>
          <Section title={t('request.itemsAsked', { count: request.content.items.length })}>
            <AskedItems request={request} />
          </Section>
        </div>
        <Section title={t('request.progress')}>
          <StepsTimeline steps={request.steps} />
        </Section>
      </div>
    </>
  )
}

function Actions({ request }: { readonly request: Request }) {
  const { t } = useWords()
  const can = useCan()
  const navigate = useNavigate()
  const toast = useToast()
  const { person } = useSession()
  const allow = useAllowance(request.actions)
  const withdraw = useAct(withdrawRequest)
  const [open, setOpen] = useState<'decide' | 'extend' | null>(null)
  const applicant = person.departmentId === request.applicantDepartmentId
  const decide = allow('request.read', 'agree', 'return', 'refuse')
  const decidable = request.actions.some((action) => (DECISIONS as readonly string[]).includes(action.name))
  const takeBack = () =>
    withdraw.run({ params: { id: request.id } }, request.version).then(
      () => toast.good(t('request.withdrawn')),
      () => undefined,
    )
  return (
    <>
      {request.state === 'running' && decidable && (
        <ActionButton type="primary" allowance={decide} onClick={() => setOpen('decide')}>
          {t('request.decide')}
        </ActionButton>
      )}
      {request.state === 'supplement' && applicant && (
        <ActionButton
          type="primary"
          allowance={allow('request.make', 'supplement')}
          onClick={() => void navigate(paths.requestEdit(request.id))}
        >
          {t('request.supplement')}
        </ActionButton>
      )}
      {can('request.accept') && request.step === 'provider_answer' && (
        <ActionButton allowance={allow('request.accept', 'extend')} onClick={() => setOpen('extend')}>
          {t('request.extend')}
        </ActionButton>
      )}
      {applicant && can('request.make') && (request.state === 'running' || request.state === 'supplement') && (
        <ActionButton
          allowance={allow('request.make', 'withdraw')}
          loading={withdraw.busy}
          onClick={() => void takeBack()}
        >
          {t('request.withdraw')}
        </ActionButton>
      )}
      {request.grantId && can('grant.read') && (
        <Button onClick={() => void navigate(paths.grant(request.grantId ?? ''))}>{t('request.toGrant')}</Button>
      )}
      {request.channelId && can('channel.read') && (
        <Button onClick={() => void navigate(paths.channel(request.channelId ?? ''))}>{t('request.toChannel')}</Button>
      )}
      {request.grantId && !request.channelId && can('request.configure') && (
        <Button
          type={decidable ? 'default' : 'primary'}
          onClick={() => void navigate(paths.channelNew(request.grantId ?? undefined))}
        >
          {t('channel.configure')}
        </Button>
      )}
      <Button onClick={() => print()}>{t('action.print')}</Button>
      {withdraw.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={withdraw.problem} />
        </div>
      )}
      {open === 'decide' && <DecisionForm request={request} onClose={() => setOpen(null)} />}
      {open === 'extend' && <ExtensionForm request={request} onClose={() => setOpen(null)} />}
    </>
  )
}

/** Names of the items, as the dataset gives them; their codes until it was read. */
function useItemNames(request: Request): Map<string, string> {
  const { say } = useWords()
  const can = useCan()
  const dataset = useRead(
    readDataset,
    { params: { id: request.datasetId }, query: { version: 'live' } },
    { enabled: can('catalogue.read') },
  )
  return new Map((dataset.data?.content.items ?? []).map((item) => [item.code, say(item.name)]))
}

function Content({ request }: { readonly request: Request }) {
  const speaker = useWords()
  const { t, choice, language } = speaker
  const { content } = request
  const names = useItemNames(request)
  const days = `${dayWithWeekday(content.from, language)} – ${dayWithWeekday(content.until, language)}`
  return (
    <Facts
      facts={[
        { label: t('request.dataset'), value: <DatasetLink request={request} />, wide: true },
        { label: t('request.matter'), value: `${content.matter.name} (${content.matter.code})` },
        { label: t('request.method'), value: choice('method', content.method) },
        { label: t('request.frequency'), value: choice('updateCycle', content.frequency) },
        { label: t('request.period'), value: days, wide: true },
        { label: t('request.purpose'), value: content.purpose, wide: true },
        { label: t('request.legalBasis'), value: content.legalBasis, wide: true },
        { label: t('request.scenario'), value: content.scenario },
        { label: t('request.scope'), value: content.scope },
        { label: t('request.rowFilter'), value: describe(content.rowFilter, names, speaker), wide: true },
        { label: t('request.createdAt'), value: <Moment at={request.createdAt} /> },
      ]}
    />
  )
}

function DatasetLink({ request }: { readonly request: Request }) {
  const { say } = useWords()
  const can = useCan()
  const name = say(request.datasetName)
  return can('catalogue.read') ? <Link to={paths.dataset(request.datasetId)}>{name}</Link> : name
}

function AskedItems({ request }: { readonly request: Request }) {
  const { t } = useWords()
  const names = useItemNames(request)
  const answered = request.answeredItems && new Set(request.answeredItems)
  const columns: Column<{ code: string }>[] = [
    { title: t('item.name'), key: 'name', render: (row) => names.get(row.code) ?? '–' },
    { title: t('item.code'), key: 'code', render: (row) => <code>{row.code}</code> },
    {
      title: t('request.answer'),
      key: 'answer',
      render: (row) =>
        answered === null ? (
          <Mark tone="wait">{t('request.notAnswered')}</Mark>
        ) : answered.has(row.code) ? (
          <Mark tone="good">{t('request.itemAgreed')}</Mark>
        ) : (
          <Mark tone="bad">{t('request.itemRefused')}</Mark>
        ),
    },
  ]
  return (
    <ListTable
      label={t('item.name')}
      columns={columns}
      rows={request.content.items.map((code) => ({ code }))}
      rowKey={(row) => row.code}
      loading={false}
      empty={t('item.none')}
    />
  )
}
