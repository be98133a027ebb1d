import type { NodeLogLine } from '@huitong/contract/nodes'
import { Select } from 'antd'
import { Link } from 'react-router'
import { useFilter } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Mark, Moment, type Tone } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { fill, useWords } from '../../words/index.ts'
import type { Node } from './node.page.tsx'
import { detailsOf } from './node-log-details.ts'
import { LOG_WORDS, NODE_LOG } from './node-log-words.ts'

type Level = NodeLogLine['level']
const TONES: Record<Level, Tone> = { info: 'idle', warn: 'warn', error: 'bad' }
const FILTERS = Object.keys(NODE_LOG.filters) as (keyof typeof NODE_LOG.filters)[]
const SHOWN: Record<keyof typeof NODE_LOG.filters, readonly Level[]> = { warn: ['warn', 'error'], error: ['error'] }

/** What the node did of late, newest first, in words; narrowed by level, which the address holds. */
export function NodeLog({ node }: { readonly node: Node }) {
  const { say } = useWords()
  const [asked, setLevel] = useFilter('level')
  const level = FILTERS.find((one) => one === asked)
  const rows = node.log.lines
    .map((line, place) => ({ ...line, place }))
    .filter((line) => level === undefined || SHOWN[level].includes(line.level))
    .toReversed()
  return (
    <Section
      title={say(NODE_LOG.title)}
      extra={
        node.log.at !== null && (
          <span className="ht-quiet">
            {fill(say(NODE_LOG.count), { n: rows.length })} · {say(NODE_LOG.told)}{' '}
            <Moment at={node.log.at} form="seconds" />
          </span>
        )
      }
    >
      {node.state !== 'ferried' && <p className="ht-quiet">{say(NODE_LOG.help)}</p>}
      {node.log.lines.length > 0 && (
        <div className="ht-filters" role="group" aria-label={say(NODE_LOG.level)}>
          <Select
            key={level ?? ''}
            {...(level ? { value: level } : {})}
            onChange={(next: string | undefined) => setLevel(next)}
            options={FILTERS.map((value) => ({ value, label: say(NODE_LOG.filters[value]) }))}
            allowClear
            placeholder={say(NODE_LOG.all)}
            aria-label={say(NODE_LOG.level)}
            className="ht-filter"
          />
        </div>
      )}
      <PlainTable
        label={say(NODE_LOG.title)}
        columns={useColumns(node)}
        rows={rows}
        rowKey={(row) => row.place}
        empty={say(emptyOf(node))}
      />
    </Section>
  )
}

function emptyOf({ log, state }: Node) {
  if (log.lines.length > 0) return NODE_LOG.noneOfLevel
  if (state === 'ferried') return NODE_LOG.noneFerried
  return state === 'awaiting' ? NODE_LOG.noneAwaiting : NODE_LOG.none
}

function useColumns(node: Node): Column<NodeLogLine>[] {
  const { say } = useWords()
  return [
    { title: say(NODE_LOG.at), key: 'at', width: 220, render: (row) => <Moment at={row.at} form="seconds" /> },
    {
      title: say(NODE_LOG.level),
      key: 'level',
      width: 110,
      render: (row) => <Mark tone={TONES[row.level]}>{say(NODE_LOG.levels[row.level])}</Mark>,
    },
    { title: say(NODE_LOG.event), key: 'event', render: (row) => <Event line={row} node={node} /> },
    { title: say(NODE_LOG.about), key: 'about', width: 300, render: (row) => <About line={row} node={node} /> },
  ]
}

function Event({ line, node }: { readonly line: NodeLogLine; readonly node: Node }) {
  const speaker = useWords()
  const { say } = speaker
  const words = line.code === undefined ? undefined : node.log.codes[line.code]
  const details = detailsOf(line, speaker)
  return (
    <>
      {say(LOG_WORDS[line.kind])}
      {words && (speaker.language === 'zh' ? `：${words.zh}` : `: ${words.en}`)}
      {(details.length > 0 || line.code !== undefined) && (
        <div className="ht-quiet">
          {details.join(' · ')}
          {details.length > 0 && line.code !== undefined && ' · '}
          {line.code !== undefined && <code>{line.code}</code>}
        </div>
      )}
    </>
  )
}

/** What a line is about: the kind of work, and its exchange task or source where the viewer sees them. */
function About({ line, node }: { readonly line: NodeLogLine; readonly node: Node }) {
  const { say, choice } = useWords()
  const can = useCan()
  const channel = node.channels.find(({ id }) => id === line.stream)
  const source = node.sources.find(({ id }) => id === line.source)
  if (line.workKind === undefined) return <span className="ht-quiet">–</span>
  return (
    <span className="ht-two">
      {choice('workKind', line.workKind)}
      {channel && can('channel.read') ? (
        <Link to={paths.channel(channel.id)}>{say(channel.name)}</Link>
      ) : (
        source && <small>{say(source.name)}</small>
      )}
    </span>
  )
}
