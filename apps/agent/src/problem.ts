import { ConnectorError } from '@huitong/connectors'
import { CallError, ERRORS, type ErrorCode, type Words } from '@huitong/contract'
import { NODE_PROBLEMS } from '@huitong/contract/nodes'
import type { FoundField } from '@huitong/contract/work'
import { SegmentError } from '@huitong/segment'
import { ShapeError } from './shape.ts'

/** What the platform is told of a piece of work that failed: code, public words, and detail without secrets. */
export interface Problem {
  readonly code: string
  readonly message: Words
  readonly detail?: string
  /** Of a table that changed: the fields that it has now. */
  readonly fields?: FoundField[]
}

type OwnCode = keyof typeof NODE_PROBLEMS

/** A piece of work that cannot be done, and why. `detail` holds no secret and no datum. */
export class WorkError extends Error {
  readonly code: OwnCode | ErrorCode
  readonly words: Words
  readonly detail: string
  constructor(code: OwnCode | ErrorCode, detail: string, options?: ErrorOptions & { words?: Words }) {
    super(`${code}: ${detail}`, options)
    this.name = 'WorkError'
    this.code = code
    this.words =
      options?.words ?? (code in NODE_PROBLEMS ? NODE_PROBLEMS[code as OwnCode] : ERRORS[code as ErrorCode].words)
    this.detail = detail
  }
}

const BY_CONNECTOR: Readonly<Partial<Record<string, ErrorCode>>> = {
  bad_settings: 'source.settings',
  unreachable: 'source.unreachable',
  tls_failed: 'source.unreachable',
  access_denied: 'source.unreachable',
  host_key: 'source.unreachable',
  database_missing: 'source.unreachable',
  connection_lost: 'source.unreachable',
  stalled: 'source.unreachable',
  table_missing: 'source.changed',
  schema_changed: 'source.changed',
  source_changed: 'source.changed',
  row_count_mismatch: 'segment.content',
  digest_mismatch: 'segment.content',
  sequence_gap: 'segment.chain',
  stale_generation: 'segment.chain',
  fenced: 'node.fenced',
}
const BY_SEGMENT: Readonly<Partial<Record<string, ErrorCode>>> = {
  bad_canonical_json: 'segment.signature',
  bad_manifest: 'segment.signature',
  bad_receipt: 'segment.signature',
  bad_signature: 'segment.signature',
  unknown_signer: 'segment.signature',
  sealed_digest_mismatch: 'segment.digest',
}
const DETAIL_CHARACTERS_MAX = 1000

/** Any error as the platform is told of it. */
export function toProblem(error: unknown): Problem {
  if (error instanceof WorkError) return problem(error.code, error.words, error.detail)
  if (error instanceof ConnectorError) {
    const code = BY_CONNECTOR[error.code] ?? `connector.${error.code}`
    const stated = problem(code, error.words, `${error.hop}: ${error.detail}`)
    return error instanceof ShapeError ? { ...stated, fields: error.fields } : stated
  }
  if (error instanceof SegmentError) {
    return problem(BY_SEGMENT[error.code] ?? 'segment.content', error.words, `${error.code}: ${error.detail}`)
  }
  if (error instanceof CallError) return problem(error.code, error.words, `answer ${error.status}`)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS')
    return problem('agent.disk', NODE_PROBLEMS['agent.disk'], code)
  return problem('agent.internal', NODE_PROBLEMS['agent.internal'], describeError(error))
}

/** The code by which an error is known, without a word of what it says. */
export function codeOf(error: unknown): string {
  // A sync to disk that failed, of this agent or of its crossing.
  const isDisk = error instanceof Error && error.name.endsWith('DurabilityError')
  return isDisk ? 'agent.disk' : toProblem(error).code
}

/** An error as it stands in a line of the log: the code may leave the department, the reason stays. */
export const reasonOf = (error: unknown): { code: string; reason: string } => ({
  code: codeOf(error),
  reason: describeError(error),
})

/** An unknown error in few words for the log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return `${error.name}: ${error.message}`
}

function problem(code: string, message: Words, detail: string): Problem {
  // The contract takes no control characters, which a server's message may hold.
  const clean = detail.replaceAll(/\p{Cc}+/gu, ' ').toWellFormed()
  return { code, message, detail: clean.slice(0, DETAIL_CHARACTERS_MAX).toWellFormed() }
}
