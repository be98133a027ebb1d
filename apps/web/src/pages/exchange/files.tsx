import { listFiles } from '@huitong/contract/exchange'
import { Progress } from 'antd'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Bytes, Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import type { Channel } from './channel.page.tsx'
import { FILES } from './file-words.ts'
import { percentOf } from './progress.ts'

/** The files that a task has carried, newest first. */
export function Files({ channel }: { readonly channel: Channel }) {
  const { t, say } = useWords()
  const columns: Column<RowOf<typeof listFiles>>[] = [
    { title: say(FILES.path), key: 'path', render: (row) => <code className="ht-wrap">{row.path}</code> },
    { title: say(FILES.size), key: 'size', align: 'right', width: 110, render: (row) => <Bytes value={row.bytes} /> },
    { title: t('dataset.state'), key: 'state', width: 120, render: (row) => say(FILES[row.state]) },
    {
      title: say(FILES.digest),
      key: 'digest',
      width: 170,
      render: (row) => (
        <code title={row.digest} aria-label={row.digest}>
          {row.digest.slice(0, 16)}…
        </code>
      ),
    },
    {
      title: say(FILES.sentAt),
      key: 'sent',
      width: 200,
      render: (row) => <Moment at={row.sentAt} form="seconds" />,
    },
    {
      title: say(FILES.deliveredAt),
      key: 'delivered',
      width: 200,
      render: (row) => <Moment at={row.deliveredAt} form="seconds" />,
    },
  ]
  return (
    <QueryTable
      endpoint={listFiles}
      params={{ id: channel.id }}
      columns={columns}
      rowKey={(row) => `${row.sentAt}.${row.generation}.${row.sequence}.${row.path}`}
      label={say(FILES.tab)}
      at="file"
      {...(channel.state === 'running' || channel.state === 'following' ? { everyMs: 2_000 } : {})}
      empty={say(FILES.none)}
    />
  )
}

type Carried = NonNullable<NonNullable<NonNullable<Channel['follow']>['last']>['files']>

/** How far the files of the look that runs now have come. */
export function Carrying({ files }: { readonly files: Carried }) {
  const { say } = useWords()
  const label = say(FILES.carrying).replace('{files}', String(files.total))
  return (
    <>
      <p className="ht-quiet">
        {label} · <Bytes value={files.bytesApplied} /> / <Bytes value={files.bytes} />
      </p>
      <Progress
        percent={percentOf(files.bytesApplied, { rows: BigInt(files.bytes), exact: true }) ?? 0}
        aria-label={label}
      />
    </>
  )
}
