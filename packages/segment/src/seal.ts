import { isUtf8 } from 'node:buffer'
import { createCipheriv, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { canonicalJson } from './canonical-json.ts'
import { sha256Hex } from './bytes.ts'
import { countCsvRows } from './csv.ts'
import { SegmentError } from './errors.ts'
import { sealBox } from './hpke.ts'
import type { FilePiece } from './file-pieces.ts'
import { exportPublicKey, importPrivateKey, keyIdOf } from './keys.ts'
import {
  type Column,
  type Counts,
  type Manifest,
  manifestDigest,
  type Recipient,
  schemaHashOf,
  type SegmentKind,
  signManifest,
  type SignedManifest,
} from './manifest.ts'

/** Plain size at which a segment is closed. A single larger row makes a larger segment. */
export const SEGMENT_PLAIN_BYTES_MAX = 8 * 1024 * 1024
/** Plain size that no segment exceeds: one row over this cannot be exchanged. */
export const SEGMENT_PLAIN_BYTES_HARD_MAX = 64 * 1024 * 1024

/** First bytes of every sealed segment; then a 12-byte nonce, the ciphertext, and a 16-byte tag. */
export const SEALED_MAGIC = Buffer.from('HTS1', 'latin1')
export const NONCE_BYTES = 12
export const TAG_BYTES = 16

/** What binds a payload and its wrapped keys to one place in one chain. */
export interface SegmentIdentity {
  readonly channel: string
  readonly generation: number
  readonly sequence: number
  readonly kind: SegmentKind
  readonly schemaHash: string
}

/** What a segment is made from. `recipients` are base64 raw X25519 public keys. */
export interface PayloadInput {
  readonly channel: string
  readonly generation: number
  readonly sequence: number
  readonly kind: SegmentKind
  readonly counts: Counts
  readonly columns: readonly Column[]
  /** Of kind `file`: the pieces that `plain` is made of. */
  readonly file?: readonly FilePiece[]
  readonly plain: Uint8Array
  readonly recipients: readonly string[]
  /**
   * True when the rows were counted by who cut the text (a database's own count of what it sent): then they are not
   * counted here once more. The receiver counts them in any case. Default false.
   */
  readonly rowsCounted?: boolean
}

/** What only the chain knows: it is added in order, after payloads were sealed in parallel. */
export interface ChainInput {
  readonly final: boolean
  readonly source: Manifest['source']
  readonly previous: SignedManifest | null
  /** Base64 PKCS#8 Ed25519. */
  readonly signingKey: string
  readonly sealedAt: Date
}

/** A payload that is compressed, encrypted and wrapped, but not yet signed into a chain. */
export interface SealedPayload {
  readonly sealed: Buffer
  readonly part: Omit<Manifest, 'final' | 'source' | 'previous' | 'sealedBy' | 'sealedAt'>
}

/** A finished segment: the signed manifest, and the bytes that `sealedDigest` addresses. */
export interface SealedSegment {
  readonly signed: SignedManifest
  readonly sealed: Buffer
}

const compress = promisify(zstdCompress)
/** Measured on CSV of register tables: level 1 is within 10 % of level 3's size at twice the speed. */
const ZSTD_LEVEL = 1
const LF = 0x0a

/** The text bound into the cipher and into each wrapped key. */
export function identityText(identity: SegmentIdentity): string {
  const { channel, generation, sequence, kind, schemaHash } = identity
  return `huitong/segment/v1\n${canonicalJson({ channel, generation, sequence, kind, schemaHash })}`
}

/**
 * Compress, encrypt and wrap one payload. Heavy, and independent of the chain: run several at once.
 * @throws SegmentError `plain_too_large`, `bad_text`, `bad_csv`, `row_count_mismatch`, `bad_key`, `bad_argument`.
 */
export async function sealPayload(input: PayloadInput): Promise<SealedPayload> {
  checkPlain(input)
  const schemaHash = schemaHashOf(input.columns)
  const { channel, generation, sequence, kind, counts, columns, plain } = input
  const aad = identityText({ channel, generation, sequence, kind, schemaHash })
  const compressed = await compress(plain, {
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
    // Few large pieces of output: the default of 16 KiB costs more than the compression.
    chunkSize: Math.max(64 * 1024, plain.length >> 2),
  })
  const key = randomBytes(32)
  const sealed = encrypt(key, compressed, aad)
  const sealedDigest = sha256Hex(sealed)
  const recipients = await wrapFor(input.recipients, key, aad, sealedDigest)
  key.fill(0)
  return {
    sealed,
    part: {
      version: 1,
      channel,
      generation,
      sequence,
      kind,
      counts,
      plainBytes: String(plain.length),
      sealedBytes: String(sealed.length),
      plainDigest: sha256Hex(plain),
      sealedDigest,
      columns,
      schemaHash,
      file: input.file ?? null,
      compression: 'zstd',
      cipher: 'aes-256-gcm',
      recipients,
    },
  }
}

/** Sign a sealed payload into its chain. Cheap; call in order of sequence. @throws SegmentError `bad_manifest`. */
export function finishSegment(payload: SealedPayload, chain: ChainInput): SealedSegment {
  const signed = signManifest(
    {
      ...payload.part,
      final: chain.final,
      source: chain.source,
      previous: chain.previous === null ? null : manifestDigest(chain.previous),
      sealedBy: keyIdOf(exportPublicKey(importPrivateKey('ed25519', chain.signingKey))),
      sealedAt: chain.sealedAt.toISOString(),
    },
    chain.signingKey,
  )
  return { signed, sealed: payload.sealed }
}

/** Seal one segment: {@link sealPayload}, then {@link finishSegment}. */
export async function sealSegment(input: PayloadInput & ChainInput): Promise<SealedSegment> {
  return finishSegment(await sealPayload(input), input)
}

function checkPlain(input: PayloadInput): void {
  const { plain, kind, counts } = input
  if (plain.length > SEGMENT_PLAIN_BYTES_HARD_MAX) {
    throw new SegmentError('plain_too_large', `${plain.length} bytes, limit ${SEGMENT_PLAIN_BYTES_HARD_MAX}`)
  }
  if (kind === 'file') return
  if (plain.includes(0)) throw new SegmentError('bad_text', `NUL at byte ${plain.indexOf(0)}`)
  if (!isUtf8(plain)) throw new SegmentError('bad_text', 'not UTF-8')
  if (input.rowsCounted ?? false) {
    if (plain.length > 0 && plain.at(-1) !== LF)
      throw new SegmentError('bad_csv', 'the text does not end at the end of a row')
    return
  }
  const rows = countCsvRows(plain)
  const declared =
    'rows' in counts ? BigInt(counts.rows) : BigInt(counts.insert) + BigInt(counts.update) + BigInt(counts.delete)
  if (BigInt(rows) !== declared) throw new SegmentError('row_count_mismatch', `${rows} lines, declared ${declared}`)
}

function encrypt(key: Buffer, compressed: Buffer, aad: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(aad, 'utf8'))
  return Buffer.concat([SEALED_MAGIC, nonce, cipher.update(compressed), cipher.final(), cipher.getAuthTag()])
}

async function wrapFor(
  publicKeys: readonly string[],
  key: Buffer,
  info: string,
  sealedDigest: string,
): Promise<Recipient[]> {
  if (publicKeys.length === 0) throw new SegmentError('bad_argument', 'no recipient')
  const unique = [...new Set(publicKeys)]
  return Promise.all(
    unique.map(async (publicKey) => {
      const box = await sealBox(publicKey, key, { info, aad: sealedDigest })
      return { keyId: box.keyId, enc: box.enc, wrapped: box.sealed }
    }),
  )
}
