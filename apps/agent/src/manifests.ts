import { pullSegments } from '@huitong/contract/exchange'
import type { ApplyInput } from '@huitong/contract/work'
import {
  keyIdOf,
  LOG_COLUMNS,
  OPERATION_COLUMN,
  type SignedManifest,
  verifyChain,
  verifyManifest,
} from '@huitong/segment'
import type { WorkContext } from './context.ts'
import { WorkError } from './problem.ts'

const PULL_WAIT_SECONDS = 20
const PULL_TIMEOUT_MS = 40_000
/** While the platform holds nothing new and answers at once, it is not asked more often than this. */
const PULL_PAUSE_MS = 200

/** Another generation is in force: what was loaded of this one is dropped. */
export class NewerGeneration extends Error {
  readonly generation: number
  constructor(generation: number) {
    super(`generation ${generation} is in force`)
    this.name = 'NewerGeneration'
    this.generation = generation
  }
}

/**
 * The manifests of a generation as the platform verifies them, from sequence `after` + 1 up to the final one. Each is
 * verified here too: signed by a sealer of this stream, of this place, with these columns, and following the one before.
 * @param after sequence of a segment that was applied before, 0 for none: the chain is checked from the next one on.
 * @throws NewerGeneration; SegmentError, WorkError `segment.*` for a manifest that does not belong here.
 */
export async function* manifests(
  input: ApplyInput,
  generation: number,
  after: number,
  context: WorkContext,
): AsyncGenerator<SignedManifest, void, undefined> {
  const sealers = new Map(input.sealers.map(({ keyId, publicKey }) => [keyId, publicKey]))
  for (const [keyId, publicKey] of sealers) {
    if (keyIdOf(publicKey) !== keyId) throw new WorkError('request.invalid', `sealer ${keyId} has another key`)
  }
  let previous: SignedManifest | null = null
  let last = after
  for (;;) {
    const started = performance.now()
    const query = { generation: String(generation), after: String(last), waitSeconds: String(PULL_WAIT_SECONDS) }
    const reply = await context.platform.ask(
      pullSegments,
      { params: { id: input.stream }, query },
      { signal: context.signal, timeoutMs: PULL_TIMEOUT_MS },
    )
    if (reply.generation > generation) throw new NewerGeneration(reply.generation)
    if (reply.generation < generation) {
      throw new WorkError('segment.chain', `generation ${reply.generation} is offered after ${generation}`)
    }
    for (const { sequence, digest, manifest } of reply.segments) {
      const signed = verifyManifest(Buffer.from(manifest, 'utf8'), (keyId) => sealers.get(keyId) ?? null)
      checkPlace(signed, input, generation)
      if (signed.manifest.sequence !== sequence || signed.manifest.sealedDigest !== digest) {
        throw new WorkError('segment.content', `the listing of sequence ${sequence} is not of its manifest`)
      }
      checkChain(previous, signed, last)
      previous = signed
      last = sequence
      yield signed
      if (signed.manifest.final) return
    }
    if (reply.segments.length === 0) await pause(PULL_PAUSE_MS - (performance.now() - started), context.signal)
  }
}

function checkPlace(signed: SignedManifest, input: ApplyInput, generation: number): void {
  const { manifest } = signed
  const fault = (what: string) => new WorkError('segment.content', `sequence ${manifest.sequence}: ${what}`)
  if (manifest.channel !== input.stream) throw fault('is of another stream')
  if (manifest.generation !== generation) throw fault(`is of generation ${manifest.generation}`)
  if (manifest.kind !== input.payload) throw fault(`holds ${manifest.kind}`)
  const columns = manifest.columns.map(({ name, type }) => `${name} ${type}`).join('\n')
  // Files have no columns.
  const expected = (input.payload === 'file' ? [] : input.columns).map(({ as, type }) => `${as} ${type}`)
  // Followed changes say the operation of each row first; the rows of a repair are all written.
  if (input.payload === 'changes' && input.deleteKeys === null) {
    const technical = input.log !== undefined ? LOG_COLUMNS : [OPERATION_COLUMN]
    expected.unshift(...technical.map(({ name, type }) => `${name} ${type}`))
  }
  if (columns !== expected.join('\n')) throw fault('has other columns')
}

function checkChain(previous: SignedManifest | null, next: SignedManifest, last: number): void {
  // The one before was applied under an earlier start of this agent, which had checked it.
  if (previous === null && last > 0) {
    if (next.manifest.sequence === last + 1) return
    throw new WorkError('segment.chain', `expected sequence ${last + 1}, got ${next.manifest.sequence}`)
  }
  const chain = verifyChain(previous, next)
  if (!chain.ok) throw new WorkError('segment.chain', `${chain.reason}: ${chain.detail}`)
  if (chain.same) throw new WorkError('segment.chain', `sequence ${next.manifest.sequence} is listed twice`)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  signal.throwIfAborted()
}
