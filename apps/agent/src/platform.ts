import { randomBytes } from 'node:crypto'
import {
  addressOf,
  CallError,
  type CallInput,
  createClient,
  type Endpoint,
  type ReplyOf,
  type Transport,
} from '@huitong/contract'
import { appendSegment, fetchSegment } from '@huitong/contract/exchange'
import { signRequest, splitTarget } from '@huitong/contract/signature'
import { importPrivateKey, type KeyPairText } from '@huitong/segment'
import { untilAnswered } from './retry.ts'

const CALL_TIMEOUT_MS = 30_000
const STALL_TIMEOUT_MS = 30_000
const NONCE_BYTES = 18

/** Options of one request. */
export interface RequestOptions {
  readonly signal: AbortSignal
  /** Longest wait for the whole reply. */
  readonly timeoutMs?: number
}

/** The platform as a node's work reaches it: over a line, or by files that are ferried. */
export interface PlatformLink {
  /** One request. @throws CallError; the signal's reason when it is aborted. */
  call<E extends Endpoint>(endpoint: E, input: CallInput<E>, options: RequestOptions): Promise<ReplyOf<E>>
  /** The same until the platform answers. @throws CallError for a refusal. */
  ask<E extends Endpoint>(endpoint: E, input: CallInput<E>, options: RequestOptions): Promise<ReplyOf<E>>
  append(
    digest: string,
    offset: number,
    bytes: Buffer<ArrayBuffer>,
    options: RequestOptions,
  ): Promise<ReplyOf<typeof appendSegment>>
  fetch(digest: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>
  stream<E extends Endpoint>(
    endpoint: E,
    input: CallInput<E>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined>
  /**
   * Takes a sealed segment into its own durable keeping, from where it goes to the platform sooner or later. Null where the
   * platform itself answers with its receipt.
   */
  readonly handOver: ((manifest: string, sealed: Uint8Array, signal: AbortSignal) => Promise<void>) | null
}

/** The platform over a line: every request is signed with the node's key. */
export class Platform implements PlatformLink {
  readonly handOver = null
  readonly #url: string
  readonly #signing: KeyPairText
  readonly #key: ReturnType<typeof importPrivateKey>

  constructor(url: string, signing: KeyPairText) {
    this.#url = url
    this.#signing = signing
    this.#key = importPrivateKey('ed25519', signing.privateKey)
  }

  /** One request. @throws CallError; the signal's reason when it is aborted. */
  async call<E extends Endpoint>(endpoint: E, input: CallInput<E>, options: RequestOptions): Promise<ReplyOf<E>> {
    return this.#call(endpoint, input, options, (request) => request)
  }

  /** The same request until the platform answers it, each time signed anew. @throws CallError for a refusal. */
  ask<E extends Endpoint>(endpoint: E, input: CallInput<E>, options: RequestOptions): Promise<ReplyOf<E>> {
    return untilAnswered(options.signal, () => this.call(endpoint, input, options))
  }

  /** One request with raw bytes: a piece of a segment from `offset`. */
  async append(
    digest: string,
    offset: number,
    bytes: Buffer<ArrayBuffer>,
    options: RequestOptions,
  ): Promise<ReplyOf<typeof appendSegment>> {
    const input = { params: { digest }, query: { offset: String(offset) } }
    return this.#call(appendSegment, input, options, (request) => ({
      ...request,
      headers: { ...request.headers, 'content-type': 'application/octet-stream' },
      body: bytes,
    }))
  }

  /** The bytes of a segment from `offset`, as {@link stream} gives them. */
  fetch(digest: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    return this.stream(fetchSegment, { params: { digest }, query: { offset: String(offset) } }, signal)
  }

  /** Raw bytes of an answer. A stream that stalls or breaks throws as a lost connection. */
  async *stream<E extends Endpoint>(
    endpoint: E,
    input: CallInput<E>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const path = addressOf(endpoint, input)
    const stall = new AbortController()
    const timer = setTimeout(() => stall.abort(new Error('no bytes for too long')), STALL_TIMEOUT_MS)
    try {
      const request = { method: 'GET', path, headers: { accept: 'application/octet-stream' }, body: null }
      const response = await this.#send(request, AbortSignal.any([signal, stall.signal]))
      if (!response.ok) await refuse(response)
      for await (const piece of response.body ?? []) {
        timer.refresh()
        yield piece as Uint8Array
      }
    } catch (cause) {
      signal.throwIfAborted()
      throw cause instanceof CallError ? cause : new CallError(0, null, cause)
    } finally {
      clearTimeout(timer)
    }
  }

  async #call<E extends Endpoint>(
    endpoint: E,
    input: CallInput<E>,
    options: RequestOptions,
    shape: (request: Parameters<Transport>[0]) => SignedRequest,
  ): Promise<ReplyOf<E>> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? CALL_TIMEOUT_MS)
    const signal = AbortSignal.any([options.signal, timeout])
    const client = createClient((request) => this.#send(shape(request), signal))
    try {
      return await client.call(endpoint, input)
    } catch (cause) {
      options.signal.throwIfAborted()
      // A reply that breaks off while it is read is a lost connection as well.
      throw cause instanceof CallError ? cause : new CallError(0, null, cause)
    }
  }

  #send(request: SignedRequest, signal: AbortSignal): Promise<Response> {
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? Buffer.alloc(0))
    const facts = {
      keyId: this.#signing.keyId,
      created: Math.floor(Date.now() / 1000),
      nonce: randomBytes(NONCE_BYTES).toString('base64url'),
    }
    const parts = { method: request.method, ...splitTarget(request.path), body }
    return fetch(`${this.#url}${request.path}`, {
      method: request.method,
      headers: { ...request.headers, ...signRequest(parts, facts, this.#key) },
      body: request.body === null ? null : body,
      signal,
      redirect: 'error',
    })
  }
}

interface SignedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string | Buffer<ArrayBuffer> | null
}

/** Throws the refusal that a response carries, read the way the typed client reads it. */
async function refuse(response: Response): Promise<never> {
  await createClient(() => Promise.resolve(response)).call(fetchSegment, {
    params: { digest: '' },
    query: {},
  })
  throw new CallError(response.status, null)
}
