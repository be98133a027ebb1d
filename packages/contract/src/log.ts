import { Type } from 'typebox'
import { BigInteger, exact, IdParams, Instant, nullable, oneOf } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'
import { ChangeCounts, LogPosition } from './work.ts'

/** How a channel follows its source's log, as of now. */
export const LogView = exact({
  /**
   * `idle`: not following. `paused`: stopped at a common position for a comparison. `gap`: the log is broken, and only a
   * comparison leads on. `truncated`: the source was emptied, and a person must say what that means.
   */
  state: oneOf('idle', 'reading', 'source_away', 'outbox_full', 'target_behind', 'paused', 'gap', 'truncated'),
  /** Where the receiving table stands (断点): position in the log in its source's words (LSN, GTID), and when that was committed there. */
  position: nullable(Type.String()),
  committedAt: nullable(Instant),
  lagBytes: BigInteger,
  lagSeconds: Type.Number(),
  changes: BigInteger,
  transactions: BigInteger,
  /** What was made at a source that keeps its log for a reader; null elsewhere. */
  slot: nullable(Type.String()),
  publication: nullable(Type.String()),
  /** When the slot is dropped because the channel is stopped: the source keeps its log until then. */
  releaseAt: nullable(Instant),
  /** What the changes did to the receiving table since the last full copy, counted there in their own transactions. */
  applied: ChangeCounts,
  /** Position of the TRUNCATE that waits for approval. */
  truncatedAt: nullable(Type.String()),
  reportedAt: nullable(Instant),
})

export const resyncChannel = endpoint({
  id: 'exchange.log.resync',
  method: 'POST',
  path: '/api/v1/channels/:id/resync',
  access: 'channel.operate',
  words: words('重新同步（只传差异）', 'Synchronise again: only what differs travels'),
  params: IdParams,
  reply: exact({ reconciliationId: Type.String() }),
  status: 202,
  ifMatch: true,
  errors: ['source.consent', 'object.not_found', 'object.state', 'grant.inactive'],
})
export const approveTruncation = endpoint({
  id: 'exchange.log.approve',
  method: 'POST',
  path: '/api/v1/channels/:id/truncations',
  access: 'channel.operate',
  words: words('确认清空并继续', 'Approve a truncation and go on'),
  params: IdParams,
  body: exact({ position: LogPosition }),
  reply: exact({ position: LogPosition }),
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'grant.inactive'],
})
export const followStream = endpoint({
  id: 'exchange.stream.follow',
  method: 'GET',
  path: '/api/v1/node/streams/:id/applied',
  access: 'node',
  kind: 'long-poll',
  words: words('节点查询批次入库进度', 'A node asks how far its segments were committed'),
  params: IdParams,
  query: exact({
    generation: Type.String({ pattern: '^\\d{1,9}$' }),
    after: Type.String({ pattern: '^\\d{1,9}$' }),
    /** `1` when the node has heard that it is to end. */
    ending: Type.Optional(Type.String({ pattern: '^[01]$' })),
    waitSeconds: Type.Optional(Type.String({ pattern: '^([0-9]|1\\d|2[0-5])$' })),
  }),
  reply: exact({
    /** The generation in force; larger than asked: the stream begins anew. */
    generation: Type.Integer(),
    /** Last segment up to which all are committed in the receiving table. */
    applied: Type.Integer(),
    /** The stream is to end at the next exact position. */
    end: Type.Boolean(),
  }),
  errors: ['signature.invalid', 'object.not_found', 'grant.inactive', 'node.fenced'],
})
