import { Type } from 'typebox'
import { BigInteger, Digest, exact, IdParams, Instant, nullable, oneOf, page, PageQuery } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

export const SegmentView = exact({
  generation: Type.Integer(),
  sequence: Type.Integer(),
  rows: BigInteger,
  plainBytes: BigInteger,
  sealedBytes: BigInteger,
  digest: Digest,
  final: Type.Boolean(),
  state: oneOf('received', 'verified', 'rejected', 'applied'),
  receivedAt: Instant,
  verifiedAt: nullable(Instant),
  appliedAt: nullable(Instant),
})

export const listSegments = endpoint({
  id: 'exchange.segment.list',
  method: 'GET',
  path: '/api/v1/channels/:id/segments',
  access: 'channel.read',
  words: words('批次列表', 'List segments'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  reply: page(SegmentView),
  errors: ['object.not_found'],
})
