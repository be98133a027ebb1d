import type { Endpoint } from '@huitong/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from './errors.ts'

/**
 * Refuses, before a byte of the body is read, a request whose headers already tell that nobody known sent it. What the
 * body is signed with is checked afterwards, when it is there.
 */
export type Admission = (endpoint: Endpoint, request: FastifyRequest) => Promise<void>

/** Bodies up to this size are read without a reservation; strangers may send no larger ones at all. */
export const FREE_BODY_BYTES_MAX = 64 * 1024
/** All larger bodies that are being read at one time: two of the largest. */
export const BODIES_BYTES_MAX = 128 * 1024 * 1024
const RETRY_AFTER_SECONDS = 2

/** How large a body may be at all: the endpoint's limit, and for those whom nothing authenticates a small one. */
export const bodyBytesMax = (endpoint: Endpoint): number =>
  endpoint.access === 'public' ? Math.min(endpoint.bodyBytesMax, FREE_BODY_BYTES_MAX) : endpoint.bodyBytesMax

/**
 * The hook that runs when the headers have come: larger bodies reserve their bytes and are refused with 503 while too
 * many are on their way, so that many open uploads cannot fill the memory; the bytes are given back when the exchange
 * has ended, however it ended.
 */
export function admitting(admit: Admission) {
  let reserved = 0
  return (endpoint: Endpoint) => async (request: FastifyRequest, reply: FastifyReply) => {
    const bytes = declaredBytes(endpoint, request)
    if (bytes === 0) return
    const signs = endpoint.access === 'node' || endpoint.access === 'application'
    if (signs || bytes > FREE_BODY_BYTES_MAX) await admit(endpoint, request)
    if (bytes <= FREE_BODY_BYTES_MAX) return
    // One that is alone is never too large: its endpoint's limit holds.
    if (reserved > 0 && reserved + bytes > BODIES_BYTES_MAX)
      refuse('platform.busy', { retryAfterSeconds: RETRY_AFTER_SECONDS, detail: `${reserved} bytes on their way` })
    reserved += bytes
    let held = true
    const release = () => {
      if (held) reserved -= bytes
      held = false
    }
    reply.raw.once('finish', release).once('close', release)
    if (reply.raw.destroyed) release()
  }
}

/** What the request says of its body; one without a length may be as large as its endpoint allows. */
function declaredBytes(endpoint: Endpoint, request: FastifyRequest): number {
  if (endpoint.method === 'GET' || endpoint.method === 'HEAD') return 0
  if (request.headers['transfer-encoding'] !== undefined) return bodyBytesMax(endpoint)
  const length = Number(request.headers['content-length'] ?? 0)
  // Over the limit it is refused by its length alone, before it is read.
  return Number.isSafeInteger(length) && length > 0 && length <= bodyBytesMax(endpoint) ? length : 0
}
