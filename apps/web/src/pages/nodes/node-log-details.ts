import type { NodeLogLine } from '@huitong/contract/nodes'
import { bytes, exactNumber } from '../../ui/number.ts'
import { duration } from '../../ui/time.ts'
import { fill, type Speaker } from '../../words/index.ts'
import { NODE_LOG } from './node-log-words.ts'

const COUNTED = ['generation', 'sequence', 'attempt', 'files', 'rows', 'left'] as const

/** The numbers of a line of a node's log, each in words, as far as it has them. */
export function detailsOf(line: NodeLogLine, { say, language }: Pick<Speaker, 'say' | 'language'>): string[] {
  const { version, milliseconds } = line
  const counted = COUNTED.flatMap((name) => {
    const value = line[name]
    return value === undefined ? [] : [fill(say(NODE_LOG[name]), { n: exactNumber(value) })]
  })
  return [
    ...(version === undefined ? [] : [fill(say(NODE_LOG.version), { n: version })]),
    ...counted,
    ...(line.bytes === undefined ? [] : [bytes(line.bytes)]),
    ...(milliseconds === undefined ? [] : [fill(say(NODE_LOG.took), { n: lengthOf(milliseconds) })]),
  ]

  function lengthOf(ms: number): string {
    return ms < 1_000 ? fill(say(NODE_LOG.milliseconds), { n: ms }) : duration(ms / 1_000, language)
  }
}
