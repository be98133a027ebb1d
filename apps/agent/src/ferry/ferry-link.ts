import { CallError, type CallInput, type Endpoint, type ErrorCode, ERRORS, type ReplyOf } from '@huitong/contract'
import { acknowledgeSegment, pullSegments } from '@huitong/contract/exchange'
import type { NODE_MESSAGES, NodeMessage } from '@huitong/contract/ferry'
import { finishWork, pollWork, reportProgress } from '@huitong/contract/nodes'
import type { Outgoing } from '@huitong/ferry'
import type { Receipt } from '@huitong/segment'
import type { PlatformLink, RequestOptions } from '../platform.ts'
import type { ArrivedSegments } from './arrived.ts'
import { type Orders, waitFor } from './orders.ts'

/** Only how often the runner looks: a ferried order does not lapse. */
const LEASE_SECONDS = 30
const LOOK_AGAIN_MS = 500

/**
 * The platform as a ferried node's work reaches it: orders and segments are those that have come over, and what would be
 * sent becomes a message that is durable before this returns. What needs an answer on the spot is refused.
 */
export class FerryLink implements PlatformLink {
  readonly #outgoing: Outgoing
  readonly #orders: Orders
  readonly #arrived: ArrivedSegments

  constructor(outgoing: Outgoing, orders: Orders, arrived: ArrivedSegments) {
    this.#outgoing = outgoing
    this.#orders = orders
    this.#arrived = arrived
  }

  async call<E extends Endpoint>(endpoint: E, input: CallInput<E>, options: RequestOptions): Promise<ReplyOf<E>> {
    const reply = await this.#answer(endpoint, input as Given, options.signal)
    // The endpoint's id was compared: the reply is of its shape.
    return reply as ReplyOf<E>
  }

  /** The same as a call: everything is answered here. */
  ask<E extends Endpoint>(endpoint: E, input: CallInput<E>, options: RequestOptions): Promise<ReplyOf<E>> {
    return this.call(endpoint, input, options)
  }

  append(): Promise<never> {
    return Promise.reject(refusal('node.ferried'))
  }

  async *fetch(digest: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    signal.throwIfAborted()
    const bytes = await this.#arrived.bytes(digest)
    if (bytes === null) throw refusal('object.not_found')
    yield bytes.subarray(offset)
  }

  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    yield await Promise.reject<Uint8Array>(refusal('node.ferried'))
  }

  readonly handOver = async (manifest: string, sealed: Uint8Array, signal: AbortSignal): Promise<void> => {
    await this.#send('segment', { manifest }, signal, sealed)
  }

  #answer(endpoint: Endpoint, input: Given, signal: AbortSignal): Promise<unknown> {
    switch (endpoint.id) {
      case pollWork.id:
        return this.#poll(input.body as PollBody, signal)
      case reportProgress.id:
        return Promise.resolve({})
      case finishWork.id:
        return this.#finish({ id: input.params!['id']!, ...(input.body as FinishBody) }, signal)
      case pullSegments.id:
        return this.#pull(input.params!['id']!, input.query!, signal)
      case acknowledgeSegment.id:
        return this.#acknowledge((input.body as { receipt: string }).receipt, signal)
      default:
        return Promise.reject(refusal('node.ferried'))
    }
  }

  async #poll({ running, waitSeconds }: PollBody, signal: AbortSignal): Promise<ReplyOf<typeof pollWork>> {
    const { orders, revoked } = await this.#orders.poll(running, waitSeconds, signal)
    return { work: orders.map((one) => ({ ...one, leaseSeconds: LEASE_SECONDS })), revoked }
  }

  async #finish(result: NodeMessage<'result'>, signal: AbortSignal): Promise<object> {
    const order = this.#orders.find(result.id)
    await this.#send('result', result, signal)
    await this.#orders.ended(result.id)
    const { stream } = (order?.input ?? {}) as { stream?: string }
    const { generation } = (result.result ?? {}) as { generation?: number }
    if (stream !== undefined && generation !== undefined) await this.#arrived.ended(stream, generation)
    return {}
  }

  async #pull(stream: string, query: Record<string, string>, signal: AbortSignal) {
    const until = performance.now() + Number(query['waitSeconds'] ?? 0) * 1000
    const asked = Number(query['generation'])
    for (;;) {
      const found = await this.#arrived.list(stream, asked, Number(query['after']))
      const left = until - performance.now()
      if (found.generation !== asked || found.segments.length > 0 || left <= 0) return found
      await waitFor(Math.min(left, LOOK_AGAIN_MS), signal)
      signal.throwIfAborted()
    }
  }

  async #acknowledge(text: string, signal: AbortSignal): Promise<object> {
    await this.#send('receipt', { receipt: text }, signal)
    const { channel, generation, sequence, sealedDigest } = (JSON.parse(text) as { receipt: Receipt }).receipt
    await this.#arrived.applied(channel, generation, sequence, sealedDigest)
    return {}
  }

  /** Makes a message durable; waits while too much is kept already. */
  async #send<K extends keyof typeof NODE_MESSAGES>(
    kind: K,
    head: NodeMessage<K>,
    signal: AbortSignal,
    bytes: Uint8Array = new Uint8Array(0),
  ): Promise<void> {
    while (!this.#outgoing.hasRoom) {
      await waitFor(LOOK_AGAIN_MS, signal)
      signal.throwIfAborted()
    }
    await this.#outgoing.send(kind, { head, bytes })
  }
}

interface Given {
  readonly params?: Record<string, string>
  readonly query?: Record<string, string>
  readonly body?: unknown
}
type PollBody = { readonly running: string[]; readonly waitSeconds: number }
type FinishBody = Omit<NodeMessage<'result'>, 'id'>

/** A refusal as the platform would send it. */
function refusal(code: ErrorCode): CallError {
  const { status, words } = ERRORS[code]
  return new CallError(status, { error: { code, message: words, hop: 'agent', requestId: '-' } })
}
