import { Type } from 'typebox'
import { BigInteger, Bilingual, exact, IdParams, Instant, nullable, oneOf, page, PageQuery, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'
import { ChangeCounts, HeldRows } from './work.ts'

export const IntervalSeconds = Type.Integer({ minimum: 5, maximum: 86_400 })
export const LagSeconds = Type.Integer({ minimum: 0, maximum: 86_400 })

/** One look at what changed. A row may be read again and found unchanged; that is no update. */
export const IncrementView = exact({
  id: Uuid,
  number: Type.Integer(),
  cause: oneOf('schedule', 'person', 'reconciliation'),
  state: oneOf('running', 'done', 'empty', 'failed', 'stopped'),
  /** Rows by the source's word about its last operation on each, as the manifests count them. */
  source: exact({ insert: BigInteger, update: BigInteger, delete: BigInteger }),
  /** What the receiving database counted in the transaction that applied them. */
  applied: nullable(ChangeCounts),
  heldRows: BigInteger,
  segments: Type.Integer(),
  /** The update times between which it looked, by the source's clock. */
  since: Type.String(),
  until: nullable(Type.String()),
  problem: nullable(exact({ code: Type.String(), message: Bilingual })),
  startedAt: Instant,
  finishedAt: nullable(Instant),
  /** While files are carried: all of this look, and the bytes that have arrived at the receiver. */
  files: Type.Optional(exact({ total: Type.Integer(), bytes: BigInteger, bytesApplied: BigInteger })),
})
/** How a channel follows its source. */
export const FollowView = exact({
  intervalSeconds: IntervalSeconds,
  lagSeconds: LagSeconds,
  /** Where the receiving table stands (断点), by the source's clock; null before the first full copy. */
  position: nullable(Type.String()),
  lookedAt: nullable(Instant),
  nextAt: nullable(Instant),
  increments: Type.Integer(),
  totals: ChangeCounts,
  held: HeldRows,
  last: nullable(IncrementView),
})

export const startIncrement = endpoint({
  id: 'exchange.increment.start',
  method: 'POST',
  path: '/api/v1/channels/:id/increments',
  access: 'channel.operate',
  words: words('立即同步', 'Bring changes now'),
  params: IdParams,
  reply: IncrementView,
  status: 202,
  errors: ['object.not_found', 'object.state', 'grant.inactive'],
})
export const listIncrements = endpoint({
  id: 'exchange.increment.list',
  method: 'GET',
  path: '/api/v1/channels/:id/increments',
  access: 'channel.read',
  words: words('增量记录', 'List increments'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  reply: page(IncrementView),
  errors: ['object.not_found'],
})
