import type { ReplyOf } from '@huitong/contract'
import { readNode } from '@huitong/contract/operations'
import { Alert } from 'antd'
import { useParams } from 'react-router'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { Mark, Moment, type Tone } from '../../ui/marks.tsx'
import { Facts, PageHead } from '../../ui/page-head.tsx'
import { moment } from '../../ui/time.ts'
import { fill, useWords } from '../../words/index.ts'
import { CROSSING } from './crossing-words.ts'
import { CrossingCell } from './crossing.tsx'
import { NODE_DETAIL } from './node-detail-words.ts'
import { NodeChannels, NodeSources, RunningWork } from './node-lists.tsx'
import { NodeLog } from './node-log.tsx'
import { NODE } from './node-words.ts'

export type Node = ReplyOf<typeof readNode>
const EVERY_MS = 5_000
const STANDING: Record<Node['versionStanding'], Tone> = {
  same: 'good',
  older: 'wait',
  newer: 'wait',
  too_old: 'bad',
  too_new: 'bad',
  unknown: 'idle',
}

export default function NodePage() {
  const { id = '' } = useParams()
  const read = useRead(readNode, { params: { id } }, { everyMs: () => EVERY_MS })
  return <Reading read={read}>{(node) => <Shown node={node} />}</Reading>
}

function Shown({ node }: { readonly node: Node }) {
  const { say, language } = useWords()
  const since = node.state === 'offline' && node.lastSeenAt ? moment(node.lastSeenAt, language, 'seconds') : null
  return (
    <>
      <PageHead
        title={say(node.name)}
        state={<State list="nodeState" value={node.state} />}
        facts={
          <>
            {say(node.departmentName)}
            {since && ` · ${fill(say(NODE_DETAIL.awaySince), { at: since })}`}
          </>
        }
      />
      <Notices node={node} />
      <Facts
        facts={[
          { label: say(NODE.lastSeen), value: <Moment at={node.lastSeenAt} form="seconds" /> },
          {
            label: say(NODE_DETAIL.version),
            value:
              node.version === null ? null : (
                <>
                  {node.version}{' '}
                  <Mark tone={STANDING[node.versionStanding]}>{say(NODE_DETAIL.standing[node.versionStanding])}</Mark>
                </>
              ),
          },
          { label: say(NODE_DETAIL.serverVersion), value: node.serverVersion },
          { label: say(CROSSING.title), value: <CrossingCell link={node.link} crossing={node.crossing} /> },
          { label: say(NODE.keyId), value: node.keyId === null ? '–' : <code>{node.keyId}</code> },
        ]}
      />
      <RunningWork node={node} />
      <NodeLog node={node} />
      <NodeChannels node={node} />
      <NodeSources node={node} />
    </>
  )
}

/** What somebody should do about the node, or should know of it. */
function Notices({ node }: { readonly node: Node }) {
  const { say } = useWords()
  const versions = { node: node.version ?? '–', platform: node.serverVersion }
  const notice = (type: 'warning' | 'info', title: string, description?: string) => (
    <Alert className="ht-error" type={type} showIcon title={title} description={description} />
  )
  return (
    <>
      {node.state === 'offline' && notice('warning', say(NODE_DETAIL.away), say(NODE_DETAIL.awayHelp))}
      {node.state === 'awaiting' &&
        notice(
          'info',
          say(NODE_DETAIL.awaiting),
          say(node.link === 'line' ? NODE_DETAIL.awaitingHelp : NODE_DETAIL.awaitingTicket),
        )}
      {node.state === 'ferried' && notice('info', say(NODE_DETAIL.ferriedHelp), say(CROSSING.help[node.link]))}
      {node.versionStanding === 'too_old' && notice('warning', fill(say(NODE_DETAIL.tooOldHelp), versions))}
      {node.versionStanding === 'too_new' && notice('warning', fill(say(NODE_DETAIL.tooNewHelp), versions))}
    </>
  )
}
