import { createHash, createHmac, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** What an application was given: its name and its secret. */
export interface Application {
  readonly appId: string
  readonly secret: string
}

export interface SignedCall {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON by POST. */
  readonly body?: unknown
  readonly matter: string
  /** Unix seconds; now when left out. */
  readonly timestamp?: number
  /** Sends this query, though another one was signed. */
  readonly sent?: Readonly<Record<string, string>>
  /** Leaves one header out. */
  readonly without?: string
}

export interface Answered {
  readonly status: number
  /** `ok`, or the code of the refusal. */
  readonly outcome: string
  readonly body: Record<string, unknown>
  readonly retryAfter: number | null
  /** Calls whose reply was lost though the platform had taken them into its account: found out by asking again. */
  readonly lost: number
  /** Sends exactly the same request once more, signature and nonce included. */
  again(): Promise<Answered>
}

const PATIENCE_MS = 60_000
const TIMEOUT_MS = 15_000

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
const joined = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')

/** The five headers of a call, by the written rule (docs/services.md) and nothing of the platform's code. */
function signed(app: Application, { path, query = {}, matter, timestamp, without }: SignedCall, body: string) {
  const fields = {
    app: app.appId,
    timestamp: String(timestamp ?? Math.floor(Date.now() / 1000)),
    nonce: randomBytes(16).toString('hex'),
    matter,
  }
  const lines = ['HUITONG-HMAC-SHA256', body === '' ? 'GET' : 'POST', path, joined(query)]
  lines.push(createHash('sha256').update(body).digest('hex'), fields.app, fields.timestamp, fields.nonce, matter)
  const signature = createHmac('sha256', app.secret).update(lines.join('\n')).digest('hex')
  const named = Object.entries({ ...fields, signature }).filter(([name, value]) => name !== without && value !== '')
  return Object.fromEntries(named.map(([name, value]) => [`X-Huitong-${name}`, value]))
}

/**
 * Calls a service as an application of a department does. While the platform recovers it asks again: with the same
 * signature where the reply was lost, so that what was counted is known, and with a new one otherwise.
 */
export async function callService(base: string, app: Application, call: SignedCall): Promise<Answered> {
  const body = call.body === undefined ? '' : JSON.stringify(call.body)
  const until = performance.now() + PATIENCE_MS
  const sent = joined(call.sent ?? call.query ?? {})
  const url = `${base}${call.path}${sent === '' ? '' : `?${sent}`}`
  let headers = signed(app, call, body)
  let isLost = false
  let lost = 0
  for (;;) {
    const reply = await send(url, headers, body)
    const isReplayed = isLost && reply.outcome === 'service.replayed'
    if (!isReplayed && reply.status !== 0 && reply.status !== 503)
      return { ...reply, lost, again: () => onceMore(url, headers, body) }
    if (performance.now() > until) throw new Error(`${call.path}: no answer within ${PATIENCE_MS / 1000} s`)
    if (isReplayed) lost++
    isLost = reply.status === 0
    if (!isLost) headers = signed(app, call, body)
    await sleep(isReplayed ? 0 : 150)
  }
}

async function onceMore(url: string, headers: Record<string, string>, body: string): Promise<Answered> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const reply = await send(url, headers, body)
    if (reply.status !== 0 && reply.status !== 503)
      return { ...reply, lost: 0, again: () => onceMore(url, headers, body) }
    if (performance.now() > until) throw new Error(`${url}: no answer within ${PATIENCE_MS / 1000} s`)
    await sleep(150)
  }
}

/** One attempt; status 0 when no reply came. */
async function send(url: string, headers: Record<string, string>, body: string) {
  const nothing = { status: 0, outcome: 'lost', body: {}, retryAfter: null }
  try {
    const reply = await fetch(url, {
      headers: body === '' ? headers : { ...headers, 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === '' ? {} : { method: 'POST', body }),
    })
    const text = await reply.text()
    const isJson = String(reply.headers.get('content-type')).startsWith('application/json')
    const parsed = (isJson ? JSON.parse(text) : {}) as Record<string, unknown> & { error?: { code: string } }
    const after = reply.headers.get('retry-after')
    return {
      status: reply.status,
      outcome: parsed.error?.code ?? (reply.ok ? 'ok' : `status ${reply.status}`),
      body: parsed,
      retryAfter: after === null ? null : Number(after),
    }
  } catch {
    return nothing
  }
}
