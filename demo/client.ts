import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CallError,
  createClient,
  type CallInput,
  type CallOptions,
  type Endpoint,
  type ReplyOf,
} from '@huitong/contract'
import { login } from '@huitong/contract/identity'

/** Statuses by which the platform says that a part of it is just being restarted. */
const AGAIN = new Set([0, 502, 503, 504])
const PAUSE_MS = 150
const CALL_TIMEOUT_MS = 30_000

export interface ClientOptions {
  /** How long a call is tried again while the platform recovers; then its last error is thrown. Default 60 000. */
  readonly patienceMs?: number
}

/** One person (or nobody yet) at the platform's public port. */
export interface DemoClient {
  /**
   * Calls an endpoint as a person would, and again while the platform recovers. Writes carry an `Idempotency-Key`, the
   * same at each try, so that what was done though its reply was lost is not done twice. Throws {@link CallError}.
   */
  call<E extends Endpoint>(endpoint: E, input?: CallInput<E>, options?: CallOptions): Promise<ReplyOf<E>>
  /** The refusal that a call is expected to meet; throws when it succeeds. */
  refusal<E extends Endpoint>(endpoint: E, input?: CallInput<E>, options?: CallOptions): Promise<CallError>
  signIn(account: string, password: string): Promise<void>
}

/** Opens a client with a cookie of its own. */
export function openClient(baseUrl: string, { patienceMs = 60_000 }: ClientOptions = {}): DemoClient {
  let cookie = ''
  const plain = createClient(async ({ method, path, headers, body, signal }) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { ...headers, ...(cookie === '' ? {} : { cookie }) },
      ...(body === null ? {} : { body }),
      signal: signal ?? AbortSignal.timeout(CALL_TIMEOUT_MS),
    })
    for (const set of response.headers.getSetCookie()) cookie = set.split(';')[0]!
    return response
  })
  const call: DemoClient['call'] = async (endpoint, input, options = {}) => {
    const writes = endpoint.method !== 'GET' && endpoint.method !== 'HEAD'
    // A replayed sign-in would bring no cookie, so it is simply made again.
    const key = writes && (endpoint as Endpoint) !== login ? { idempotencyKey: randomUUID() } : {}
    const until = performance.now() + patienceMs
    for (;;) {
      try {
        return await plain.call(endpoint, input, { ...key, ...options })
      } catch (error) {
        if (!(error instanceof CallError) || !AGAIN.has(error.status) || performance.now() > until) throw error
        await sleep(PAUSE_MS)
      }
    }
  }
  return {
    call,
    async refusal(endpoint, input, options) {
      try {
        await call(endpoint, input, options)
      } catch (error) {
        if (error instanceof CallError) return error
        throw error
      }
      throw new Error(`${endpoint.id} was expected to be refused, and was not`)
    },
    async signIn(account, password) {
      await call(login, { body: { account, password } })
    },
  }
}
