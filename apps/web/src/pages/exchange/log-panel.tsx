import { approveTruncation, resyncChannel } from '@huitong/contract/exchange'
import { Alert, Checkbox, Form } from 'antd'
import { useState, type ReactNode } from 'react'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { Bytes, Count, Mark, Moment, type Tone } from '../../ui/marks.tsx'
import { Facts, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { duration } from '../../ui/time.ts'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { LOG } from './log-words.ts'
import type { Channel } from './channel.page.tsx'

type Log = NonNullable<Channel['log']>

const TONES: Readonly<Record<Log['state'], Tone>> = {
  idle: 'idle',
  reading: 'good',
  source_away: 'warn',
  outbox_full: 'warn',
  target_behind: 'warn',
  paused: 'busy',
  gap: 'bad',
  truncated: 'bad',
}

/** How a channel follows its source's log: where it stands, how far behind, and what leads on when it may not go on. */
export function LogPanel({ channel, log }: { readonly channel: Channel; readonly log: Log }) {
  const { t, say, language } = useWords()
  const lag = log.lagSeconds < 1 ? t('log.lagNone') : duration(Math.round(log.lagSeconds), language)
  return (
    <Section title={t('log.title')} extra={<LogActions channel={channel} log={log} />}>
      {log.releaseAt !== null && (
        <Alert
          type="warning"
          showIcon
          title={
            <>
              {say(LOG.releaseAt)} <Moment at={log.releaseAt} form="seconds" />
            </>
          }
        />
      )}
      <Facts
        facts={[
          { label: t('log.state'), value: <Mark tone={TONES[log.state]}>{t(`log.state.${log.state}`)}</Mark> },
          { label: t('log.position'), value: log.position === null ? '–' : <code>{log.position}</code> },
          { label: t('log.committedAt'), value: <Moment at={log.committedAt} form="seconds" /> },
          { label: t('log.reportedAt'), value: <Moment at={log.reportedAt} form="seconds" /> },
          ...(log.slot === null ? [] : [{ label: t('log.slot'), value: <code>{log.slot}</code>, wide: true }]),
        ]}
      />
      <dl className="ht-figures">
        <Figure label={t('log.lagSeconds')} value={lag} />
        <Figure label={t('log.lagBytes')} value={<Bytes value={log.lagBytes} />} />
        <Figure label={t('log.transactions')} value={<Count value={log.transactions} />} />
        <Figure label={t('follow.inserted')} value={<Count value={log.applied.inserted} />} />
        <Figure label={t('follow.updated')} value={<Count value={log.applied.updated} />} />
        <Figure label={t('follow.deleted')} value={<Count value={log.applied.deleted} />} />
      </dl>
    </Section>
  )
}

const Figure = ({ label, value }: { readonly label: string; readonly value: ReactNode }) => (
  <div className="ht-figure">
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
)

function LogActions({ channel, log }: { readonly channel: Channel; readonly log: Log }) {
  const { t } = useWords()
  const [open, setOpen] = useState<'resync' | 'truncate' | null>(null)
  const allow = useAllowance(channel.actions)
  const resync = allow('channel.operate', 'resync')
  const truncate = allow('channel.operate', 'truncate')
  return (
    <>
      {truncate.allowed && (
        <ActionButton danger allowance={truncate} onClick={() => setOpen('truncate')}>
          {t('log.truncate')}
        </ActionButton>
      )}
      {resync.allowed && (
        <ActionButton allowance={resync} onClick={() => setOpen('resync')}>
          {t('log.resync')}
        </ActionButton>
      )}
      {open === 'resync' && <ResyncForm channel={channel} onClose={() => setOpen(null)} />}
      {open === 'truncate' && <TruncateForm channel={channel} log={log} onClose={() => setOpen(null)} />}
    </>
  )
}

function ResyncForm({ channel, onClose }: { readonly channel: Channel; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(resyncChannel)
  const send = async () => {
    try {
      await act.run({ params: { id: channel.id } }, channel.version)
      toast.good(t('log.resyncBegun'))
      onClose()
    } catch {
      // Shown in the form.
    }
  }
  return (
    <SideForm
      open
      title={t('log.resync')}
      submitLabel={t('log.resync')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={() => void send()}
    >
      <p>{say(LOG.resyncHelp)}</p>
    </SideForm>
  )
}

interface TruncateProps {
  readonly channel: Channel
  readonly log: Log
  onClose(): void
}

function TruncateForm({ channel, log, onClose }: TruncateProps) {
  const { t, say } = useWords()
  const act = useAct(approveTruncation)
  const send = () =>
    act
      .run({ params: { id: channel.id }, body: { position: log.truncatedAt! } }, channel.version)
      .then(onClose, () => undefined)
  return (
    <SideForm<{ sure: boolean }>
      open
      danger
      title={t('log.truncate')}
      submitLabel={t('log.truncate')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={() => void send()}
    >
      <p>{say(LOG.truncateHelp)}</p>
      <Form.Item
        name="sure"
        valuePropName="checked"
        rules={[
          {
            validator: (_rule, value: unknown) =>
              value === true ? Promise.resolve() : Promise.reject(new Error(say(LOG.truncateSure))),
          },
        ]}
      >
        <Checkbox>{say(LOG.truncateSure)}</Checkbox>
      </Form.Item>
    </SideForm>
  )
}
