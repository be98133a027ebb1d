import { listConnectorKinds } from '@huitong/contract/nodes'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Count, Moment } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { fill, useWords } from '../../words/index.ts'
import { WorkSubject } from '../operations/work-subject.tsx'
import { NODE_DETAIL } from './node-detail-words.ts'
import type { Node } from './node.page.tsx'

interface Of {
  readonly node: Node
}

/** How many there are, where not all of them are listed. */
function More({ shown, of }: { readonly shown: number; readonly of: number }) {
  const { say } = useWords()
  return of > shown ? <span className="ht-quiet">{fill(say(NODE_DETAIL.more), { n: of, shown })}</span> : null
}

function List<Row extends { readonly id: string }>(props: {
  readonly title: string
  readonly rows: readonly Row[]
  readonly total: number
  readonly columns: readonly Column<Row>[]
  readonly empty: string
  readonly extra?: ReactNode
}) {
  const { title, rows, total, columns, empty, extra } = props
  return (
    <Section
      title={title}
      extra={
        <>
          <More shown={rows.length} of={total} /> {extra}
        </>
      }
    >
      <PlainTable label={title} columns={columns} rows={rows} rowKey={(row) => row.id} empty={empty} />
    </Section>
  )
}

/** What the node has been given and not ended, and how far that is. */
export function RunningWork({ node }: Of) {
  const { t, say, choice } = useWords()
  const columns: Column<Node['running'][number]>[] = [
    { title: t('work.kind'), key: 'kind', width: 160, render: (row) => choice('workKind', row.kind) },
    { title: t('work.subject'), key: 'subject', render: (row) => <WorkSubject work={row} /> },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => <State list="workState" value={row.state} />,
    },
    { title: t('work.rows'), key: 'rows', align: 'right', width: 110, render: (row) => <Count value={row.rows} /> },
    {
      title: say(NODE_DETAIL.segments),
      key: 'segments',
      align: 'right',
      width: 100,
      render: (row) => <Count value={row.segments} />,
    },
    {
      title: say(NODE_DETAIL.changes),
      key: 'changes',
      align: 'right',
      width: 100,
      render: (row) => <Count value={row.changes} />,
    },
    {
      title: say(NODE_DETAIL.since),
      key: 'since',
      width: 220,
      render: (row) => <Moment at={row.createdAt} form="seconds" />,
    },
  ]
  return (
    <List
      title={say(NODE_DETAIL.running)}
      rows={node.running}
      total={node.counts.running}
      columns={columns}
      empty={say(NODE_DETAIL.runningNone)}
      extra={<Link to={paths.work({ nodeId: node.id })}>{say(NODE_DETAIL.allWork)}</Link>}
    />
  )
}

/** Exchange tasks that have an end at this node. */
export function NodeChannels({ node }: Of) {
  const { t, say } = useWords()
  const can = useCan()
  const columns: Column<Node['channels'][number]>[] = [
    {
      title: t('channel.number'),
      key: 'number',
      width: 200,
      render: (row) =>
        can('channel.read') ? (
          <Link to={paths.channel(row.id)} className="ht-code">
            {row.number}
          </Link>
        ) : (
          <span className="ht-code">{row.number}</span>
        ),
    },
    { title: t('request.dataset'), key: 'name', render: (row) => say(row.name) },
    { title: say(NODE_DETAIL.end), key: 'end', width: 160, render: (row) => say(NODE_DETAIL.ends[row.end]) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 140,
      render: (row) => <State list="channelState" value={row.state} />,
    },
  ]
  return (
    <List
      title={say(NODE_DETAIL.channels)}
      rows={node.channels}
      total={node.counts.channels}
      columns={columns}
      empty={say(NODE_DETAIL.channelsNone)}
    />
  )
}

/** The data sources that are registered with this node. */
export function NodeSources({ node }: Of) {
  const { t, say, choice } = useWords()
  const can = useCan()
  const kinds = useRead(listConnectorKinds)
  const kind = (name: string) => kinds.data?.items.find((one) => one.kind === name)?.words ?? { zh: name }
  const columns: Column<Node['sources'][number]>[] = [
    {
      title: t('source.name'),
      key: 'name',
      render: (row) =>
        can('source.discover') ? <Link to={paths.sourceTables(row.id)}>{say(row.name)}</Link> : say(row.name),
    },
    { title: t('source.kind'), key: 'kind', width: 200, render: (row) => say(kind(row.kind)) },
    { title: t('source.usage'), key: 'usage', width: 160, render: (row) => choice('usage', row.usage) },
    {
      title: t('source.front'),
      key: 'front',
      width: 140,
      render: (row) => t(row.frontDatabase ? 'source.frontYes' : 'source.frontNo'),
    },
  ]
  return (
    <List
      title={say(NODE_DETAIL.sources)}
      rows={node.sources}
      total={node.counts.sources}
      columns={columns}
      empty={say(NODE_DETAIL.sourcesNone)}
      extra={<Link to={paths.sources(node.departmentId)}>{say(NODE_DETAIL.allSources)}</Link>}
    />
  )
}
