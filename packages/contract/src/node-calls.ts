import { Type, type Static } from 'typebox'
import { exact, nullable, oneOf, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** Largest body that travels through a node, in bytes. */
export const NODE_CALL_BYTES_MAX = 5 * 1024 * 1024
const Bytes = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', maxLength: Math.ceil(NODE_CALL_BYTES_MAX / 3) * 4 })

/** A call that a node makes within its department's network; what is sent was checked by the gateway. */
export const NodeCall = exact({
  id: Uuid,
  method: oneOf('GET', 'POST'),
  url: text(8_000, 1),
  headers: Type.Record(Type.String(), Type.String()),
  body: nullable(Bytes),
  timeoutMs: Type.Integer(),
  replyBytesMax: Type.Integer(),
})
export type NodeCall = Static<typeof NodeCall>

/** What became of it. `not_allowed`: the department's own list of addresses does not hold this one. */
export const NodeCallReply = exact({
  outcome: oneOf('answered', 'timeout', 'failed', 'too_large', 'not_allowed'),
  status: Type.Integer({ minimum: 0, maximum: 999 }),
  contentType: text(200),
  body: Bytes,
})
export type NodeCallReply = Static<typeof NodeCallReply>

export const pollCalls = endpoint({
  id: 'gateway.node_call.poll',
  method: 'POST',
  path: '/api/v1/node/calls',
  access: 'node',
  kind: 'long-poll',
  words: words('节点领取接口调用', 'A node asks for calls of its department’s services'),
  body: exact({ waitSeconds: Type.Integer({ minimum: 0, maximum: 25 }) }),
  reply: exact({ calls: Type.Array(NodeCall) }),
  errors: ['signature.invalid'],
})
export const answerNodeCall = endpoint({
  id: 'gateway.node_call.answer',
  method: 'PUT',
  path: '/api/v1/node/calls/:id',
  access: 'node',
  words: words('节点交回接口应答', 'A node gives a reply back'),
  params: exact({ id: Uuid }),
  body: NodeCallReply,
  /** Whether somebody still waits for it. */
  reply: exact({ awaited: Type.Boolean() }),
  bodyBytesMax: 7 * 1024 * 1024,
  errors: ['signature.invalid'],
})
