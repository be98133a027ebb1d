import { readHome } from '@huitong/contract/portal'
import type { ReplyOf } from '@huitong/contract'
import { Progress } from 'antd'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { localLink, paths } from '../../paths.ts'
import { useCan, useSession } from '../../session.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, DeadlineBadge, Moment } from '../../ui/marks.tsx'
import { PageHead, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

type Home = ReplyOf<typeof readHome>
type Duty = Home['todo'][number]

const EVERY_MS = 60_000
const DEMO_EVERY_MS = 2_000

export default function HomePage() {
  const { t, say } = useWords()
  const { person } = useSession()
  const home = useRead(readHome, {}, { everyMs: (reply) => (reply?.demo ? DEMO_EVERY_MS : EVERY_MS) })
  return (
    <>
      <PageHead title={t('home.title')} facts={`${person.name} · ${say(person.departmentName)}`} />
      <Reading read={home} rows={10}>
        {(reply) => (
          <>
            {reply.demo && <DemoProgress demo={reply.demo} />}
            <Counts counts={reply.counts} />
            <Section title={t('home.todo', { count: reply.todo.length })}>
              <Todo todo={reply.todo} />
            </Section>
          </>
        )}
      </Reading>
    </>
  )
}

function DemoProgress({ demo }: { readonly demo: NonNullable<Home['demo']> }) {
  const { say, t } = useWords()
  return (
    <div className="ht-panel ht-demo" role="status">
      <strong>{t('home.demo')}</strong>
      <span>{say(demo.words)}</span>
      <Progress percent={demo.percent} size="small" aria-label={say(demo.words)} />
    </div>
  )
}

function Counts({ counts }: { readonly counts: Home['counts'] }) {
  const { t } = useWords()
  const can = useCan()
  const tiles = [
    {
      word: t('home.datasets'),
      value: counts.datasets,
      to: paths.datasets({ state: 'published' }),
      open: can('catalogue.read'),
    },
    {
      word: t('home.items'),
      value: counts.items,
      to: paths.datasets({ state: 'published' }),
      open: can('catalogue.read'),
    },
    { word: t('home.requests'), value: counts.requestsRunning, to: paths.requests(), open: can('request.read') },
    {
      word: t('home.channels'),
      value: counts.channelsRunning,
      to: paths.channels('running'),
      open: can('channel.read'),
    },
    { word: t('home.overdue'), value: counts.overdue, to: paths.obligations('overdue'), open: can('obligation.read') },
  ]
  return (
    <ul className="ht-tiles">
      {tiles.map((tile) => {
        const inside = (
          <>
            <span className="ht-tile-word">{tile.word}</span>
            <span className="ht-tile-value">
              <Count value={tile.value} />
            </span>
          </>
        )
        return (
          <li key={tile.word}>
            {tile.open ? (
              <Link to={tile.to} className="ht-tile">
                {inside}
              </Link>
            ) : (
              <span className="ht-tile">{inside}</span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function Todo({ todo }: { readonly todo: Duty[] }) {
  const { t, say } = useWords()
  const columns: Column<Duty>[] = [
    { title: t('home.duty'), key: 'duty', width: 160, render: (duty) => say(duty.words) },
    {
      title: t('home.subject'),
      key: 'subject',
      render: (duty) => <Link to={localLink(duty.link)}>{duty.title}</Link>,
    },
    { title: t('home.since'), key: 'since', width: 190, render: (duty) => <Moment at={duty.since} /> },
    {
      title: t('deadline.column'),
      key: 'deadline',
      width: 220,
      render: (duty) => <DeadlineBadge deadline={duty.deadline} />,
    },
  ]
  return (
    <ListTable
      label={t('home.title')}
      columns={columns}
      rows={todo}
      rowKey={(duty) => `${duty.kind} ${duty.link} ${duty.title}`}
      loading={false}
      empty={
        <>
          <p>{t('home.empty')}</p>
          <Link to={paths.datasets()}>{t('home.emptyNext')}</Link>
        </>
      }
    />
  )
}
