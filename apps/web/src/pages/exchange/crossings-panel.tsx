import { Alert } from 'antd'
import { Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { CROSSING } from '../nodes/crossing-words.ts'
import { CrossingState } from '../nodes/crossing.tsx'
import type { Channel } from './channel.page.tsx'

/** Ends of a task without a line: how its files cross, and what the platform therefore cannot know yet. */
export default function CrossingsPanel({ channel }: { readonly channel: Channel }) {
  const { say } = useWords()
  return (
    <Section title={say(CROSSING.title)}>
      {channel.crossings.map(({ end, link, crossing }) => (
        <div key={end}>
          <p>
            <strong>{say(CROSSING[end])}</strong>：{say(CROSSING.link[link])}。{say(CROSSING.help[link])}
          </p>
          {crossing?.problem && <Alert type="warning" showIcon role="alert" title={say(crossing.problem.message)} />}
          {crossing && <CrossingState crossing={crossing} />}
        </div>
      ))}
      <p className="ht-quiet">{say(CROSSING.noWayBack)}</p>
    </Section>
  )
}
