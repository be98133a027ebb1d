import type { BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from './endpoint.ts'
import type { ErrorBody, ErrorCode, Place } from './errors.ts'
import { ERRORS } from './errors.ts'
import type { Words } from './words.ts'

/** A refusal by the platform, as the caller sees it. `code` is `network` when no reply came. */
export class CallError extends Error {
  readonly code: ErrorCode | 'network'
  readonly status: number
  readonly words: Words
  readonly places: readonly Place[]
  readonly requestId: string | null
  constructor(status: number, body: ErrorBody | null, cause?: unknown) {
    const code = body?.error.code ?? 'network'
    super(`${code}: ${body?.error.message.en ?? 'no reply'}`, { cause })
    this.name = 'CallError'
    this.code = code
    this.status = status
    this.words = body?.error.message ?? {
      zh: '无法连接平台，请稍后再试',
      en: 'The platform cannot be reached; try again',
    }
    this.places = body?.error.places ?? []
    this.requestId = body?.error.requestId ?? null
  }
}

export interface CallOptions {
  /** ETag that was read with the object (`If-Match`). */
  readonly match?: string | number
  /** Makes a repeated write harmless. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

/** What a call needs: its parts are asked for only where the endpoint has them. */
export interface CallInput<E extends Endpoint> {
  readonly params?: ParamsOf<E>
  readonly query?: QueryOf<E>
  readonly body?: BodyOf<E>
}

export interface Client {
  call<E extends Endpoint>(endpoint: E, input?: CallInput<E>, options?: CallOptions): Promise<ReplyOf<E>>
}

/** Sends one request and gives the raw reply; lets a node sign it, a browser add its cookie. */
export type Transport = (request: {
  method: string
  path: string
  headers: Record<string, string>
  body: string | null
  signal?: AbortSignal
}) => Promise<Response>

/** The path of an endpoint with its parameters and query filled in. */
export function addressOf<E extends Endpoint>(endpoint: E, input: CallInput<E> = {}): string {
  const params = (input.params ?? {}) as Record<string, string>
  const path = endpoint.path.replace(/:(\w+)|\*/g, (match, name: string | undefined) =>
    name ? encodeURIComponent(String(params[name])) : String(params[match]),
  )
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries((input.query ?? {}) as Record<string, unknown>))
    if (value !== undefined) query.set(key, String(value))
  return query.size > 0 ? `${path}?${query}` : path
}

/** A typed client over any transport. Throws {@link CallError} for every refusal. */
export function createClient(transport: Transport): Client {
  return {
    async call(endpoint, input = {}, options = {}) {
      const writes = endpoint.method !== 'GET' && endpoint.method !== 'HEAD'
      const headers: Record<string, string> = { accept: 'application/json' }
      if (writes) headers['content-type'] = 'application/json'
      if (options.match !== undefined) headers['if-match'] = `"${options.match}"`
      if (options.idempotencyKey) headers['idempotency-key'] = options.idempotencyKey
      const request = {
        method: endpoint.method,
        path: addressOf(endpoint, input),
        headers,
        body: writes ? JSON.stringify(input.body ?? {}) : null,
        ...(options.signal ? { signal: options.signal } : {}),
      }
      let response: Response
      try {
        response = await transport(request)
      } catch (cause) {
        throw new CallError(0, null, cause)
      }
      return readReply(response)
    },
  }
}

async function readReply<R>(response: Response): Promise<R> {
  const raw = await response.text()
  let parsed: unknown = null
  try {
    parsed = raw === '' ? {} : JSON.parse(raw)
  } catch (cause) {
    throw new CallError(response.status, null, cause)
  }
  if (!response.ok) throw new CallError(response.status, isErrorBody(parsed) ? parsed : null)
  return parsed as R
}

function isErrorBody(value: unknown): value is ErrorBody {
  const code = (value as ErrorBody | null)?.error?.code
  return typeof code === 'string' && code in ERRORS
}
