import { readHealth } from '@huitong/contract/operations'
import type { ReplyOf } from '@huitong/contract'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Mark, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'

type Part = ReplyOf<typeof readHealth>['parts'][number]
const EVERY_MS = 5_000

export default function HealthPage() {
  const { t, say } = useWords()
  const read = useRead(readHealth, {}, { everyMs: () => EVERY_MS })
  const columns: Column<Part>[] = [
    {
      title: t('health.part'),
      key: 'part',
      width: 260,
      render: (part) => (
        <span className="ht-two">
          {say(part.words)}
          <small className="ht-code">{part.name}</small>
        </span>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 140,
      render: (part) => <State list="healthState" value={part.state} />,
    },
    {
      title: t('health.since'),
      key: 'since',
      width: 210,
      render: (part) => <Moment at={part.since} form="seconds" />,
    },
    { title: t('health.detail'), key: 'detail', render: (part) => (part.detail ? say(part.detail) : '–') },
  ]
  return (
    <>
      <PageHead
        title={t('rail.health')}
        state={read.data && <Overall parts={read.data.parts} />}
        facts={
          read.data && (
            <>
              {t('health.at')} <Moment at={read.data.at} form="seconds" />
            </>
          )
        }
      />
      <Reading read={read}>
        {(health) => (
          <ListTable
            label={t('rail.health')}
            columns={columns}
            rows={health.parts}
            rowKey={(part) => part.name}
            loading={false}
            empty={t('health.none')}
          />
        )}
      </Reading>
    </>
  )
}

function Overall({ parts }: { readonly parts: readonly Part[] }) {
  const { t } = useWords()
  const down = parts.filter((part) => part.state === 'down').length
  const degraded = parts.filter((part) => part.state === 'degraded').length
  if (down > 0) return <Mark tone="bad">{t('health.down', { count: down })}</Mark>
  if (degraded > 0) return <Mark tone="warn">{t('health.degraded', { count: degraded })}</Mark>
  return <Mark tone="good">{t('health.allUp')}</Mark>
}
