import { Type } from 'typebox'
import { BigInteger, Bilingual, exact, IdParams, Instant, nullable, text, Uuid } from './common.ts'
import { FrontKind } from './curation.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** After how many days a row that was taken and is marked as deleted is removed; null: never. */
const CleanAfterDays = nullable(Type.Integer({ minimum: 1, maximum: 3650 }))

/** What of a push table was taken, and what was cleaned. */
export const FrontMarksView = exact({
  /** The field of the exchange mark. */
  mark: text(63, 1),
  cleanAfterDays: CleanAfterDays,
  /** Whether the table names an operation, without which nothing can be cleaned. */
  cleanable: Type.Boolean(),
  /** Rows with and without a mark when the node last looked, and the oldest update time of those without. */
  inTable: nullable(exact({ marked: BigInteger, unmarked: BigInteger, oldest: nullable(Instant) })),
  /** Rows removed so far. */
  cleaned: BigInteger,
  lookedAt: nullable(Instant),
  markedAt: nullable(Instant),
  cleanedAt: nullable(Instant),
  problem: nullable(exact({ code: Type.String(), message: Bilingual, at: Instant })),
  /** Tasks that follow the table: a row is marked when all of them have taken it; a stopped one keeps back what it has not read. */
  tasks: Type.Array(exact({ id: Uuid, number: Type.String(), state: Type.String(), takenAt: nullable(Instant) })),
  version: Type.Integer(),
})

export const readFrontMarks = endpoint({
  id: 'exchange.front_marks.read',
  method: 'GET',
  path: '/api/v1/datasets/:id/front-marks',
  access: 'dataset.mount',
  words: words('前置推送表的标记与清理情况', 'Marks and clean-up of a push table'),
  params: IdParams,
  reply: exact({ front: nullable(FrontMarksView) }),
  errors: ['object.not_found', 'object.state'],
})
export const setFrontPolicy = endpoint({
  id: 'exchange.front_policy.set',
  method: 'PUT',
  path: '/api/v1/datasets/:id/front-policy',
  access: 'dataset.mount',
  words: words('设置前置推送表清理策略', 'Set the clean-up of a push table'),
  params: IdParams,
  body: exact({ cleanAfterDays: CleanAfterDays }),
  reply: exact({ front: nullable(FrontMarksView) }),
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})

/** The script by which a receiving department makes the table of a task (前置接收表). */
export const readReceivingTable = endpoint({
  id: 'exchange.receiving_table.read',
  method: 'GET',
  path: '/api/v1/channels/:id/receiving-table',
  access: 'channel.read',
  words: words('前置接收库建表脚本', 'Script of a receiving table'),
  params: IdParams,
  query: exact({ kind: FrontKind }),
  reply: exact({ kind: Type.String(), table: Type.String(), script: Type.String() }),
  errors: ['object.not_found', 'object.state'],
})
