import { Type } from 'typebox'
import { exact, IdParams, nullable } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** When a channel is compared by itself: after each full copy, and every so many hours; neither is how it begins. */
export const ReconcilePlan = exact({
  afterCopy: Type.Boolean(),
  everyHours: nullable(Type.Integer({ minimum: 1, maximum: 8_760 })),
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
