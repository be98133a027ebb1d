import { setTimeout as sleep } from 'node:timers/promises'
import type { Exit } from './postgres.ts'
import { endProcess, isAlive, signal, type ProcessIdentity } from './proc.ts'
import { removeRecord, writeProcessList, writeRecord } from './run-records.ts'

/** A process that was started. */
export interface Launched {
  identity: ProcessIdentity
  ready: Promise<void>
  exited: Promise<Exit>
  /** When the last heartbeat came, in `performance.now()` milliseconds; undefined before the first. */
  lastHeartbeatAt?(): number | undefined
  /** Asks it to end, waits `timeoutMs`, then ends it by force. Must not leave anything behind. */
  stop(timeoutMs: number): Promise<void>
}

/** One row of the process table. */
export interface ProcessSpec {
  name: string
  /** These must be ready before it is started, and are stopped after it. */
  after?: readonly string[]
  /** Runs until it exits with 0 (restarted when it fails); otherwise it is to run for ever. */
  once?: boolean
  /** Killed when no heartbeat came for so long after it was ready; undefined: no heartbeats expected. */
  heartbeatTimeoutMs?: number
  /** Killed when it is not ready in this time; default two minutes; Infinity where only patience helps (recovery). */
  readyTimeoutMs?: number
  /** How long it may take to end by itself; default 10 s. */
  stopTimeoutMs?: number
  stopSignal?: NodeJS.Signals
  /** Starts it. May do slow work first; calls `spawned` as soon as the process exists. */
  launch(spawned: (identity: ProcessIdentity) => void): Launched | Promise<Launched>
  onReady?(launched: Launched): void
  /** Before it is stopped on purpose: take it out of service. */
  onStopping?(): void
  onExit?(): void
}

export type ProcessEvent =
  | { kind: 'started'; pid: number }
  | { kind: 'ready'; pid: number; afterMs: number }
  | { kind: 'silent'; forMs: number }
  | { kind: 'failed'; reason: string; restartInMs: number }
  | { kind: 'done' }
  | { kind: 'stopped' }

export interface ChildTableOptions {
  dataDir: string
  onEvent(name: string, event: ProcessEvent): void
}

const BACKOFF_FIRST_MS = 200
const BACKOFF_MAX_MS = 10_000
/** A process that ran so long after being ready is healthy again: its next failure is a first one. */
const HEALTHY_AFTER_MS = 30_000
const WATCH_INTERVAL_MS = 500

interface Row {
  spec: ProcessSpec
  launched?: Launched
  identity?: ProcessIdentity
  isReady: boolean
  /** From when silence is counted: readiness, or our own waking up. */
  silentSince: number
  isDone: boolean
  /** Resolved while it is ready; replaced when it goes away. */
  becameReady: PromiseWithResolvers<void>
  loop?: Promise<void>
}

/**
 * Keeps the processes of a table running: starts each when what it needs is ready, restarts what dies (the first time at
 * once, then with growing pauses), kills what falls silent, and stops everything in reverse order.
 */
export class ChildTable {
  readonly #rows = new Map<string, Row>()
  readonly #options: ChildTableOptions
  #stopping = false
  readonly #stop = Promise.withResolvers<void>()
  #watchedAt = performance.now()
  #watch: NodeJS.Timeout | undefined

  constructor(specs: readonly ProcessSpec[], options: ChildTableOptions) {
    this.#options = options
    for (const spec of specs) {
      if (this.#rows.has(spec.name)) throw new Error(`two processes are called ${spec.name}`)
      for (const name of spec.after ?? []) {
        if (!this.#rows.has(name)) throw new Error(`${spec.name} is to start after ${name}, which is not before it`)
      }
      const becameReady = Promise.withResolvers<void>()
      this.#rows.set(spec.name, { spec, isReady: false, silentSince: 0, isDone: false, becameReady })
    }
  }

  /** Starts everything; returns at once. */
  start(): void {
    this.#watch = setInterval(() => this.#killSilent(), WATCH_INTERVAL_MS)
    for (const row of this.#rows.values()) row.loop = this.#keepRunning(row)
  }

  /** Resolves when all that is to run for ever was ready at least once; rejects never. */
  async allReady(): Promise<void> {
    const forever = [...this.#rows.values()].filter(({ spec }) => spec.once !== true)
    await Promise.all(forever.map((row) => row.becameReady.promise))
  }

  /** Stops everything in reverse order: a process only when all that came after it are gone. Leaves none behind. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#stop.resolve()
    const gone = new Map<string, Promise<void>>()
    for (const row of [...this.#rows.values()].reverse()) {
      const dependents = [...this.#rows.values()].filter(({ spec }) => spec.after?.includes(row.spec.name))
      gone.set(
        row.spec.name,
        this.#stopRow(
          row,
          dependents.map(({ spec }) => gone.get(spec.name)),
        ),
      )
    }
    await Promise.all(gone.values())
    clearInterval(this.#watch)
  }

  /** Kills everything now, without asking; for the second Ctrl-C. */
  killAll(): void {
    for (const { identity } of this.#rows.values()) if (identity && isAlive(identity)) signal(identity.pid, 'SIGKILL')
  }

  list(): { name: string; pid: number | null; ready: boolean; done: boolean }[] {
    return [...this.#rows.values()].map(({ spec, identity, isReady, isDone }) => {
      return { name: spec.name, pid: identity?.pid ?? null, ready: isReady, done: isDone }
    })
  }

  async #stopRow(row: Row, dependents: (Promise<void> | undefined)[]): Promise<void> {
    await Promise.all(dependents)
    row.spec.onStopping?.()
    const { spec, launched, identity } = row
    const timeoutMs = spec.stopTimeoutMs ?? 10_000
    if (launched) await launched.stop(timeoutMs)
    // Still being launched (a recovery can take minutes): end the process itself.
    else if (identity)
      await endProcess(identity, [
        [spec.stopSignal ?? 'SIGTERM', timeoutMs],
        ['SIGKILL', 5_000],
      ])
    await row.loop
    if (!row.isDone) this.#options.onEvent(row.spec.name, { kind: 'stopped' })
  }

  async #keepRunning(row: Row): Promise<void> {
    let failures = 0
    for (;;) {
      await this.#dependencies(row)
      if (this.#stopping) return
      const { reason, readyAt } = await this.#runOnce(row)
      if (this.#stopping) return
      if (reason === undefined) {
        row.isDone = true
        row.becameReady.resolve()
        this.#options.onEvent(row.spec.name, { kind: 'done' })
        this.#publish()
        return
      }
      if (readyAt !== undefined && performance.now() - readyAt > HEALTHY_AFTER_MS) failures = 0
      const restartInMs = failures === 0 ? 0 : Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1))
      failures++
      this.#options.onEvent(row.spec.name, { kind: 'failed', reason, restartInMs })
      await Promise.race([sleep(restartInMs), this.#stop.promise])
    }
  }

  async #dependencies(row: Row): Promise<void> {
    const needed = (row.spec.after ?? []).map((name) => this.#rows.get(name)!)
    while (!this.#stopping && needed.some(({ isReady, isDone }) => !isReady && !isDone)) {
      await Promise.race([Promise.all(needed.map((other) => other.becameReady.promise)), this.#stop.promise])
    }
  }

  /** One life of a process. `reason` is why it must be started again; undefined when it did its work. */
  async #runOnce(row: Row): Promise<{ reason?: string; readyAt?: number }> {
    const { spec } = row
    const begunAt = performance.now()
    let readyAt: number | undefined
    try {
      const launched = await spec.launch((identity) => this.#spawned(row, identity))
      row.launched = launched
      if (this.#stopping) await launched.stop(spec.stopTimeoutMs ?? 10_000)
      if (row.identity?.pid !== launched.identity.pid) this.#spawned(row, launched.identity)
      const lateMs = spec.readyTimeoutMs ?? 120_000
      const outcome = await Promise.race([
        launched.ready.then(() => 'ready' as const),
        launched.exited,
        ...(lateMs === Infinity ? [] : [sleep(lateMs, 'late' as const, { ref: false })]),
      ])
      if (outcome === 'late') {
        await launched.stop(1_000)
        return { reason: `not ready within ${lateMs} ms` }
      }
      if (outcome === 'ready') {
        readyAt = performance.now()
        this.#becameReady(row, launched, readyAt - begunAt)
      }
      const exit = await launched.exited
      if (spec.once === true && exit.code === 0) return {}
      const reason = `ended with ${exit.signal === null ? `code ${exit.code}` : exit.signal}`
      return { reason, ...(readyAt === undefined ? {} : { readyAt }) }
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error) }
    } finally {
      this.#gone(row)
    }
  }

  #spawned(row: Row, identity: ProcessIdentity): void {
    row.identity = identity
    const { name, stopSignal } = row.spec
    writeRecord(this.#options.dataDir, { name, ...identity, stopSignal: stopSignal ?? 'SIGTERM' })
    this.#options.onEvent(name, { kind: 'started', pid: identity.pid })
    this.#publish()
  }

  #becameReady(row: Row, launched: Launched, afterMs: number): void {
    if (this.#stopping) return
    row.isReady = true
    row.silentSince = performance.now()
    row.spec.onReady?.(launched)
    row.becameReady.resolve()
    this.#options.onEvent(row.spec.name, { kind: 'ready', pid: launched.identity.pid, afterMs })
    this.#publish()
  }

  #gone(row: Row): void {
    delete row.launched
    delete row.identity
    if (row.isReady) row.becameReady = Promise.withResolvers<void>()
    row.isReady = false
    row.spec.onExit?.()
    removeRecord(this.#options.dataDir, row.spec.name)
    this.#publish()
  }

  #publish(): void {
    writeProcessList(this.#options.dataDir, this.list())
  }

  #killSilent(): void {
    const now = performance.now()
    const wasHeldUp = now - this.#watchedAt > WATCH_INTERVAL_MS * 3
    this.#watchedAt = now
    for (const row of this.#rows.values()) {
      const { spec, launched, identity, isReady } = row
      // When we ourselves were stopped (a suspended machine), their silence is ours: count anew.
      if (wasHeldUp) row.silentSince = now
      if (!isReady || !identity || spec.heartbeatTimeoutMs === undefined) continue
      const last = Math.max(row.silentSince, launched?.lastHeartbeatAt?.() ?? 0)
      if (now - last > spec.heartbeatTimeoutMs) {
        this.#options.onEvent(spec.name, { kind: 'silent', forMs: Math.round(now - last) })
        signal(identity.pid, 'SIGKILL')
      }
    }
  }
}
