import { join } from 'node:path'
import { makeOwn, namesIn, readOwn, removeAll, writeOwn } from '@huitong/ferry'
import type { PlatformMessage } from '@huitong/contract/ferry'

export type Order = PlatformMessage<'order'>

const AT_ONCE_MAX = 8
/** Ended orders that are remembered: the same one may come once more, and is not done again. */
const ENDED_MAX = 1_000
const ENDED = 'ended'

/** Work that was ferried to this node and is not done, one file each: it is done once more after a restart. */
export class Orders {
  readonly #dir: string
  readonly #open = new Map<string, Order>()
  /** Token under which each was given to this life of the agent. */
  readonly #given = new Map<string, string>()
  readonly #revoked = new Set<string>()
  /** Token of each that has ended, the latest last. */
  readonly #ended: Map<string, string>
  #changed = Promise.withResolvers<void>()

  private constructor(dir: string, ended: Map<string, string>) {
    this.#dir = dir
    this.#ended = ended
  }

  static async open(dir: string): Promise<Orders> {
    await makeOwn(dir)
    const ended = await readOwn<[string, string][]>(join(dir, ENDED))
    const orders = new Orders(dir, new Map(ended ?? []))
    for (const name of await namesIn(dir)) {
      const order = name.endsWith('.json') ? await readOwn<Order>(join(dir, name)) : null
      if (order !== null) orders.#open.set(order.id, order)
    }
    return orders
  }

  /** Keeps an order; the same one again is harmless, also after its end. */
  async add(order: Order): Promise<void> {
    if (BigInt(this.#ended.get(order.id) ?? -1) >= BigInt(order.fence)) return
    await writeOwn(join(this.#dir, `${order.id}.json`), JSON.stringify(order))
    this.#open.set(order.id, order)
    this.#wake()
  }

  /** The platform takes an order back. */
  async revoke(id: string): Promise<void> {
    await this.ended(id)
    this.#revoked.add(id)
    this.#wake()
  }

  /** The order was done, and its result is on its way. */
  async ended(id: string): Promise<void> {
    const { fence } = this.#open.get(id) ?? {}
    if (fence !== undefined) {
      this.#ended.delete(id)
      this.#ended.set(id, fence)
      const latest = [...this.#ended].slice(-ENDED_MAX)
      await writeOwn(join(this.#dir, ENDED), JSON.stringify(latest))
      for (const old of [...this.#ended.keys()].slice(0, -ENDED_MAX)) this.#ended.delete(old)
    }
    await removeAll(join(this.#dir, `${id}.json`))
    this.#open.delete(id)
    this.#given.delete(id)
  }

  find(id: string): Order | undefined {
    return this.#open.get(id)
  }

  /** What is to be begun and dropped, in the way of the platform's poll; waits until there is something. */
  async poll(
    running: readonly string[],
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<{ orders: Order[]; revoked: string[] }> {
    const until = performance.now() + waitSeconds * 1000
    for (;;) {
      const changed = this.#changed.promise
      const revoked = running.filter((id) => this.#revoked.delete(id))
      const orders = [...this.#open.values()]
        .filter((one) => !running.includes(one.id) || this.#given.get(one.id) !== one.fence)
        .slice(0, AT_ONCE_MAX)
      for (const one of orders) this.#given.set(one.id, one.fence)
      const left = until - performance.now()
      if (orders.length > 0 || revoked.length > 0 || left <= 0) return { orders, revoked }
      await Promise.race([changed, waitFor(left, signal)])
      signal.throwIfAborted()
    }
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

/** Resolves after so long, or when `signal` is aborted. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
