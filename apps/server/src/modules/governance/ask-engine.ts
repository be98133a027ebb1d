import { EngineError, type JobInput, type JobKind, type JobOutput } from '../../engine-worker/client.ts'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'

/** Runs a job that a person waits for; why the engine could not is refused as `quality.engine`, with what it said. */
export async function askEngine<K extends JobKind>(
  services: Services,
  kind: K,
  input: JobInput<K>,
  timeoutMs: number,
): Promise<JobOutput<K>> {
  try {
    return await services.engine.run(kind, input, { timeoutMs })
  } catch (error) {
    if (error instanceof EngineError) refuse('quality.engine', { detail: error.message })
    throw error
  }
}
