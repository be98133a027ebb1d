import type { ReplyOf } from '@huitong/contract'
import type { listNodes } from '@huitong/contract/nodes'
import { Alert } from 'antd'
import { Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { CROSSING } from './crossing-words.ts'

type Node = ReplyOf<typeof listNodes>['items'][number]
export type Link = Node['link']
export type CrossingFacts = NonNullable<Node['crossing']>

/** How a node is reached, and of a ferried one how its files stand: words, numbers and times, what is wrong first. */
export function CrossingCell({ link, crossing }: { readonly link: Link; readonly crossing: CrossingFacts | null }) {
  const { say } = useWords()
  return (
    <>
      {say(CROSSING.link[link])}
      {crossing && (
        <>
          {crossing.problem && <Alert type="warning" showIcon role="alert" title={say(crossing.problem.message)} />}
          <CrossingState crossing={crossing} />
        </>
      )}
    </>
  )
}

/** What has come from a node and what was laid out for it. */
export function CrossingState({ crossing }: { readonly crossing: CrossingFacts }) {
  const { say } = useWords()
  const { takenNumber, takenAt, sentNumber, sentAt, acknowledgedNumber, waitingFiles } = crossing
  const count = (words: { zh: string; en: string }, n: number) => say(words).replace('{n}', String(n))
  return (
    <div className="ht-quiet">
      <div>
        {takenNumber === 0 ? say(CROSSING.nothingTaken) : count(CROSSING.taken, takenNumber)}{' '}
        {takenAt && <Moment at={takenAt} form="seconds" />}
      </div>
      <div>
        {sentNumber === 0 ? say(CROSSING.nothingSent) : count(CROSSING.sent, sentNumber)}{' '}
        {sentAt && <Moment at={sentAt} form="seconds" />}
      </div>
      {sentNumber > 0 && (
        <div>{acknowledgedNumber > 0 ? count(CROSSING.acknowledged, acknowledgedNumber) : say(CROSSING.unknown)}</div>
      )}
      {waitingFiles > 0 && <div>{count(CROSSING.waiting, waitingFiles)}</div>}
    </div>
  )
}
