/**
 * How an application signs a call of a service: HMAC-SHA256, or HMAC-SM3 (GB/T 32905), with its secret over the lines below.
 * Pure text, so that the server, the page that tries a call out, and the samples share one rule; the HMAC itself is made by
 * each one's own means.
 */
export interface SignedCall {
  /** Stands in the first line; {@link SIGNATURE_ALGORITHM} when it is left out. */
  readonly algorithm?: SignatureAlgorithm
  readonly method: string
  /** Path as it is sent, without the query. */
  readonly path: string
  /** Query as it is sent, without `?`; empty when there is none. */
  readonly query: string
  /** Hexadecimal digest of the body by the algorithm's hash; of nothing when there is none. */
  readonly bodyDigest: string
  readonly appId: string
  /** Unix seconds. */
  readonly timestamp: string
  /** 16 to 64 letters, digits, `-` or `_`, never used twice. */
  readonly nonce: string
  /** 事项编码 of the grant. */
  readonly matter: string
}

/** The hash of each algorithm, as OpenSSL names it: for the HMAC and for the digest of the body alike. */
export const SIGNATURE_HASHES = { 'HUITONG-HMAC-SHA256': 'sha256', 'HUITONG-HMAC-SM3': 'sm3' } as const
export type SignatureAlgorithm = keyof typeof SIGNATURE_HASHES
/** What a call is signed by that names no algorithm. */
export const SIGNATURE_ALGORITHM = 'HUITONG-HMAC-SHA256' satisfies SignatureAlgorithm
/** Difference of clocks that is borne, in seconds. */
export const CALL_WINDOW_SECONDS = 300

/** Where an application takes an access token in place of signing (OAuth 2.0, RFC 6749 section 4.4: client credentials). */
export const TOKEN_PATH = '/api/v1/oauth2/token'

/** Names of the headers of a signed call; `algorithm` may be left out. */
export const CALL_HEADERS = {
  algorithm: 'x-huitong-algorithm',
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
  return query === null ? null : textOfCanonical({ ...call, query })
}

/** The same for a call whose query is in its canonical form already. */
export const textOfCanonical = (call: SignedCall): string =>
  [
    call.algorithm ?? SIGNATURE_ALGORITHM,
    call.method.toUpperCase(),
    call.path,
    call.query,
    call.bodyDigest,
    call.appId,
    call.timestamp,
    call.nonce,
    call.matter,
  ].join('\n')
