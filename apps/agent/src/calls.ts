import { setTimeout as sleep } from 'node:timers/promises'
import { answerNodeCall, pollCalls, type NodeCall, type NodeCallReply } from '@huitong/contract/gateway'
import type { Log } from './log.ts'
import type { Platform } from './platform.ts'
import { reasonOf } from './problem.ts'

const WAIT_SECONDS = 20
const MARGIN_MS = 15_000
const PAUSE_MS = 1_000
/** Calls under way at one time; while there are more, none is fetched. */
const AT_ONCE_MAX = 32

/** Base addresses of services that the platform may have called through this node: the department's own word. */
export type AllowedBases = readonly string[]

/** The list as it is set: `http(s)` addresses parted by commas. */
export function basesOf(text: string): string[] {
  return text.split(',').flatMap((one) => {
    if (one.trim() === '') return []
    const url = new URL(one.trim())
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new RangeError('must be http or https addresses')
    return [`${url.origin}${url.pathname.replace(/\/+$/, '')}`]
  })
}

/** Whether the address lies below one of the allowed ones, as it is really asked: after dots and escapes are resolved. */
export function isAllowed(address: string, bases: AllowedBases): boolean {
  if (!URL.canParse(address)) return false
  const { origin, pathname } = new URL(address)
  const asked = `${origin}${pathname}`
  return bases.some((base) => asked === base || asked.startsWith(`${base}/`))
}

/**
 * Makes calls of the department's services for the platform, over this node's own outbound connection. Without an allowed
 * address it does nothing.
 */
export async function serveCalls(
  { platform, log }: { platform: Pick<Platform, 'call'>; log: Log },
  bases: AllowedBases,
  signal: AbortSignal,
): Promise<void> {
  if (bases.length === 0) return
  const running = new Set<Promise<void>>()
  while (!signal.aborted) {
    try {
      const timeoutMs = WAIT_SECONDS * 1000 + MARGIN_MS
      const { calls } = await platform.call(pollCalls, { body: { waitSeconds: WAIT_SECONDS } }, { signal, timeoutMs })
      for (const one of calls) {
        const done = serve(platform, one, bases, signal)
          .catch((error: unknown) => log.warn('call.unanswered', reasonOf(error)))
          .finally(() => running.delete(done))
        running.add(done)
      }
      if (running.size >= AT_ONCE_MAX) await Promise.race(running)
    } catch (error) {
      if (signal.aborted) break
      log.info('calls.away', reasonOf(error))
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  await Promise.allSettled(running)
}

async function serve(
  platform: Pick<Platform, 'call'>,
  call: NodeCall,
  bases: AllowedBases,
  signal: AbortSignal,
): Promise<void> {
  const body = await replyOf(call, bases, signal)
  await platform.call(answerNodeCall, { params: { id: call.id }, body }, { signal })
}

const without = (outcome: NodeCallReply['outcome']): NodeCallReply => ({
  outcome,
  status: 0,
  contentType: '',
  body: '',
})

/** Asks the department's service: no redirect is followed, and no more is read than was agreed. */
export async function replyOf(call: NodeCall, bases: AllowedBases, signal: AbortSignal): Promise<NodeCallReply> {
  if (!isAllowed(call.url, bases)) return without('not_allowed')
  const late = AbortSignal.timeout(call.timeoutMs)
  try {
    const reply = await fetch(call.url, {
      method: call.method,
      headers: call.headers,
      body: call.body === null ? null : Buffer.from(call.body, 'base64'),
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    })
    if (reply.headers.has('content-encoding')) return without('failed')
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of reply.body ?? []) {
      const piece = chunk as Uint8Array
      bytes += piece.length
      if (bytes > call.replyBytesMax) return without('too_large')
      chunks.push(piece)
    }
    const contentType = (reply.headers.get('content-type') ?? '').slice(0, 200)
    return { outcome: 'answered', status: reply.status, contentType, body: Buffer.concat(chunks).toString('base64') }
  } catch {
    return without(late.aborted ? 'timeout' : 'failed')
  }
}
