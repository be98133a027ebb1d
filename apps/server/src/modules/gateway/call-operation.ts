import { createHash } from 'node:crypto'
import type { Place } from '@huitong/contract'
import { callOperation, callOperationBody, type Operation } from '@huitong/contract/gateway'
import { isLiteral } from '@huitong/policy'
import { place, refuse } from '../../kernel/errors.ts'
import { bytes, serviceCall, type ServiceCall } from '../../kernel/verb.ts'
import { answerCall, type Answer, type CallContext, type Ground } from './answer.ts'
import { compileClosed } from './closed-schema.ts'
import type { Gateway } from './gateway.ts'
import { requireItems, type Query } from './parameters.ts'
import type { KnownService, Proxied } from './registry.ts'
import { Replies } from './replies.ts'

interface Asked {
  readonly code: string
  readonly operation: string
  readonly method: 'GET' | 'POST'
  readonly query: Query
  readonly body: unknown
}

/** An operation of a proxied service: asked of the department's own system, checked on the way there and back. */
export const callOperationVerb = (gateway: Gateway): ServiceCall =>
  serviceCall<typeof callOperation>({
    endpoint: callOperation,
    run: (context, { params, query }) =>
      call(gateway, context, { ...params, method: 'GET', query: query as Query, body: null }),
  })

/** The same with a body. */
export const callOperationBodyVerb = (gateway: Gateway): ServiceCall =>
  serviceCall<typeof callOperationBody>({
    endpoint: callOperationBody,
    run: (context, { params, query, body }) =>
      call(gateway, context, { ...params, method: 'POST', query: query as Query, body }),
  })

const replies = new WeakMap<Gateway, Replies>()

async function call(gateway: Gateway, context: CallContext, asked: Asked) {
  // When the account says that something changed meanwhile, the question is not asked a second time.
  let answered: { service: KnownService; answer: Answer<Buffer> } | null = null
  const read = async (ground: Ground): Promise<Answer<Buffer>> => {
    const { service } = ground
    const ready = requestOf(ground, asked)
    if (answered?.service.version === service.version) return answered.answer
    const answer = await answerOf(gateway, context, ground, asked, ready)
    answered = { service, answer }
    return answer
  }
  const body = await answerCall<Buffer>(gateway, context, asked.code, read, 'proxied')
  return bytes({ contentType: 'application/json; charset=utf-8', body })
}

interface Ready {
  readonly operation: Operation
  readonly proxied: Proxied
  readonly path: string
  readonly body: Buffer | null
}

/** What is sent: made anew from what was checked. The grant must hold every item that the operation gives. */
function requestOf({ service, offer }: Ground, asked: Asked): Ready {
  const proxied = service.proxied!
  const operation = proxied.operations.find((one) => one.code === asked.operation && one.method === asked.method)
  if (!operation) return refuse('service.way_unknown')
  requireItems(operation.items, offer, () => '#/params/operation')
  const query = queryOf(operation, asked.query)
  if (operation.body !== null && !checksOf(operation).body!(asked.body))
    refuse('request.invalid', {
      places: [place('', '请求体不符合接口约定的格式', 'the body is not of the agreed form')],
    })
  return {
    operation,
    proxied,
    path: query === '' ? operation.path : `${operation.path}?${query}`,
    body: operation.body === null ? null : Buffer.from(JSON.stringify(asked.body)),
  }
}

function queryOf(operation: Operation, given: Query): string {
  const places: Place[] = []
  const pairs: string[] = []
  for (const { name, type, required, lengthMax } of operation.parameters) {
    const value = given[name]
    const path = `#/query/${name}`
    if (value === undefined) {
      if (required) places.push(place(path, '必填', 'required'))
    } else if (value.length > lengthMax || !isLiteral({ type, value }))
      places.push(
        place(path, `取值应为 ${type} 类型，不超过 ${lengthMax} 个字符`, `${type}, at most ${lengthMax} characters`),
      )
    else pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  }
  const known = new Set(operation.parameters.map((one) => one.name))
  for (const name of Object.keys(given))
    if (!known.has(name)) places.push(place(`#/query/${name}`, '不认识的参数', 'unknown parameter'))
  if (places.length > 0) refuse('request.invalid', { places })
  return pairs.sort().join('&')
}

interface Checks {
  readonly body: ((value: unknown) => boolean) | null
  readonly reply: (value: unknown) => boolean
}
const checks = new WeakMap<Operation, Checks>()

function checksOf(operation: Operation): Checks {
  const known = checks.get(operation) ?? {
    body: operation.body === null ? null : compileClosed(operation.body),
    reply: compileClosed(operation.reply),
  }
  checks.set(operation, known)
  return known
}

async function answerOf(gateway: Gateway, context: CallContext, ground: Ground, asked: Asked, ready: Ready) {
  const { operation, proxied, path, body } = ready
  const { service } = ground
  const cache = replies.get(gateway) ?? new Replies()
  replies.set(gateway, cache)
  const digest = createHash('sha256')
    .update(body ?? '')
    .digest('hex')
  const name = `${service.id}/${service.version}/${asked.method} ${path} ${digest}`
  const kept = operation.cacheSeconds > 0 ? cache.get(name) : null
  if (kept) return kept
  const { baseUrl, timeoutMs, replyBytesMax, credential, nodeId } = proxied
  const to = {
    serviceId: service.id,
    nodeId,
    baseUrl,
    timeoutMs,
    replyBytesMax,
    credential,
    requestId: context.requestId,
  }
  const reply = await gateway.upstream.ask({ ...to, method: asked.method, path, body })
  const answer = { reply, rows: rowsOf(operation, reply) }
  if (operation.cacheSeconds > 0) cache.keep(name, answer, operation.cacheSeconds)
  return answer
}

/** How many rows a reply hands out: the elements of a list, else one. Refuses a reply that is not of the agreed form. */
function rowsOf(operation: Operation, reply: Buffer): number {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(reply))
  } catch {
    refuse('service.reply_invalid', { detail: 'not JSON' })
  }
  // The bytes go out as they came: numbers that JavaScript cannot hold lose nothing on the way.
  if (!checksOf(operation).reply(value)) refuse('service.reply_invalid', { detail: `operation ${operation.code}` })
  return Array.isArray(value) ? value.length : 1
}
