import { CALL_HEADERS, textToSign } from '@huitong/contract/application-signature'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

export interface CallAsked {
  readonly appId: string
  readonly secret: string
  readonly matter: string
  readonly path: string
  /** As typed, without `?`. */
  readonly query: string
}
export interface CallAnswered {
  readonly status: number
  readonly milliseconds: number
  readonly text: string
}

/**
 * The headers that sign a GET; null when the query has no canonical form. The secret never leaves the page. Hashes in plain
 * code: the browser's own are missing where a page comes by plain HTTP.
 */
export function signedHeaders(asked: CallAsked, now = new Date()): Record<string, string> | null {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(16)))
  const bodyDigest = bytesToHex(sha256(new Uint8Array()))
  const { appId, matter, path, query } = asked
  const text = textToSign({ method: 'GET', path, query, bodyDigest, appId, timestamp, nonce, matter })
  if (text === null) return null
  return {
    [CALL_HEADERS.app]: appId,
    [CALL_HEADERS.timestamp]: timestamp,
    [CALL_HEADERS.nonce]: nonce,
    [CALL_HEADERS.signature]: bytesToHex(hmac(sha256, utf8ToBytes(asked.secret), utf8ToBytes(text))),
    ...(matter === '' ? {} : { [CALL_HEADERS.matter]: matter }),
  }
}

/** Calls the service and answers what came back, as it came. */
export async function callSigned(asked: CallAsked): Promise<CallAnswered | null> {
  const headers = signedHeaders(asked)
  if (headers === null) return null
  const begun = performance.now()
  const reply = await fetch(asked.query === '' ? asked.path : `${asked.path}?${asked.query}`, {
    headers,
    credentials: 'omit',
  })
  const text = await reply.text()
  return { status: reply.status, milliseconds: Math.round(performance.now() - begun), text: pretty(text) }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
