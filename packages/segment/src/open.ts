import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { constants, createZstdDecompress, zstdDecompress } from 'node:zlib'
import { CsvRowCounter } from './csv.ts'
import { SegmentError } from './errors.ts'
import { openBox } from './hpke.ts'
import { exportPublicKey, importPrivateKey, keyIdOf } from './keys.ts'
import { type Manifest, rowsOf, type SignedManifest } from './manifest.ts'
import { identityText, NONCE_BYTES, SEALED_MAGIC, SEGMENT_PLAIN_BYTES_HARD_MAX, TAG_BYTES } from './seal.ts'

/** Sealed bytes in memory, or a way to read them from the start (called twice: to check, then to decrypt). */
export type SealedSource = Uint8Array | (() => AsyncIterable<Uint8Array>)

/** What is needed to open a segment. `signed` must come from `verifyManifest`. */
export interface OpenInput {
  readonly signed: SignedManifest
  readonly sealed: SealedSource
  /** Base64 PKCS#8 X25519 key of one of the recipients. */
  readonly privateKey: string
  /** False leaves the rows uncounted, for a caller whose database counts them as it loads. Default true. */
  readonly countRows?: boolean
}

/** What came out: equal to the manifest, or an error was thrown. */
export interface Opened {
  readonly rows: bigint
  readonly plainBytes: number
}

/** Longest history a frame may ask the decompressor to keep: 2^23 bytes. */
const WINDOW_LOG_MAX = 23
const ZSTD_OPTIONS = { params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX } }
const zstdDecompressAsync = promisify(zstdDecompress)
const HEAD_BYTES = SEALED_MAGIC.length + NONCE_BYTES

/**
 * Check that sealed bytes are the ones the manifest names, without a key: what a platform does before storing them.
 * @throws SegmentError `sealed_digest_mismatch`.
 */
export async function verifySealed(manifest: Manifest, sealed: SealedSource): Promise<void> {
  const digest = createHash('sha256')
  let bytes = 0
  for await (const chunk of iterate(sealed)) {
    digest.update(chunk)
    bytes += chunk.length
    if (bytes > Number(manifest.sealedBytes)) break
  }
  const found = digest.digest()
  if (bytes !== Number(manifest.sealedBytes) || !timingSafeEqual(found, Buffer.from(manifest.sealedDigest, 'hex'))) {
    throw new SegmentError('sealed_digest_mismatch', `sequence ${manifest.sequence}: ${bytes} bytes`)
  }
}

/**
 * Open a segment into `sink` with bounded memory and end it. The sealed bytes are checked against the signed digest
 * before any is decrypted; tag, plain digest, length and row count are checked before this resolves, so a caller must
 * not commit what it wrote until then.
 * @throws SegmentError `sealed_digest_mismatch`, `not_a_recipient`, `decrypt_failed`, `decompress_failed`,
 *   `plain_digest_mismatch`, `plain_length_mismatch`, `row_count_mismatch`, `plain_too_large`.
 */
export async function openSegment(input: OpenInput, sink: Writable): Promise<Opened> {
  const { manifest } = input.signed
  if (Number(manifest.plainBytes) > SEGMENT_PLAIN_BYTES_HARD_MAX) {
    throw new SegmentError('plain_too_large', `${manifest.plainBytes} bytes`)
  }
  await verifySealed(manifest, input.sealed)
  const key = await unwrapKey(manifest, input.privateKey)
  const check = new PlainCheck(manifest, input.countRows ?? true)
  const decompress = createZstdDecompress({ ...ZSTD_OPTIONS, chunkSize: PIECE_BYTES })
  try {
    await pipeline(
      Readable.from(decrypt(manifest, key, input.sealed), { objectMode: false }),
      decompress,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          check.push(chunk)
          yield chunk
        }
        check.finish()
      },
      sink,
    )
  } catch (cause) {
    if (isZstdError(cause)) throw new SegmentError('decompress_failed', `sequence ${manifest.sequence}`, { cause })
    throw cause
  } finally {
    key.fill(0)
  }
  return { rows: check.rows, plainBytes: Number(manifest.plainBytes) }
}

/**
 * Open a segment into memory (at most {@link SEGMENT_PLAIN_BYTES_HARD_MAX} bytes), in one go and so faster than into a
 * sink. Errors as {@link openSegment}.
 */
export async function openSegmentToBuffer(input: OpenInput): Promise<Buffer> {
  const { manifest } = input.signed
  const plainBytes = Number(manifest.plainBytes)
  if (plainBytes > SEGMENT_PLAIN_BYTES_HARD_MAX) throw new SegmentError('plain_too_large', `${plainBytes} bytes`)
  await verifySealed(manifest, input.sealed)
  const key = await unwrapKey(manifest, input.privateKey)
  const check = new PlainCheck(manifest, input.countRows ?? true)
  try {
    const compressed: Buffer[] = []
    for await (const piece of decrypt(manifest, key, input.sealed)) compressed.push(piece)
    const plain = await decompressAll(compressed, plainBytes, manifest)
    check.push(plain)
    check.finish()
    return plain
  } finally {
    key.fill(0)
  }
}

async function decompressAll(compressed: Buffer[], plainBytes: number, manifest: Manifest): Promise<Buffer> {
  try {
    return await zstdDecompressAsync(compressed.length === 1 ? compressed[0]! : Buffer.concat(compressed), {
      ...ZSTD_OPTIONS,
      // One piece of output for the whole text; a frame that would give more is stopped.
      chunkSize: Math.max(64, plainBytes + 1),
      maxOutputLength: Math.max(64, plainBytes + 1),
    })
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new SegmentError('plain_length_mismatch', `over ${plainBytes} bytes`, { cause })
    throw new SegmentError('decompress_failed', `sequence ${manifest.sequence}`, { cause })
  }
}

class PlainCheck {
  readonly #manifest: Manifest
  readonly #digest = createHash('sha256')
  readonly #counter = new CsvRowCounter()
  readonly #counts: boolean
  #bytes = 0

  constructor(manifest: Manifest, countRows: boolean) {
    this.#manifest = manifest
    this.#counts = countRows && manifest.kind !== 'file'
  }

  /** Rows found, or declared when they are not counted. */
  get rows(): bigint {
    return this.#counts ? BigInt(this.#counter.rows) : rowsOf(this.#manifest)
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > Number(this.#manifest.plainBytes)) {
      throw new SegmentError('plain_length_mismatch', `over ${this.#manifest.plainBytes} bytes`)
    }
    this.#digest.update(chunk)
    if (this.#counts) this.#counter.push(chunk)
  }

  finish(): void {
    const m = this.#manifest
    if (this.#bytes !== Number(m.plainBytes)) {
      throw new SegmentError('plain_length_mismatch', `${this.#bytes} bytes, declared ${m.plainBytes}`)
    }
    if (!timingSafeEqual(this.#digest.digest(), Buffer.from(m.plainDigest, 'hex'))) {
      throw new SegmentError('plain_digest_mismatch', `sequence ${m.sequence}`)
    }
    if (this.#counts && (!this.#counter.atRowEnd || this.rows !== rowsOf(m))) {
      throw new SegmentError('row_count_mismatch', `${this.rows} lines, declared ${rowsOf(m)}`)
    }
  }
}

async function unwrapKey(manifest: Manifest, privateKey: string): Promise<Buffer> {
  const keyId = keyIdOf(exportPublicKey(importPrivateKey('x25519', privateKey)))
  const recipient = manifest.recipients.find((candidate) => candidate.keyId === keyId)
  if (recipient === undefined) throw new SegmentError('not_a_recipient', keyId)
  const key = await openBox(
    privateKey,
    { enc: recipient.enc, sealed: recipient.wrapped },
    { info: identityText(manifest), aad: manifest.sealedDigest },
  )
  if (key.length !== 32) throw new SegmentError('decrypt_failed', 'the content key has a wrong length')
  return key
}

async function* decrypt(manifest: Manifest, key: Buffer, sealed: SealedSource): AsyncGenerator<Buffer> {
  const tagAt = Number(manifest.sealedBytes) - TAG_BYTES
  if (tagAt < HEAD_BYTES) throw new SegmentError('decrypt_failed', 'the sealed bytes are too short')
  const fail = (cause?: unknown) => new SegmentError('decrypt_failed', `sequence ${manifest.sequence}`, { cause })
  let head = Buffer.alloc(0)
  let tag = Buffer.alloc(0)
  let decipher: ReturnType<typeof open> | null = null
  let at = 0
  for await (const piece of iterate(sealed)) {
    let chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    if (decipher === null) {
      head = Buffer.concat([head, chunk])
      if (head.length < HEAD_BYTES) continue
      if (!head.subarray(0, SEALED_MAGIC.length).equals(SEALED_MAGIC)) throw fail()
      decipher = open(manifest, key, head.subarray(SEALED_MAGIC.length, HEAD_BYTES))
      chunk = head.subarray(HEAD_BYTES)
      at = HEAD_BYTES
    }
    const body = chunk.subarray(0, Math.max(0, tagAt - at))
    tag = Buffer.concat([tag, chunk.subarray(body.length)])
    at += chunk.length
    if (body.length > 0) yield decipher.update(body)
  }
  if (decipher === null || tag.length !== TAG_BYTES) throw fail()
  try {
    decipher.setAuthTag(tag)
    yield decipher.final()
  } catch (cause) {
    throw fail(cause)
  }
}

function open(manifest: Manifest, key: Buffer, nonce: Buffer) {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(identityText(manifest), 'utf8'))
  return decipher
}

const PIECE_BYTES = 256 * 1024

async function* iterate(sealed: SealedSource): AsyncGenerator<Uint8Array> {
  if (typeof sealed === 'function') {
    yield* sealed()
    return
  }
  // Pieces keep the decrypted copy small beside a large sealed buffer.
  for (let at = 0; at < sealed.length; at += PIECE_BYTES) yield sealed.subarray(at, at + PIECE_BYTES)
}

function isZstdError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('ZSTD_') || code.startsWith('Z_') || code === 'ERR_ZLIB_INITIALIZATION_FAILED'
}
