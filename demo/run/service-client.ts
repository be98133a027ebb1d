import { createHash, createHmac, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Application {
  readonly appId: string
  readonly secret: string
}

export interface ServiceReply {
  readonly status: number
  /** Code of the refusal; null when the call was answered. */
  readonly code: string | null
  readonly body: Record<string, unknown>
}

export interface ServiceCall {
  readonly way: 'row' | 'rows' | 'count' | 'batch'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** 事项编码; null: the header is left out. */
  readonly matter: string | null
  /** Used as it is, in place of a fresh one. */
  readonly nonce?: string
  readonly spoilSignature?: boolean
}

/** Calls that were sent and calls that were answered or refused by name; a platform that is just killed loses replies. */
export interface Sent {
  readonly sent: Map<string, number>
  readonly heard: Map<string, number>
}

const PATIENCE_MS = 60_000
const rfc3986 = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * Calls a shared service as an application of another vendor would, by docs/services.md alone: signed here, with none of
 * the platform's own code. While the platform recovers, a call is signed anew and sent again.
 */
export async function callService(
  base: string,
  { appId, secret }: Application,
  code: string,
  call: ServiceCall,
  counted: Sent,
): Promise<ServiceReply> {
  const path = `/api/v1/services/${code}/${call.way}`
  const query = Object.entries(call.query ?? {})
    .map(([name, value]) => `${rfc3986(name)}=${rfc3986(value)}`)
    .sort()
    .join('&')
  const method = call.body === undefined ? 'GET' : 'POST'
  const body = call.body === undefined ? '' : JSON.stringify(call.body)
  const digest = createHash('sha256').update(body).digest('hex')
  const matter = call.matter ?? ''
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const now = String(Math.floor(Date.now() / 1000))
    const nonce = call.nonce ?? randomBytes(16).toString('hex')
    const text = ['HUITONG-HMAC-SHA256', method, path, query, digest, appId, now, nonce, matter].join('\n')
    const good = createHmac('sha256', secret).update(text).digest('hex')
    const signature = call.spoilSignature ? good.replace(/^./, (first) => (first === '0' ? '1' : '0')) : good
    add(counted.sent, matter)
    const reply = await fetch(`${base}${path}${query === '' ? '' : `?${query}`}`, {
      method,
      headers: {
        'x-huitong-app': appId,
        'x-huitong-timestamp': now,
        'x-huitong-nonce': nonce,
        'x-huitong-signature': signature,
        ...(matter === '' ? {} : { 'x-huitong-matter': matter }),
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === '' ? {} : { body }),
      signal: AbortSignal.timeout(30_000),
    }).catch(() => null)
    if (reply !== null && reply.status !== 502 && reply.status !== 503 && reply.status !== 504) {
      const parsed = (await reply.json()) as Record<string, unknown> & { error?: { code: string } }
      add(counted.heard, matter)
      return { status: reply.status, code: parsed.error?.code ?? null, body: parsed }
    }
    if (performance.now() > end) throw new Error(`no answer from ${path} for a minute`)
    await sleep(150)
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
