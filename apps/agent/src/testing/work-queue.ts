import type { FoundField } from '@huitong/contract/work'
import { randomUUID } from 'node:crypto'
import { Refusal } from './refusal.ts'

/** A node as the test platform knows it. */
export interface Node {
  readonly id: string
  readonly departmentId: string
  readonly signingKey: string
  readonly sealingKey: string
  readonly keyId: string
  boot: string
}

/** A piece of work as the test platform keeps it. */
export interface Work {
  readonly id: string
  readonly nodeId: string
  readonly kind: string
  readonly input: unknown
  state: 'queued' | 'leased' | 'done' | 'failed' | 'cancelled'
  boot: string
  fence: number
  leaseUntil: number
  progress: unknown
  result: unknown
  problem: { code: string; message: { zh: string; en: string }; detail?: string; fields?: FoundField[] } | null
}

const LEASE_SECONDS = 6

/** Leases work by boot, lease and fence, as the platform does. */
export class WorkQueue {
  readonly all: Work[] = []
  #changed = Promise.withResolvers<void>()
  /** Told of each piece of work that ended. */
  onEnd: (work: Work) => void = () => undefined

  queue(node: Node, kind: string, input: unknown): Work {
    const work: Work = {
      id: randomUUID(),
      nodeId: node.id,
      kind,
      input,
      state: 'queued',
      boot: '',
      fence: 0,
      leaseUntil: 0,
      progress: null,
      result: null,
      problem: null,
    }
    this.all.push(work)
    this.#wake()
    return work
  }

  cancel(work: Work): void {
    work.state = 'cancelled'
    work.fence++
    this.#wake()
  }

  /** Resolves when work has ended. */
  async ended(work: Work, timeoutMs = 60_000): Promise<Work> {
    const until = Date.now() + timeoutMs
    while (work.state === 'queued' || work.state === 'leased') {
      if (Date.now() > until) throw new Error(`${work.kind} is still ${work.state}: ${JSON.stringify(work.progress)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return work
  }

  async poll(node: Node, body: { boot: string; running: string[]; waitSeconds: number }): Promise<object> {
    const until = Date.now() + body.waitSeconds * 1000
    node.boot = body.boot
    for (;;) {
      const now = Date.now()
      const held = this.all.filter(
        (work) =>
          work.nodeId === node.id &&
          work.state === 'leased' &&
          work.boot === body.boot &&
          body.running.includes(work.id),
      )
      for (const work of held) work.leaseUntil = now + LEASE_SECONDS * 1000
      const revoked = body.running.filter((id) => !held.some((work) => work.id === id))
      const work = node.boot === body.boot ? this.#lease(node, body.boot, now) : []
      if (work.length > 0 || revoked.length > 0 || now >= until) return { work, revoked }
      await Promise.race([this.#changed.promise, new Promise((resolve) => setTimeout(resolve, 200))])
    }
  }

  progress(node: Node, id: string, body: { fence: string; progress: unknown }): object {
    const work = this.#held(node, id, body.fence)
    work.progress = body.progress
    work.leaseUntil = Date.now() + LEASE_SECONDS * 1000
    return {}
  }

  finish(
    node: Node,
    id: string,
    body: { fence: string; state: 'done' | 'failed'; result?: unknown; problem?: Work['problem'] },
  ): object {
    const work = this.all.find((one) => one.id === id && one.nodeId === node.id)
    if (work === undefined) throw new Refusal('object.not_found')
    if (String(work.fence) !== body.fence) throw new Refusal('node.fenced')
    if (work.state === body.state) return {}
    if (work.state !== 'leased') throw new Refusal('object.state')
    work.state = body.state
    work.result = body.result ?? null
    work.problem = body.problem ?? null
    this.onEnd(work)
    return {}
  }

  #lease(node: Node, boot: string, now: number): object[] {
    const free = this.all.filter(
      (work) =>
        work.nodeId === node.id &&
        (work.state === 'queued' || (work.state === 'leased' && (work.boot !== boot || work.leaseUntil < now))),
    )
    return free.slice(0, 8).map((work) => {
      work.state = 'leased'
      work.boot = boot
      work.fence++
      work.leaseUntil = now + LEASE_SECONDS * 1000
      const { id, kind, input } = work
      return { id, kind, input, fence: String(work.fence), leaseSeconds: LEASE_SECONDS }
    })
  }

  #held(node: Node, id: string, fence: string): Work {
    const work = this.all.find((one) => one.id === id && one.nodeId === node.id)
    if (work === undefined) throw new Refusal('object.not_found')
    if (work.state !== 'leased' || String(work.fence) !== fence) throw new Refusal('node.fenced')
    return work
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
