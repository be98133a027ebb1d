import { readChannel, resumeChannel, startChannel, startIncrement, stopChannel } from '@huitong/contract/exchange'
import type { ReplyOf } from '@huitong/contract'
import { Alert, Form, Input, Tabs } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Link, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useFilter } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { DriftPanel, DriftPolicyBar } from './drift-panel.tsx'
import { FILES } from './file-words.ts'
import { Files } from './files.tsx'
import { FollowPanel, Increments } from './follow.tsx'
import { LiveProgress } from './live-progress.tsx'
import { LogPanel } from './log-panel.tsx'
import { REJECTS } from './reject-words.ts'
import { MAPPING } from './mapping-words.ts'
import { codesText } from './mapping.ts'
import { Reconciliations } from './reconciliations.tsx'
import { Segments } from './segments.tsx'
import { Statements } from './statements.tsx'

const Rejects = lazy(() => import('./rejects.tsx'))
const ReceivingTable = lazy(() => import('./receiving-table.tsx'))
const MappingPanel = lazy(() => import('./mapping-panel.tsx'))
const CrossingsPanel = lazy(() => import('./crossings-panel.tsx'))

export type Channel = ReplyOf<typeof readChannel>

const RUNNING_EVERY_MS = 1_000
const IDLE_EVERY_MS = 10_000

const isLive = (channel: Channel | undefined) =>
  channel?.state === 'running' ||
  channel?.follow?.last?.state === 'running' ||
  (channel?.log != null && channel.state === 'following') ||
  channel?.reconciliations.some((one) => one.state === 'running' || one.state === 'repairing')

export default function ChannelPage() {
  const { id = '' } = useParams()
  const read = useRead(
    readChannel,
    { params: { id } },
    { everyMs: (channel) => (isLive(channel) ? RUNNING_EVERY_MS : IDLE_EVERY_MS) },
  )
  return <Reading read={read}>{(channel) => <Shown channel={channel} at={read.dataUpdatedAt} />}</Reading>
}

function Shown({ channel, at }: { readonly channel: Channel; readonly at: number }) {
  const { t, say } = useWords()
  const [tab, setTab] = useFilter('tab')
  const first = channel.follow ? 'increments' : 'reconciliation'
  return (
    <>
      <PageHead
        title={say(channel.name)}
        code={channel.number}
        state={<State list="channelState" value={channel.state} />}
        facts={t('channel.fromTo', {
          from: say(channel.providerDepartmentName),
          to: say(channel.consumerDepartmentName),
        })}
        actions={<Actions channel={channel} />}
      />
      {channel.problem && (
        <Alert
          className="ht-error"
          type={channel.state === 'following' || channel.state === 'completed' ? 'warning' : 'error'}
          showIcon
          role="alert"
          title={say(channel.problem.message)}
          description={
            <>
              <Moment at={channel.problem.at} form="seconds" /> · {t('error.code')} <code>{channel.problem.code}</code>
            </>
          }
        />
      )}
      {channel.drift && <DriftPanel channel={channel} drift={channel.drift} />}
      <LiveProgress channel={channel} at={at} />
      {channel.crossings.length > 0 && (
        <Suspense fallback={null}>
          <CrossingsPanel channel={channel} />
        </Suspense>
      )}
      {channel.follow && <FollowPanel channel={channel} follow={channel.follow} />}
      {channel.log && <LogPanel channel={channel} log={channel.log} />}
      <Tabs
        activeKey={tab ?? first}
        onChange={(key) => setTab(key === first ? undefined : key)}
        destroyOnHidden
        items={[
          ...(channel.follow
            ? [{ key: 'increments', label: t('follow.tab'), children: <Increments channel={channel} /> }]
            : []),
          ...(channel.mode === 'files'
            ? [{ key: 'files', label: say(FILES.tab), children: <Files channel={channel} /> }]
            : []),
          {
            key: 'reconciliation',
            label: t('channel.reconciliation'),
            children: <Reconciliations channel={channel} />,
          },
          { key: 'segments', label: t('channel.segments'), children: <Segments channel={channel} /> },
          ...(channel.rejected === '0'
            ? []
            : [
                {
                  key: 'rejects',
                  label: `${say(REJECTS.tab)} (${channel.rejected})`,
                  children: (
                    <Suspense fallback={null}>
                      <Rejects channel={channel} />
                    </Suspense>
                  ),
                },
              ]),
          { key: 'statements', label: t('statement.tab'), children: <Statements channel={channel} /> },
          { key: 'settings', label: t('channel.settings'), children: <Settings channel={channel} /> },
        ]}
      />
    </>
  )
}

function Actions({ channel }: { readonly channel: Channel }) {
  const { t } = useWords()
  const can = useCan()
  const toast = useToast()
  const allow = useAllowance(channel.actions)
  const start = useAct(startChannel)
  const resume = useAct(resumeChannel)
  const now = useAct(startIncrement)
  const [stopping, setStopping] = useState(false)
  if (!can('channel.operate')) return null
  const running = channel.state === 'running' || channel.state === 'following'
  const began = (run: Promise<unknown>) =>
    void run.then(
      () => toast.good(t('channel.started')),
      () => undefined,
    )
  const params = { id: channel.id }
  const problem = start.problem ?? resume.problem ?? now.problem
  const resumable = allow('channel.operate', 'resume').allowed
  return (
    <>
      {channel.follow && channel.state === 'following' && (
        <ActionButton
          allowance={allow('channel.operate', 'increment')}
          loading={now.busy}
          onClick={() => began(now.run({ params }))}
        >
          {t('follow.now')}
        </ActionButton>
      )}
      {resumable && (
        <ActionButton
          type="primary"
          allowance={allow('channel.operate', 'resume')}
          loading={resume.busy}
          onClick={() => began(resume.run({ params }, channel.version))}
        >
          {t('follow.resume')}
        </ActionButton>
      )}
      {running ? (
        <ActionButton
          type="primary"
          danger
          allowance={allow('channel.operate', 'run.stop', 'stop')}
          onClick={() => setStopping(true)}
        >
          {t('channel.stop')}
        </ActionButton>
      ) : (
        <ActionButton
          {...(resumable ? {} : { type: 'primary' as const })}
          allowance={allow('channel.operate', 'run.start', 'start')}
          loading={start.busy}
          onClick={() => began(start.run({ params }, channel.version))}
        >
          {t(resumable ? 'follow.copyAgain' : channel.progress.startedAt ? 'channel.startAgain' : 'channel.start')}
        </ActionButton>
      )}
      {problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={problem} />
        </div>
      )}
      {stopping && <StopForm channel={channel} onClose={() => setStopping(false)} />}
    </>
  )
}

function StopForm({ channel, onClose }: { readonly channel: Channel; onClose(): void }) {
  const { t } = useWords()
  const act = useAct(stopChannel)
  const send = ({ reason }: { reason: string }) =>
    act.run({ params: { id: channel.id }, body: { reason } }, channel.version).then(onClose, () => undefined)
  return (
    <SideForm<{ reason: string }>
      open
      danger
      title={t('channel.stop')}
      submitLabel={t('channel.stop')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t(channel.log ? 'log.stopHelp' : channel.follow ? 'follow.stopHelp' : 'channel.stopHelp')}</p>
      <Form.Item
        name="reason"
        label={t('decision.reason')}
        rules={[{ required: true, whitespace: true, message: t('decision.reasonNeeded') }]}
      >
        <Input.TextArea rows={3} maxLength={500} showCount autoFocus />
      </Form.Item>
    </SideForm>
  )
}

function Settings({ channel }: { readonly channel: Channel }) {
  const { t, say } = useWords()
  const can = useCan()
  const columns: Column<Channel['columns'][number]>[] = [
    {
      title: t('item.code'),
      key: 'item',
      render: ({ constant, item }) => (constant === undefined ? <code>{item}</code> : say(MAPPING.constant)),
    },
    {
      title: t('mounting.field'),
      key: 'field',
      render: ({ constant, field }) => (constant === undefined ? <code>{field}</code> : constant),
    },
    { title: t('channel.targetColumn'), key: 'as', render: (row) => <code>{row.as}</code> },
    { title: t('mounting.fieldType'), key: 'type', render: (row) => <code>{row.type}</code> },
    { title: say(MAPPING.codes), key: 'codes', render: ({ codes }) => (codes ? codesText(codes, say) : '–') },
  ]
  const place = (side: Channel['source']) => (
    <>
      {say(side.name)} · <code>{[side.schema, side.table].filter(Boolean).join('.')}</code>
    </>
  )
  return (
    <>
      {channel.mode !== 'files' && <DriftPolicyBar channel={channel} />}
      <Facts
        facts={[
          { label: t('channel.source'), value: place(channel.source), wide: true },
          { label: t('channel.target'), value: place(channel.target), wide: true },
          { label: t('channel.mode'), value: t(`channel.mode.${channel.mode}`) },
          { label: t('mounting.key'), value: channel.key.join(', ') || t('mounting.noKey') },
          {
            label: t('grant.label'),
            value: can('grant.read') ? <Link to={paths.grant(channel.grantId)}>{t('channel.toGrant')}</Link> : '–',
          },
          {
            label: t('request.dataset'),
            value: can('catalogue.read') ? (
              <Link to={paths.dataset(channel.datasetId)}>{say(channel.datasetName)}</Link>
            ) : (
              say(channel.datasetName)
            ),
          },
          { label: t('request.createdAt'), value: <Moment at={channel.createdAt} /> },
        ]}
      />
      <Section
        title={t('channel.columns')}
        extra={
          <Suspense fallback={null}>
            {channel.mode !== 'files' && <ReceivingTable channel={channel} />}
            <MappingPanel channel={channel} />
          </Suspense>
        }
      >
        <ListTable
          label={t('channel.columns')}
          columns={columns}
          rows={channel.columns}
          rowKey={(row) => row.as}
          loading={false}
          empty={t('item.none')}
        />
      </Section>
    </>
  )
}
