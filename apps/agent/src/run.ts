import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CallError, type ReplyOf } from '@huitong/contract'
import { finishWork, type LeasedWork, pollWork, reportProgress, RUNNING_MAX } from '@huitong/contract/nodes'
import type { Static } from 'typebox'
import type { NodeContext, WorkContext } from './context.ts'
import { DurabilityError } from './files.ts'
import { describeError, type Problem, reasonOf, toProblem } from './problem.ts'
import { Backoff } from './retry.ts'
import { VERSION } from './version.ts'
import { perform, settled } from './work/perform.ts'

type Leased = Static<typeof LeasedWork>

const IDLE_WAIT_SECONDS = 20
const BUSY_WAIT_SECONDS_MAX = 2
const POLL_MARGIN_MS = 15_000
const PROGRESS_INTERVAL_MS = 1_000
/** After a refused result, how long the next polls may say whether the work is still this node's. */
const VERDICT_MS = 10_000

interface Job {
  readonly work: Leased
  /** Raised when the platform leases the same work to this boot again. */
  fence: string
  readonly abort: AbortController
  progress: object | null
  reported: object | null
  ended: Promise<void>
}

/** Asks for work, does it, and reports, until `signal` is aborted. It never gives up on a platform that is away. */
export class Runner {
  readonly #context: NodeContext
  readonly #signal: AbortSignal
  readonly #boot = randomUUID()
  readonly #jobs = new Map<string, Job>()
  readonly #fatal: (error: Error) => void
  #leaseSeconds = 8
  #polls = 0

  /** @param fatal told of errors after which this process must not go on. */
  constructor(context: NodeContext, signal: AbortSignal, fatal: (error: Error) => void) {
    this.#context = context
    this.#signal = signal
    this.#fatal = fatal
  }

  /** Resolves when `signal` is aborted and all work has stopped. */
  async run(): Promise<void> {
    const reports = this.#reportProgress()
    const backoff = new Backoff()
    let away = false
    let awaySince = 0
    while (!this.#signal.aborted) {
      try {
        this.#take(await this.#poll(away))
        if (away) this.#context.log.info('platform.back', { milliseconds: Math.round(performance.now() - awaySince) })
        away = false
        backoff.reset()
      } catch (error) {
        if (this.#signal.aborted) break
        if (!away) {
          this.#context.log.warn('platform.away', reasonOf(error))
          awaySince = performance.now()
        }
        away = true
        await backoff.wait(this.#signal).catch(() => undefined)
      }
    }
    await Promise.allSettled([...this.#jobs.values()].map(({ ended }) => ended))
    await reports
  }

  /** After an absence the first request does not wait, so that both sides know soon. */
  #poll(away: boolean): Promise<ReplyOf<typeof pollWork>> {
    const running = [...this.#jobs.keys()].slice(0, RUNNING_MAX)
    const third = Math.floor(this.#leaseSeconds / 3)
    const busy = Math.min(BUSY_WAIT_SECONDS_MAX, Math.max(1, third))
    const waitSeconds = away ? 0 : running.length === 0 ? IDLE_WAIT_SECONDS : busy
    return this.#context.platform.call(
      pollWork,
      { body: { boot: this.#boot, version: VERSION, running, poll: ++this.#polls, waitSeconds } },
      { signal: this.#signal, timeoutMs: waitSeconds * 1000 + POLL_MARGIN_MS },
    )
  }

  #take({ work, revoked }: ReplyOf<typeof pollWork>): void {
    for (const id of revoked) this.#jobs.get(id)?.abort.abort(new Error('revoked'))
    for (const one of work) {
      this.#leaseSeconds = one.leaseSeconds
      const running = this.#jobs.get(one.id)
      // The lease ran out while the platform was away and came back to this boot: the same work under a new token.
      if (running !== undefined && !running.abort.signal.aborted) running.fence = one.fence
      else void this.#start(one, running)
    }
  }

  async #start(work: Leased, before: Job | undefined): Promise<void> {
    const job: Job = {
      work,
      fence: work.fence,
      abort: new AbortController(),
      progress: null,
      reported: null,
      ended: Promise.resolve(),
    }
    this.#jobs.set(work.id, job)
    job.ended = (before?.ended ?? Promise.resolve())
      .then(() => this.#do(job))
      .catch((error: unknown) =>
        this.#context.log.error('work.lost', { work: work.id, kind: work.kind, ...reasonOf(error) }),
      )
      .finally(() => {
        if (this.#jobs.get(work.id) === job) this.#jobs.delete(work.id)
      })
  }

  async #do(job: Job): Promise<void> {
    const { id, kind, input } = job.work
    const log = this.#context.log.with({ work: id, kind, ...aboutOf(input) })
    const signal = AbortSignal.any([this.#signal, job.abort.signal])
    const context: WorkContext = {
      ...this.#context,
      log,
      signal,
      stopping: () => this.#signal.aborted,
      report: (progress) => {
        job.progress = progress
      },
    }
    log.info('work.started', { fence: job.fence })
    const begun = performance.now()
    const outcome = await perform(kind, input, context).then(
      (result) => ({ state: 'done' as const, result }),
      (error: unknown) => ({ state: 'failed' as const, problem: toProblem(error), error }),
    )
    if ('error' in outcome && outcome.error instanceof DurabilityError) this.#fatal(outcome.error)
    if (signal.aborted) {
      log.info('work.dropped', { reason: describeError(signal.reason) })
      return
    }
    const milliseconds = Math.round(performance.now() - begun)
    if ('problem' in outcome) logProblem(log, outcome.problem, milliseconds)
    else log.info('work.done', { milliseconds, ...rowsOf(outcome.result) })
    const { state } = outcome
    const body = 'problem' in outcome ? { state, problem: outcome.problem } : { state, result: outcome.result }
    if (await this.#finish(job, body, signal)) await settled(kind, input, context).catch(() => undefined)
  }

  /** Reports the end until the platform takes it. False when the work is no longer this node's. */
  async #finish(
    job: Job,
    body: { state: 'done' | 'failed'; result?: object; problem?: Problem },
    signal: AbortSignal,
  ): Promise<boolean> {
    const params = { id: job.work.id }
    for (let fence = job.fence; ;) {
      try {
        await this.#context.platform.ask(finishWork, { params, body: { fence, ...body } }, { signal })
        return true
      } catch (error) {
        if (signal.aborted) return false
        const code = error instanceof CallError ? error.code : describeError(error)
        this.#context.log.warn('work.result_refused', {
          work: job.work.id,
          kind: job.work.kind,
          code,
          reason: describeError(error),
        })
        if (code !== 'node.fenced') {
          // It will be given out again: not more often than its lease runs out.
          await sleep(this.#leaseSeconds * 1000, undefined, { signal }).catch(() => undefined)
          return false
        }
        if (!(await this.#newFence(job, fence, signal))) return false
        fence = job.fence
      }
    }
  }

  /** A stale token may be replaced by the next polls, when the lease had run out and came back. */
  async #newFence(job: Job, stale: string, signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + VERDICT_MS
    const backoff = new Backoff()
    while (job.fence === stale && performance.now() < until && !signal.aborted) {
      await backoff.wait(signal).catch(() => undefined)
    }
    return job.fence !== stale && !signal.aborted
  }

  async #reportProgress(): Promise<void> {
    while (!this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PROGRESS_INTERVAL_MS)
        this.#signal.addEventListener('abort', () => resolve(), { once: true })
        timer.unref()
      })
      await Promise.allSettled([...this.#jobs.values()].map((job) => this.#reportOne(job)))
    }
  }

  async #reportOne(job: Job): Promise<void> {
    const { progress, fence, work } = job
    if (progress === null || progress === job.reported || job.abort.signal.aborted) return
    job.reported = progress
    try {
      const signal = AbortSignal.any([this.#signal, job.abort.signal])
      await this.#context.platform.call(
        reportProgress,
        { params: { id: work.id }, body: { fence, progress } },
        { signal },
      )
    } catch {
      // Polls tell whether the work is still ours; a lost report is made good by the next one.
      if (job.reported === progress) job.reported = null
    }
  }
}

function logProblem(log: NodeContext['log'], problem: Problem, milliseconds: number): void {
  log.warn('work.failed', { code: problem.code, detail: problem.detail ?? null, milliseconds })
}

/** What a piece of work is about: ids that the platform itself has given. */
function aboutOf(input: unknown): { stream?: string; source?: string } {
  const { stream, source } = (input ?? {}) as { stream?: unknown; source?: { sourceId?: unknown } | null }
  const sourceId = source?.sourceId
  return {
    ...(typeof stream === 'string' ? { stream } : {}),
    ...(typeof sourceId === 'string' ? { source: sourceId } : {}),
  }
}

const rowsOf = (result: object): { rows?: string } =>
  'rows' in result && typeof result.rows === 'string' ? { rows: result.rows } : {}
