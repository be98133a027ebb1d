import { ConnectorError } from '@huitong/connectors'
import { CallError } from '@huitong/contract'
import type { WorkContext } from '../context.ts'
import type { OutboxStream, SealedResult } from '../outbox.ts'
import { WorkError } from '../problem.ts'
import { uploadStream } from '../upload.ts'

/** Progress of one reading; the report goes out from time to time. */
export class Tally {
  readonly #report: WorkContext['report']
  readonly #state: { rowsSealed: bigint; segmentsSealed: number; segmentsUploaded: number; complete: boolean }
  /** Of files: what travels in all, and what of it is sealed. */
  #files: { total: number; bytes: bigint; bytesSealed: bigint } | null = null
  constructor(report: WorkContext['report'], sealed: SealedResult | null, left: number) {
    this.#report = report
    this.#state = {
      rowsSealed: BigInt(sealed?.rows ?? 0),
      segmentsSealed: sealed?.segments ?? 0,
      segmentsUploaded: Math.max(0, (sealed?.segments ?? 0) - left),
      complete: sealed !== null,
    }
  }
  /** Files travel: so many, with so many bytes, of which some were sealed before a restart. */
  expect(total: number, bytes: bigint, before: { rows: bigint; segments: number; bytes: bigint }): void {
    this.#files = { total, bytes, bytesSealed: before.bytes }
    this.#state.rowsSealed = before.rows
    this.#state.segmentsSealed = before.segments
    this.tell()
  }
  sealedBytes(bytes: bigint): void {
    if (this.#files !== null) this.#files.bytesSealed += bytes
  }
  sealed(rows: bigint, complete: boolean): void {
    this.#state.rowsSealed += rows
    this.#state.segmentsSealed++
    this.#state.complete = complete
    this.tell()
  }
  uploaded(): void {
    this.#state.segmentsUploaded++
    this.tell()
  }
  tell(): void {
    const files = this.#files && {
      total: this.#files.total,
      bytes: this.#files.bytes.toString(),
      bytesSealed: this.#files.bytesSealed.toString(),
    }
    const rowsSealed = this.#state.rowsSealed.toString()
    this.#report({ ...this.#state, rowsSealed, ...(files === null ? {} : { files }) })
  }
}

/**
 * Seals and sends at the same time; whichever fails first stops the other, through `stop`, and is what is thrown.
 * @param context its signal is aborted with `stop`.
 */
export async function sealAndSend(
  stream: OutboxStream,
  tally: Tally,
  context: WorkContext,
  stop: AbortController,
  seal: (context: WorkContext) => Promise<void>,
): Promise<SealedResult> {
  const sealing = seal(context)
  const sending = uploadStream(stream, context, () => tally.uploaded())
  for (const one of [sealing, sending]) one.catch((error: unknown) => stop.abort(error))
  await Promise.allSettled([sealing, sending])
  await firstFault(sealing, sending, stop)
  return stream.result!
}

/** Both have ended; the one that made the other stop is the one to tell. */
async function firstFault(sealing: Promise<void>, sending: Promise<void>, stop: AbortController): Promise<void> {
  if (!stop.signal.aborted) return
  const cause: unknown = stop.signal.reason
  await sealing.catch((error: unknown) => {
    if (error === cause && error instanceof ConnectorError && error.retryable) {
      throw new WorkError('snapshot.lost', `${error.code}: ${error.detail}`, { cause: error })
    }
  })
  await sending.catch((error: unknown) => {
    // The platform has other segments of this generation than this node remembers: it must be read anew.
    if (error === cause && error instanceof CallError && error.code === 'segment.chain') {
      throw new WorkError('snapshot.lost', 'the platform holds another beginning of this generation', { cause: error })
    }
  })
  throw cause
}
