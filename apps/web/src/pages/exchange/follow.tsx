import { listIncrements, setSchedule } from '@huitong/contract/exchange'
import { Form, InputNumber } from 'antd'
import { useState, type ReactNode } from 'react'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, Moment } from '../../ui/marks.tsx'
import { Facts, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { duration } from '../../ui/time.ts'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'
import { FILES } from './file-words.ts'
import { Carrying } from './files.tsx'

type Follow = NonNullable<Channel['follow']>
type Increment = RowOf<typeof listIncrements>

/** A time of the source's clock; one without a zone is shown as the source wrote it. */
export function SourceTime({ at }: { readonly at: string | null }) {
  if (at === null) return '–'
  return at.endsWith('Z') ? <Moment at={at} form="seconds" /> : <code>{at.replace('T', ' ').slice(0, 19)}</code>
}

/** How a channel follows its source: where it stands, what came, and what could not. */
export function FollowPanel({ channel, follow }: { readonly channel: Channel; readonly follow: Follow }) {
  const { t, say, language } = useWords()
  const { totals } = follow
  return (
    <Section title={t('follow.title')} extra={<Schedule channel={channel} follow={follow} />}>
      <Facts
        facts={[
          { label: t('follow.position'), value: <SourceTime at={follow.position} /> },
          { label: t('follow.interval'), value: duration(follow.intervalSeconds, language) },
          { label: t('follow.lookedAt'), value: <Moment at={follow.lookedAt} form="seconds" /> },
          { label: t('follow.nextAt'), value: <Moment at={follow.nextAt} form="seconds" /> },
        ]}
      />
      <dl className="ht-figures">
        <Figure label={t('follow.increments')} value={<Count value={follow.increments} />} />
        <Figure label={t('follow.inserted')} value={<Count value={totals.inserted} />} />
        <Figure label={t('follow.updated')} value={<Count value={totals.updated} />} />
        <Figure label={t('follow.deleted')} value={<Count value={totals.deleted} />} />
        <Figure
          label={channel.mode === 'files' ? say(FILES.filesHeld) : t('follow.held')}
          value={<Count value={follow.held.rows} />}
        />
      </dl>
      {follow.last?.files && <Carrying files={follow.last.files} />}
      {follow.held.listed.length > 0 && <Held channel={channel} held={follow.held.listed} />}
    </Section>
  )
}

const Figure = ({ label, value }: { readonly label: string; readonly value: ReactNode }) => (
  <div className="ht-figure">
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
)

function Held({ channel, held }: { readonly channel: Channel; readonly held: Follow['held']['listed'] }) {
  const { t, say } = useWords()
  const isFiles = channel.mode === 'files'
  const reasonOf = (reason: (typeof held)[number]['reason']) =>
    reason === 'time' || reason === 'operation'
      ? t(reason === 'time' ? 'follow.heldTime' : 'follow.heldOperation')
      : say(FILES[reason === 'digest' ? 'digestWrong' : reason])
  const columns: Column<(typeof held)[number]>[] = [
    {
      title: isFiles ? say(FILES.path) : t('reconciliation.key', { key: channel.key.join(', ') }),
      key: 'key',
      render: (row) => <code>{row.key.join(', ')}</code>,
    },
    {
      title: t('follow.heldReason'),
      key: 'reason',
      render: (row) => reasonOf(row.reason),
    },
  ]
  return (
    <>
      <p className="ht-quiet">{isFiles ? say(FILES.held) : t('follow.heldHelp')}</p>
      <div className="ht-scroll">
        <ListTable
          label={t('follow.held')}
          columns={columns}
          rows={held}
          rowKey={(row) => row.key.join('\u0001')}
          loading={false}
          empty={t('follow.none')}
        />
      </div>
    </>
  )
}

interface ScheduleValues {
  intervalSeconds: number
  lagSeconds: number
}

function Schedule({ channel, follow }: { readonly channel: Channel; readonly follow: Follow }) {
  const { t } = useWords()
  const can = useCan()
  const toast = useToast()
  const allow = useAllowance(channel.actions)
  const act = useAct(setSchedule)
  const [setting, setSetting] = useState(false)
  if (!can('channel.operate')) return null
  const send = async (values: Partial<ScheduleValues>) => {
    // Fields that are not shown stay as they are.
    const body = { intervalSeconds: follow.intervalSeconds, lagSeconds: follow.lagSeconds, ...values }
    try {
      await act.run({ params: { id: channel.id }, body }, channel.version)
      toast.good(t('action.done'))
      setSetting(false)
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <>
      <ActionButton allowance={allow('channel.operate', 'schedule')} onClick={() => setSetting(true)}>
        {t('follow.schedule')}
      </ActionButton>
      {setting && (
        <SideForm<ScheduleValues>
          open
          title={t('follow.schedule')}
          submitLabel={t('action.confirm')}
          busy={act.busy}
          problem={act.problem}
          initialValues={{ intervalSeconds: follow.intervalSeconds, lagSeconds: follow.lagSeconds }}
          onClose={() => setSetting(false)}
          onSubmit={(values) => void send(values)}
        >
          <ScheduleFields withLag={channel.mode !== 'files'} />
        </SideForm>
      )}
    </>
  )
}

/** How often, and how late a row may be written after its own update time. */
export function ScheduleFields({ withLag = true }: { readonly withLag?: boolean }) {
  const { t } = useWords()
  const required = [{ required: true, message: t('follow.numberNeeded') }]
  return (
    <>
      <Form.Item
        name="intervalSeconds"
        label={t('follow.intervalSeconds')}
        extra={t('follow.intervalHelp')}
        rules={required}
      >
        <InputNumber min={5} max={86_400} precision={0} />
      </Form.Item>
      {withLag && (
        <Form.Item name="lagSeconds" label={t('follow.lagSeconds')} extra={t('follow.lagHelp')} rules={required}>
          <InputNumber min={0} max={86_400} precision={0} />
        </Form.Item>
      )}
    </>
  )
}

/** The increments of a channel, newest first, each with what it did of every kind. */
export function Increments({ channel }: { readonly channel: Channel }) {
  const { t, say } = useWords()
  const number = (
    key: string,
    title: string,
    of: (row: Increment) => string | null | undefined,
  ): Column<Increment> => ({
    title,
    key,
    align: 'right',
    width: 96,
    render: (row) => <Count value={of(row) ?? null} />,
  })
  const columns: Column<Increment>[] = [
    { title: t('increment.number'), key: 'number', align: 'right', width: 72, render: (row) => row.number },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => (
        <>
          <State list="incrementState" value={row.state} />
          {row.problem && <small className="ht-quiet">{say(row.problem.message)}</small>}
        </>
      ),
    },
    {
      title: t('increment.cause'),
      key: 'cause',
      width: 96,
      render: (row) => t(`increment.cause.${row.cause}`),
    },
    number('source', t('increment.source'), ({ source }) =>
      String(Number(source.insert) + Number(source.update) + Number(source.delete)),
    ),
    number('inserted', t('follow.inserted'), (row) => row.applied?.inserted),
    number('updated', t('follow.updated'), (row) => row.applied?.updated),
    number('deleted', t('follow.deleted'), (row) => row.applied?.deleted),
    number('unchanged', t('follow.unchanged'), (row) => row.applied?.unchanged),
    {
      title: t('increment.until'),
      key: 'until',
      width: 190,
      render: (row) => <SourceTime at={row.until} />,
    },
    {
      title: t('channel.finishedAt'),
      key: 'finished',
      width: 190,
      render: (row) => <Moment at={row.finishedAt} form="seconds" />,
    },
  ]
  return (
    <QueryTable
      endpoint={listIncrements}
      params={{ id: channel.id }}
      columns={columns}
      rowKey={(row) => row.id}
      label={t('follow.tab')}
      at="increment"
      {...(channel.state === 'following' ? { everyMs: 2_000 } : {})}
      empty={t('follow.none')}
    />
  )
}
