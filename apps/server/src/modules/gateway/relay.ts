import { randomUUID } from 'node:crypto'
import type { NodeCall, NodeCallReply } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { notify } from '../../kernel/wake.ts'
import { headersOf, requireJson, type UpstreamRequest } from './upstream-request.ts'

/** The topics on which a node's long poll, and whoever waits for one reply, wake. */
export const callsTopic = (nodeId: string) => `calls:${nodeId}`
export const replyTopic = (id: string) => `call:${id}`
/** A lost wake-up costs so much time. */
const LOOK_MS = 1_000

const sealing = (id: string) => `node_call/${id}`
/** What travels lies sealed in the database, for as long as somebody waits. */
export const sealCall = (services: Services, id: string, value: NodeCall | NodeCallReply): Buffer =>
  services.secrets.seal(Buffer.from(JSON.stringify(value)), sealing(id))
export const openCall = <T extends NodeCall | NodeCallReply>(services: Services, id: string, sealed: Buffer): T =>
  JSON.parse(services.secrets.open(sealed, sealing(id)).toString('utf8')) as T

/**
 * Asks through a node: the question waits for the node's next poll, which is open already, and the reply comes back by
 * the node's own request, to whichever process. Nothing of it stays.
 */
export async function relay(services: Services, nodeId: string, request: UpstreamRequest): Promise<Buffer> {
  const { timeoutMs } = request
  const id = randomUUID()
  const until = performance.now() + timeoutMs
  const stop = new AbortController()
  const wait = () =>
    services.wake.wait(replyTopic(id), Math.max(1, Math.min(LOOK_MS, until - performance.now())), stop.signal)
  let woken = wait()
  try {
    await services.db.tick(async (db) => {
      await db.run(sql`insert into node_call (id, node_id, asked_at, until, request)
        values (${id}, ${nodeId}, now(), now() + ${timeoutMs} * interval '1 millisecond', ${sealCall(services, id, callOf(id, request))})`)
      await notify(db, callsTopic(nodeId))
    })
    for (;;) {
      await woken
      woken = wait()
      const row = await services.db.tick((db) =>
        db.maybe<{ reply: Buffer }>(sql`delete from node_call where id = ${id} and reply is not null returning reply`),
      )
      if (row) return bodyOf(openCall<NodeCallReply>(services, id, row.reply))
      if (performance.now() >= until) refuse('service.upstream_timeout', { detail: `node ${nodeId}` })
    }
  } finally {
    stop.abort()
    await services.db.tick((db) => db.run(sql`delete from node_call where id = ${id}`)).catch(() => undefined)
  }
}

const callOf = (id: string, request: UpstreamRequest): NodeCall => ({
  id,
  method: request.method,
  url: `${request.baseUrl}${request.path}`,
  headers: headersOf(request),
  body: request.body?.toString('base64') ?? null,
  timeoutMs: request.timeoutMs,
  replyBytesMax: request.replyBytesMax,
})

function bodyOf({ outcome, status, contentType, body }: NodeCallReply): Buffer {
  if (outcome === 'timeout') refuse('service.upstream_timeout')
  if (outcome === 'too_large') refuse('service.reply_invalid', { detail: 'larger than was agreed' })
  if (outcome !== 'answered') refuse('service.upstream_failed', { detail: outcome })
  requireJson(status, contentType, false)
  return Buffer.from(body, 'base64')
}
