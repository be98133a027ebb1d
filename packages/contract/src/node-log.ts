import { Type, type Static } from 'typebox'
import { exact, Instant, oneOf, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** Lines that the platform keeps of a node, and that a node keeps until they are sent. */
export const LOG_LINES_MAX = 200
/** A line is at most some 700 bytes of JSON. */
const LOG_BYTES_MAX = 256 * 1024

/** Kinds of work that a node does. */
export const WorkKind = oneOf('discover', 'read', 'apply', 'reconcile', 'repair', 'capture', 'slot', 'release', 'mark')

const Whole = Type.Integer({ minimum: 0, maximum: 2_147_483_647 })
const Amount = Type.String({ pattern: '^\\d{1,20}$' })

/**
 * What a line may say beside time, level and kind: numbers, ids that the platform itself has given, and the code of an
 * error. There is no text, so that no value, name, query or path can leave the department in one.
 */
export const LOG_FIELDS = {
  /** Of the agent. */
  version: Type.String({ pattern: '^\\d{1,5}(\\.\\d{1,5}){1,3}(-[0-9a-z.]{1,16})?$' }),
  work: Uuid,
  workKind: WorkKind,
  stream: Uuid,
  source: Uuid,
  upload: Uuid,
  generation: Whole,
  sequence: Whole,
  attempt: Whole,
  files: Whole,
  rows: Amount,
  bytes: Amount,
  /** What could not be sent, or was not looked at. */
  left: Whole,
  milliseconds: Whole,
  code: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}(\\.[a-z][a-z0-9_]{0,31}){0,2}$' }),
} as const
export type LogField = keyof typeof LOG_FIELDS

const OF_WORK = ['work', 'workKind', 'stream', 'source'] as const

/** Every kind of line that leaves a node, and the fields that it may have. What is not here stays in the department. */
export const LOG_KINDS = {
  'agent.started': ['version', 'bytes'],
  'agent.stopping': [],
  'agent.failed': ['code'],
  'agent.fatal': ['code'],
  'enrolment.waiting': [],
  'enrolment.refused': ['code'],
  'enrolment.done': [],
  'platform.away': ['code'],
  'platform.back': ['milliseconds'],
  'work.started': OF_WORK,
  'work.done': [...OF_WORK, 'milliseconds', 'rows'],
  'work.failed': [...OF_WORK, 'milliseconds', 'code'],
  'work.dropped': OF_WORK,
  'work.lost': [...OF_WORK, 'code'],
  'work.result_refused': [...OF_WORK, 'code'],
  'discover.cut': [...OF_WORK, 'left'],
  'read.sealed': [...OF_WORK, 'generation', 'rows'],
  'read.sent': [...OF_WORK, 'generation'],
  'files.sealed': [...OF_WORK, 'files', 'left'],
  'apply.waiting': [...OF_WORK, 'code'],
  'apply.generation': [...OF_WORK, 'generation'],
  'follow.generation': [...OF_WORK, 'generation'],
  'capture.waiting': [...OF_WORK, 'code'],
  'capture.no_position': [...OF_WORK, 'code', 'attempt'],
  'capture.ended': OF_WORK,
  'segment.changed': [...OF_WORK, 'sequence', 'attempt'],
  'mark.done': [...OF_WORK, 'rows'],
  'upload.fetched': [...OF_WORK, 'upload', 'bytes'],
  'call.unanswered': ['code'],
  'calls.away': ['code'],
} as const satisfies Record<string, readonly LogField[]>
export type LogKind = keyof typeof LOG_KINDS

type Optionals = { [K in LogField]: ReturnType<typeof Type.Optional<(typeof LOG_FIELDS)[K]>> }

/** A line of a node's log. Which fields a kind may have is checked beside this shape, so that a refusal names the field. */
export const NodeLogLine = exact({
  /** By the clock of the node. */
  at: Instant,
  level: oneOf('info', 'warn', 'error'),
  kind: oneOf(...(Object.keys(LOG_KINDS) as LogKind[])),
  // Made of the very record whose keys they are.
  ...(Object.fromEntries(
    Object.entries(LOG_FIELDS).map(([name, schema]) => [name, Type.Optional(schema)]),
  ) as unknown as Optionals),
})
export type NodeLogLine = Static<typeof NodeLogLine>

/** Fields of a line that its kind does not have. */
export function strayFields(line: NodeLogLine): string[] {
  const allowed: readonly string[] = LOG_KINDS[line.kind]
  return Object.keys(line).filter((name) => name in LOG_FIELDS && !allowed.includes(name))
}

export const keepNodeLog = endpoint({
  id: 'nodes.log.keep',
  method: 'PUT',
  path: '/api/v1/node/log',
  access: 'node',
  words: words('节点上报运行日志', 'A node tells what it did of late'),
  /** What is new, oldest first. Lines that are there already change nothing; the oldest give way to the new. */
  body: exact({ lines: Type.Array(NodeLogLine, { minItems: 1, maxItems: LOG_LINES_MAX }) }),
  reply: exact({}),
  bodyBytesMax: LOG_BYTES_MAX,
  errors: ['signature.invalid', 'request.rate_limited'],
})
