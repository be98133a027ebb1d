import { listSegments } from '@huitong/contract/exchange'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { State } from '../../parts/states.tsx'
import { Bytes, Count, Moment } from '../../ui/marks.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'

/** The sealed pieces of a run, with their digests. */
export function Segments({ channel }: { readonly channel: Channel }) {
  const { t } = useWords()
  const columns: Column<RowOf<typeof listSegments>>[] = [
    { title: t('segment.generation'), key: 'generation', render: (row) => row.generation, align: 'right', width: 70 },
    {
      title: t('segment.sequence'),
      key: 'sequence',
      align: 'right',
      width: 116,
      render: (row) => (
        <span className="ht-number">{row.final ? `${row.sequence} ${t('segment.final')}` : row.sequence}</span>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => <State list="segmentState" value={row.state} />,
    },
    {
      title: t('segment.rows'),
      key: 'rows',
      align: 'right',
      width: 110,
      render: (row) => <Count value={row.rows} />,
    },
    {
      title: t('segment.plainBytes'),
      key: 'plain',
      align: 'right',
      width: 110,
      render: (row) => <Bytes value={row.plainBytes} />,
    },
    {
      title: t('segment.sealedBytes'),
      key: 'sealed',
      align: 'right',
      width: 110,
      render: (row) => <Bytes value={row.sealedBytes} />,
    },
    {
      title: t('segment.digest'),
      key: 'digest',
      width: 170,
      render: (row) => (
        <code title={row.digest} aria-label={row.digest}>
          {row.digest.slice(0, 16)}…
        </code>
      ),
    },
    {
      title: t('segment.receivedAt'),
      key: 'received',
      width: 200,
      render: (row) => <Moment at={row.receivedAt} form="seconds" />,
    },
    {
      title: t('segment.verifiedAt'),
      key: 'verified',
      width: 200,
      render: (row) => <Moment at={row.verifiedAt} form="seconds" />,
    },
    {
      title: t('segment.appliedAt'),
      key: 'applied',
      width: 200,
      render: (row) => <Moment at={row.appliedAt} form="seconds" />,
    },
  ]
  return (
    <QueryTable
      endpoint={listSegments}
      params={{ id: channel.id }}
      columns={columns}
      rowKey={(row) => `${row.generation}.${row.sequence}`}
      label={t('channel.segments')}
      at="batch"
      {...(channel.state === 'running' ? { everyMs: 2_000 } : {})}
      empty={t('segment.none')}
    />
  )
}
