import { followStream } from '@huitong/contract/exchange'
import type { CaptureInput } from '@huitong/contract/work'
import type { WorkContext } from './context.ts'
import { WorkError } from './problem.ts'

const WAIT_SECONDS = 20
const TIMEOUT_MS = 40_000
const PAUSE_MS = 200

/** What is done with the answers. */
export interface TargetListener {
  applied(sequence: number): void
  end(): Promise<void>
  isEnding(): boolean
}

/**
 * Asks the platform how far the receiving table has committed a stream, and whether the stream is to end, until the signal
 * is aborted. @throws WorkError `snapshot.lost` when a newer generation is in force; CallError for refusals.
 */
export async function followTarget(input: CaptureInput, context: WorkContext, listener: TargetListener): Promise<void> {
  const { stream, generation } = input
  let after = 0
  while (!context.signal.aborted) {
    const started = performance.now()
    const ending = listener.isEnding() ? '1' : '0'
    const query = { generation: String(generation), after: String(after), ending, waitSeconds: String(WAIT_SECONDS) }
    const reply = await context.platform.ask(
      followStream,
      { params: { id: stream }, query },
      { signal: context.signal, timeoutMs: TIMEOUT_MS },
    )
    if (reply.generation > generation)
      throw new WorkError('snapshot.lost', `generation ${reply.generation} is in force`)
    const isNews = reply.applied > after
    if (isNews) {
      after = reply.applied
      listener.applied(after)
    }
    if (reply.end && !listener.isEnding()) await listener.end()
    const rest = isNews ? 0 : PAUSE_MS - (performance.now() - started)
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest))
  }
}
