import { Type, type Static } from 'typebox'
import { Digest, exact, IdParams, Instant, nullable, oneOf } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/**
 * What happens when the source's table is no longer the one that was agreed. `hold`: everything stops until the provider
 * approves. `evolve`: fields that were added do not stop anything. `ignore`: only the fields that this channel needs count.
 * A granted field that is gone or has another type always stops it, and no policy lets another field out.
 */
export const DriftPolicy = oneOf('hold', 'evolve', 'ignore')
export type DriftPolicy = Static<typeof DriftPolicy>

/** One field that differs. `before`, `after`: types, or for `moved` places counted from 1; null where there is none. */
export const FieldDifference = exact({
  field: Type.String(),
  kind: oneOf('added', 'removed', 'retyped', 'moved'),
  before: nullable(Type.String()),
  after: nullable(Type.String()),
  /** The channel needs it: it travels, or tells what changed. */
  needed: Type.Boolean(),
})
export type FieldDifference = Static<typeof FieldDifference>

export const DriftView = exact({
  /** Of all the fields as they are now: an approval names it. */
  hash: Digest,
  at: Instant,
  /** Empty for who may not see the provider's tables. */
  differences: Type.Array(FieldDifference),
})

export const setDrift = endpoint({
  id: 'exchange.drift.set',
  method: 'PUT',
  path: '/api/v1/channels/:id/drift',
  access: 'channel.operate',
  words: words('设置表结构变化的处理方式', 'Set what happens when the table changes'),
  params: IdParams,
  body: exact({ policy: DriftPolicy }),
  reply: exact({ policy: DriftPolicy }),
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})
export const approveDrift = endpoint({
  id: 'exchange.drift.approve',
  method: 'POST',
  path: '/api/v1/channels/:id/drift',
  access: 'dataset.mount',
  words: words('确认表结构变化并继续', 'Approve a changed table and go on'),
  params: IdParams,
  body: exact({ hash: Digest }),
  reply: exact({ hash: Digest, differences: Type.Array(FieldDifference) }),
  ifMatch: true,
  errors: ['source.consent', 'object.not_found', 'object.state', 'grant.inactive'],
})
