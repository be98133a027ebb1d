/**
 * How an application signs a call of a service: HMAC-SHA256 with its secret over the lines below. Pure text, so that the
 * server, the page that tries a call out, and the samples share one rule; the HMAC itself is made by each one's own means.
 */
export interface SignedCall {
  readonly method: string
  /** Path as it is sent, without the query. */
  readonly path: string
  /** Query as it is sent, without `?`; empty when there is none. */
  readonly query: string
  /** Hexadecimal SHA-256 of the body; of nothing when there is none. */
  readonly bodySha256: string
  readonly appId: string
  /** Unix seconds. */
  readonly timestamp: string
  /** 16 to 64 letters, digits, `-` or `_`, never used twice. */
  readonly nonce: string
  /** 事项编码 of the grant. */
  readonly matter: string
}

export const SIGNATURE_ALGORITHM = 'HUITONG-HMAC-SHA256'
/** Difference of clocks that is borne, in seconds. */
export const CALL_WINDOW_SECONDS = 300

/** Names of the headers of a signed call. */
export const CALL_HEADERS = {
  app: 'x-huitong-app',
  timestamp: 'x-huitong-timestamp',
  nonce: 'x-huitong-nonce',
  matter: 'x-huitong-matter',
  signature: 'x-huitong-signature',
} as const

/** `encodeURIComponent` leaves these five; RFC 3986 reserves them. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

/**
 * The query as it is signed: pairs decoded, encoded by RFC 3986, sorted by name and value as bytes, joined by `&`.
 * Null when it cannot be decoded or names a parameter twice: two readers could then mean two things.
 */
export function canonicalQuery(query: string): string | null {
  if (query === '') return ''
  const names = new Set<string>()
  const pairs: string[] = []
  for (const part of query.split('&')) {
    const at = part.indexOf('=')
    const name = decode(at < 0 ? part : part.slice(0, at))
    const value = decode(at < 0 ? '' : part.slice(at + 1))
    if (name === null || value === null || names.has(name)) return null
    names.add(name)
    pairs.push(`${encode(name)}=${encode(value)}`)
  }
  return pairs.sort().join('&')
}

/** The text that is signed; null when the query has no canonical form. */
export function textToSign(call: SignedCall): string | null {
  const query = canonicalQuery(call.query)
  if (query === null) return null
  return [
    SIGNATURE_ALGORITHM,
    call.method.toUpperCase(),
    call.path,
    query,
    call.bodySha256,
    call.appId,
    call.timestamp,
    call.nonce,
    call.matter,
  ].join('\n')
}
