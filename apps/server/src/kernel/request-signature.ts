import type { KeyObject } from 'node:crypto'
import { readSignatureInput, splitTarget, verifyRequest, type SignatureFacts } from '@huitong/contract/signature'
import type { FastifyRequest } from 'fastify'
import type { Clock } from './clock.ts'

/** Signed requests older or younger than this are refused; their nonces are kept this long on both sides. */
export const WINDOW_SECONDS = 300

const headerOf = (request: FastifyRequest) => (name: string) => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** What a request says of its signature, when that is in form and in time; the signature itself is not checked yet. */
export function timelyFacts(clock: Clock, request: FastifyRequest): SignatureFacts | 'none' | 'stale' {
  const facts = readSignatureInput(headerOf(request)('signature-input'))
  if (!facts) return 'none'
  return Math.abs(clock.now().getTime() / 1000 - facts.created) > WINDOW_SECONDS ? 'stale' : facts
}

/** True when the request, its body with it, is signed with the private half of this key (RFC 9421). */
export function isSignedWith(request: FastifyRequest, raw: Buffer, key: KeyObject): boolean {
  const header = headerOf(request)
  const parts = { method: request.method, ...splitTarget(request.url), body: raw }
  const headers = {
    'content-digest': header('content-digest') ?? '',
    'signature-input': header('signature-input') ?? '',
    signature: header('signature') ?? '',
  }
  return verifyRequest(parts, headers, key)
}
