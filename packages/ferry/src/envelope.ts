import {
  canonicalJson,
  type CanonicalValue,
  type KeyPairText,
  keyIdOf,
  openFrame,
  parseCanonicalJson,
  sealFrame,
  SegmentError,
  sha256Hex,
  signBytes,
  verifyBytes,
} from '@huitong/segment'
import { FerryError } from './errors.ts'

/** Seen from the platform. */
export type Direction = 'in' | 'out'

/** What a file says of itself before its sealed content; signed by the sender. */
export interface Header {
  readonly version: 1
  /** The node of the crossing, a UUID. */
  readonly node: string
  readonly direction: Direction
  /** The numbering, a UUID: a new one begins when a sender has lost its memory. */
  readonly series: string
  /** From 1 on without a gap; 0 for a note, which has no place in the order. */
  readonly number: number
  /** {@link headerDigest} of the file before; null for the first and for notes. */
  readonly previous: string | null
  readonly kind: string
  readonly at: string
  /** Length and SHA-256 of the sealed content that follows. */
  readonly bytes: number
  readonly digest: string
  /** Key id of the signer. */
  readonly by: string
  /** The signer's raw public key, base64, of a first file only: nobody knows it yet. */
  readonly key: string | null
}

/** What a file carries: a small JSON object, and raw bytes (those of a segment). */
export interface Content {
  readonly head: object
  readonly bytes: Uint8Array
}

/** A file as it is written. */
export interface FerryFile {
  readonly header: Header
  /** Magic line and signed header, each with its line end. */
  readonly top: Buffer
  readonly sealed: Buffer
}

/** Largest sealed content: a result of 64 MiB and its wrapping. */
export const CONTENT_BYTES_MAX = 66 * 1024 * 1024
/** Bytes within which the header ends. */
export const TOP_BYTES_MAX = 4096

const MAGIC = 'HUITONG-FERRY 1'
const DOMAIN = 'huitong/ferry/v1'
const NAME = /^([0-9a-f]{8})-(in|out)-([0-9a-f]{8})-(\d{10})\.ferry$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const HEX64 = /^[0-9a-f]{64}$/

/** `<node>-<direction>-<series>-<number>.ferry`, the first eight digits of the UUIDs: names sort in their order. */
export const nameOf = ({ node, direction, series, number }: Pick<Header, 'node' | 'direction' | 'series' | 'number'>) =>
  `${node.slice(0, 8)}-${direction}-${series.slice(0, 8)}-${String(number).padStart(10, '0')}.ferry`

/** What a name promises; null for any other name. */
export function readName(name: string): { node: string; direction: Direction; series: string; number: number } | null {
  const found = NAME.exec(name)
  if (found === null) return null
  return { node: found[1]!, direction: found[2] as Direction, series: found[3]!, number: Number(found[4]) }
}

/** By which the file after names this one: of the whole signed header, so of the content too. */
export const headerDigest = (top: Uint8Array): string => sha256Hex(top)

const placeOf = ({ node, direction, kind }: Pick<Header, 'node' | 'direction' | 'kind'>) =>
  `${node}/${direction}/${kind}`

/** Seals content to the other side's X25519 key. It opens only there, and only as this kind of file of this direction. */
export async function sealContent(
  content: Content,
  place: Pick<Header, 'node' | 'direction' | 'kind'>,
  recipient: string,
): Promise<Buffer> {
  const head = Buffer.from(JSON.stringify(content.head), 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(head.length)
  const sealed = await sealFrame(recipient, Buffer.concat([length, head, content.bytes]), placeOf(place))
  if (sealed.length > CONTENT_BYTES_MAX) throw new FerryError('too_large', `${sealed.length} bytes`)
  return sealed
}

/** Signs the header over sealed content. */
export function signFile(
  facts: Omit<Header, 'version' | 'bytes' | 'digest' | 'by'>,
  sealed: Buffer,
  signing: KeyPairText,
): FerryFile {
  const header: Header = { version: 1, ...facts, bytes: sealed.length, digest: sha256Hex(sealed), by: signing.keyId }
  const value = header as unknown as CanonicalValue
  const signature = signBytes(signing.privateKey, DOMAIN, Buffer.from(canonicalJson(value)))
  const top = Buffer.from(`${MAGIC}\n${canonicalJson({ header: value, signature })}\n`)
  if (top.length > TOP_BYTES_MAX) throw new FerryError('too_large', 'header')
  return { header, top, sealed }
}

/** A header as it was read: its bytes, and the signature that is still to be checked. */
export interface ReadTop {
  readonly header: Header
  readonly top: Buffer
  readonly signature: string
}

/** The header at the beginning of a file; null when the beginning is not there yet. @throws FerryError `not_ferry`. */
export function readTop(beginning: Buffer): ReadTop | null {
  const magic = Buffer.from(`${MAGIC}\n`)
  if (!magic.subarray(0, beginning.length).equals(beginning.subarray(0, magic.length)))
    throw new FerryError('not_ferry', 'another beginning')
  const end = beginning.indexOf(0x0a, magic.length)
  if (end < 0) {
    if (beginning.length >= TOP_BYTES_MAX) throw new FerryError('not_ferry', 'no header')
    return null
  }
  const top = Buffer.from(beginning.subarray(0, end + 1))
  return { ...parseTop(top.toString('utf8', magic.length, end)), top }
}

function parseTop(text: string): { header: Header; signature: string } {
  try {
    const { header, signature } = parseCanonicalJson(text) as unknown as { header: Header; signature: string }
    if (isHeader(header) && typeof signature === 'string') return { header, signature }
  } catch (cause) {
    if (!(cause instanceof SegmentError) && !(cause instanceof TypeError)) throw cause
  }
  throw new FerryError('damaged', 'the header is malformed')
}

const isHeader = (h: Header): boolean =>
  h.version === 1 &&
  UUID.test(h.node) &&
  (h.direction === 'in' || h.direction === 'out') &&
  UUID.test(h.series) &&
  Number.isSafeInteger(h.number) &&
  h.number >= 0 &&
  (h.previous === null || HEX64.test(h.previous)) &&
  typeof h.kind === 'string' &&
  Number.isSafeInteger(h.bytes) &&
  h.bytes >= 0 &&
  HEX64.test(h.digest) &&
  typeof h.by === 'string' &&
  (h.key === null || typeof h.key === 'string')

/** Whether the header is signed by this raw Ed25519 key (base64). */
export function isSignedBy({ header, signature }: ReadTop, publicKey: string): boolean {
  try {
    if (keyIdOf(publicKey) !== header.by) return false
    const message = Buffer.from(canonicalJson(header as unknown as CanonicalValue))
    return verifyBytes(publicKey, DOMAIN, message, signature)
  } catch (error) {
    if (error instanceof SegmentError) return false
    throw error
  }
}

/** Opens the content of a file whose header was verified. @throws FerryError `damaged`, `unreadable`. */
export async function openContent(header: Header, sealed: Buffer, privateKey: string): Promise<Content> {
  if (sealed.length !== header.bytes || sha256Hex(sealed) !== header.digest)
    throw new FerryError('damaged', `file ${header.number}`)
  try {
    const plain = await openFrame(privateKey, sealed, placeOf(header))
    const end = 4 + plain.readUInt32BE(0)
    if (end > plain.length) throw new RangeError('cut')
    const head: unknown = JSON.parse(plain.toString('utf8', 4, end))
    if (typeof head !== 'object' || head === null) throw new TypeError('no object')
    return { head, bytes: plain.subarray(end) }
  } catch (cause) {
    throw new FerryError('unreadable', `file ${header.number}`, { cause })
  }
}
