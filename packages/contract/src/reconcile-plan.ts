import { Type } from 'typebox'
import { Action, BigInteger, Bilingual, exact, IdParams, Instant, nullable, oneOf, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

export const EveryHours = Type.Integer({ minimum: 1, maximum: 8_760 })

/** When a channel is compared by itself: after each full copy, and every so many hours; neither is how it begins. */
export const ReconcilePlan = exact({
  afterCopy: Type.Boolean(),
  everyHours: nullable(EveryHours),
})

export const planReconciliation = endpoint({
  id: 'exchange.reconciliation.plan',
  method: 'PUT',
  path: '/api/v1/channels/:id/reconciliation-plan',
  access: 'reconciliation.run',
  words: words('设置自动对账', 'Set when it is compared by itself'),
  params: IdParams,
  body: ReconcilePlan,
  reply: ReconcilePlan,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})

/** One comparison of both ends, with the repair that it proposes. */
export const ReconciliationView = exact({
  id: Uuid,
  channelId: Uuid,
  state: oneOf('running', 'equal', 'different', 'failed', 'repairing', 'repaired'),
  startedAt: Instant,
  finishedAt: nullable(Instant),
  sourceRows: nullable(BigInteger),
  targetRows: nullable(BigInteger),
  bucketsCompared: Type.Integer(),
  bucketsDifferent: Type.Integer(),
  differences: Type.Array(
    exact({ key: Type.Array(Type.String()), kind: oneOf('missing', 'extra', 'different'), words: Bilingual }),
  ),
  differencesTotal: BigInteger,
  /** Of a channel that follows: the position compared at, and rows left out because they may have changed after it. */
  position: nullable(Type.String()),
  inFlight: Type.Integer(),
  /** Canonical JSON of the report and its signature by the platform. */
  report: nullable(exact({ document: Type.String(), signature: Type.String(), keyId: Type.String() })),
  repair: nullable(
    exact({
      state: oneOf('proposed', 'declined', 'running', 'done', 'failed'),
      upserts: Type.Integer(),
      deletes: Type.Integer(),
    }),
  ),
  problem: nullable(Bilingual),
  actions: Type.Array(Action),
  version: Type.Integer(),
})
