import { Pool } from 'undici'
import { Refusal, refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { relay } from './relay.ts'
import { allowedHosts, baseAddressOf, guardedLookup } from './upstream-address.ts'
import { headersOf, requireJson, type UpstreamRequest } from './upstream-request.ts'

/** Asks departments' services. @throws Refusal `service.upstream_…`, `service.row_not_found`, `platform.busy`. */
export interface Upstream {
  ask(request: UpstreamRequest): Promise<Buffer>
  end(): Promise<void>
}

const CONNECTIONS_MAX = 32
/** Questions on their way to one service; more are refused at once, so that a slow one cannot hold the whole gateway. */
const UNDER_WAY_MAX = 128
const FAILURES_MAX = 5
const REST_MS = 10_000
const CONNECT_MS_MAX = 5_000
const POOLS_MAX = 500

/** After five failures in a row nothing is asked for ten seconds; then one question decides how it goes on. */
interface Health {
  underWay: number
  failures: number
  restsUntil: number
}

export function openUpstream(services: Services): Upstream {
  const allowed = allowedHosts(services.settings.upstreamAllow)
  const pools = new Map<string, Pool>()
  const health = new Map<string, Health>()
  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin)
    if (known) return known
    if (pools.size >= POOLS_MAX) {
      const [oldest, pool] = pools.entries().next().value!
      pools.delete(oldest)
      void pool.close().catch(() => undefined)
    }
    const connect = { lookup: guardedLookup(allowed) as never, timeout: CONNECT_MS_MAX }
    const made = new Pool(origin, { connections: CONNECTIONS_MAX, pipelining: 1, connect })
    pools.set(origin, made)
    return made
  }
  const direct = (request: UpstreamRequest): Promise<Buffer> => {
    // Kept addresses were checked when they were written down; the setting may have changed since.
    const base = baseAddressOf(request.baseUrl, allowed) ?? refuse('service.upstream_failed', { detail: 'address' })
    return exchange(poolOf(new URL(base).origin), new URL(base).pathname, request)
  }
  return {
    async ask(request) {
      const state = health.get(request.serviceId) ?? { underWay: 0, failures: 0, restsUntil: 0 }
      health.set(request.serviceId, state)
      enter(state)
      state.underWay++
      try {
        const reply = request.nodeId === null ? await direct(request) : await relay(services, request.nodeId, request)
        state.failures = 0
        return reply
      } catch (error) {
        const refusal = error instanceof Refusal ? error : refusalOf(error)
        if (refusal.code === 'service.row_not_found') state.failures = 0
        else if (++state.failures >= FAILURES_MAX) state.restsUntil = performance.now() + REST_MS
        throw refusal
      } finally {
        state.underWay--
      }
    },
    end: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function enter(state: Health): void {
  const left = state.restsUntil - performance.now()
  if (left > 0) refuse('service.upstream_resting', { retryAfterSeconds: Math.max(1, Math.ceil(left / 1000)) })
  // The rest is over: one question tries, the others wait for what becomes of it.
  if (state.failures >= FAILURES_MAX && state.underWay > 0) refuse('service.upstream_resting', { retryAfterSeconds: 1 })
  if (state.underWay >= UNDER_WAY_MAX) refuse('platform.busy', { retryAfterSeconds: 1 })
}

async function exchange(pool: Pool, below: string, request: UpstreamRequest): Promise<Buffer> {
  const { method, body, timeoutMs } = request
  const reply = await pool.request({
    method,
    path: `${below === '/' ? '' : below}${request.path}`,
    headers: headersOf(request),
    body,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    signal: AbortSignal.timeout(timeoutMs),
  })
  // Given up or cut by its deadline it says so once more by this event; whoever reads it hears it anyway.
  reply.body.on('error', () => undefined)
  const { statusCode, headers } = reply
  try {
    requireJson(statusCode, String(headers['content-type'] ?? ''), headers['content-encoding'] !== undefined)
  } catch (error) {
    await reply.body.dump({ limit: 64 * 1024 }).catch(() => undefined)
    throw error
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Leaving the loop destroys the stream, and with it the connection.
    if (bytes > request.replyBytesMax) refuse('service.reply_invalid', { detail: 'larger than was agreed' })
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

function refusalOf(error: unknown): Refusal {
  const { name, code, message } = error as { name?: string; code?: string; message?: string }
  const late = name === 'TimeoutError' || /TIMEOUT/.test(code ?? '')
  return new Refusal(late ? 'service.upstream_timeout' : 'service.upstream_failed', {
    detail: `${code ?? name}: ${message}`,
    cause: error,
  })
}
