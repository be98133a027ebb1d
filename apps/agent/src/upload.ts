import { open, readFile } from 'node:fs/promises'
import { CallError } from '@huitong/contract'
import { announceSegment } from '@huitong/contract/exchange'
import { rowsOf, sha256Hex, verifyReceipt } from '@huitong/segment'
import type { WorkContext } from './context.ts'
import type { OutboxStream, Waiting } from './outbox.ts'
import { WorkError } from './problem.ts'
import { Backoff, isPassing } from './retry.ts'

const IN_FLIGHT_MAX = 3
const PIECE_BYTES_MAX = 4 * 1024 * 1024
/** Refusals that a new announcement can cure, and how often one segment may be refused so. */
const AGAIN = ['upload.offset', 'object.not_found', 'segment.digest', 'segment.chain']
const REFUSALS_MAX = 5

type Announced = { readonly offset: number; readonly receipt: string | null }

/**
 * Sends the segments of a stream in order, several on their way at once, each from the byte that the platform already
 * has, and prunes each by its receipt. Ends when sealing has ended and every receipt is here.
 * @throws CallError for refusals; WorkError when a receipt is not of the segment.
 */
export async function uploadStream(
  stream: OutboxStream,
  context: WorkContext,
  uploaded: (waiting: Waiting) => void,
): Promise<void> {
  const { handOver } = context.platform
  if (handOver !== null) return handOverStream(stream, context, handOver, uploaded)
  const failed = new AbortController()
  const signal = AbortSignal.any([context.signal, failed.signal])
  const flights = new Set<Promise<void>>()
  let previous: Promise<void> = Promise.resolve()
  try {
    for (let next = await stream.next(signal); next !== null; next = await stream.next(signal)) {
      const waiting = next
      while (flights.size >= IN_FLIGHT_MAX) await Promise.race(flights)
      signal.throwIfAborted()
      const before = previous
      const announced = await announce(waiting, before, context, signal)
      const flight = (async () => {
        await deliver(waiting, announced, before, context, signal)
        await stream.prune(waiting.sequence)
        uploaded(waiting)
      })()
      previous = flight
      const tracked = flight.finally(() => flights.delete(tracked))
      flights.add(tracked)
      // The first failure stops the others; it is thrown below.
      tracked.catch((error: unknown) => failed.abort(error))
    }
    await Promise.all(flights)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(flights)
    throw error
  }
}

/** The receipts come later, and go to whoever keeps the segments until then. */
async function handOverStream(
  stream: OutboxStream,
  { signal }: WorkContext,
  handOver: NonNullable<WorkContext['platform']['handOver']>,
  uploaded: (waiting: Waiting) => void,
): Promise<void> {
  for (let next = await stream.next(signal); next !== null; next = await stream.next(signal)) {
    await handOver(Buffer.from(next.signed.bytes).toString('utf8'), await readFile(next.path), signal)
    await stream.prune(next.sequence)
    uploaded(next)
  }
}

/**
 * The platform may want the segment before whole before it hears of this one; and it may hold bytes that a crash of its
 * own spoilt, which are gone with its refusal.
 */
async function announce(
  waiting: Waiting,
  before: Promise<void>,
  context: WorkContext,
  signal: AbortSignal,
): Promise<Announced> {
  const body = { manifest: Buffer.from(waiting.signed.bytes).toString('utf8') }
  try {
    return await context.platform.ask(announceSegment, { body }, { signal })
  } catch (error) {
    if (isRefusal(error, 'segment.chain')) await before
    else if (!isRefusal(error, 'segment.digest')) throw error
    return await context.platform.ask(announceSegment, { body }, { signal })
  }
}

async function deliver(
  waiting: Waiting,
  announced: Announced,
  before: Promise<void>,
  context: WorkContext,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff()
  const { sealedDigest } = waiting.signed.manifest
  let { offset, receipt } = announced
  let refusals = 0
  while (receipt === null) {
    try {
      const piece = await readPiece(waiting, offset)
      // With all bytes there and no receipt yet, the next announcement asks for it.
      if (piece.length > 0) {
        const reply = await context.platform.append(sealedDigest, offset, piece, { signal })
        const further = reply.offset > offset
        ;({ offset, receipt } = reply)
        if (further) {
          backoff.reset()
          continue
        }
      }
    } catch (error) {
      signal.throwIfAborted()
      if (isRefusal(error, 'segment.digest')) await checkOwnBytes(waiting)
      if (isRefusal(error, 'segment.chain')) await before
      const again = AGAIN.some((code) => isRefusal(error, code)) && ++refusals <= REFUSALS_MAX
      if (!again && !isPassing(error)) throw error
    }
    if (receipt !== null) break
    await backoff.wait(signal)
    ;({ offset, receipt } = await announce(waiting, before, context, signal))
  }
  checkReceipt(receipt, waiting, context.identity.platform.signingKey)
}

async function readPiece(waiting: Waiting, offset: number): Promise<Buffer<ArrayBuffer>> {
  const handle = await open(waiting.path, 'r')
  try {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES_MAX, Math.max(0, waiting.bytes - offset)))
    let at = 0
    while (at < piece.length) {
      const { bytesRead } = await handle.read(piece, at, piece.length - at, offset + at)
      if (bytesRead === 0) throw new WorkError('snapshot.lost', 'a segment in the outbox is cut short')
      at += bytesRead
    }
    return piece
  } finally {
    await handle.close()
  }
}

/** When the platform finds another digest, either the line or our disk changed a byte. */
async function checkOwnBytes(waiting: Waiting): Promise<void> {
  const handle = await open(waiting.path, 'r')
  try {
    const bytes = await handle.readFile()
    if (sha256Hex(bytes) === waiting.signed.manifest.sealedDigest) return
  } finally {
    await handle.close()
  }
  throw new WorkError('snapshot.lost', 'a segment in the outbox has changed on disk')
}

function checkReceipt(text: string, waiting: Waiting, platformKey: string): void {
  const { manifest } = waiting.signed
  const { receipt } = verifyReceipt(Buffer.from(text, 'utf8'), () => platformKey)
  const same =
    receipt.hop === 'platform' &&
    receipt.channel === manifest.channel &&
    receipt.generation === manifest.generation &&
    receipt.sequence === manifest.sequence &&
    receipt.sealedDigest === manifest.sealedDigest &&
    receipt.rows === rowsOf(manifest).toString()
  if (!same) throw new WorkError('segment.signature', `the receipt is not of segment ${manifest.sequence}`)
}

function isRefusal(error: unknown, code: string): boolean {
  return error instanceof CallError && error.code === code
}
