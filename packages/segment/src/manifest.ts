import { canonicalJson, parseCanonicalJson, type CanonicalValue } from './canonical-json.ts'
import { sha256Hex, utf8 } from './bytes.ts'
import { parseColumnType } from './column-type.ts'
import { SegmentError } from './errors.ts'
import { keyIdOf, signBytes, verifyBytes } from './keys.ts'
import { checkPieces, type FilePiece, wholeFiles } from './file-pieces.ts'
import * as check from './shape.ts'

/** `rows`: lines of a full copy. `changes`: ordered inserts, updates, deletes. `file`: a piece of a file as it is. */
export type SegmentKind = 'rows' | 'changes' | 'file'

/** One column: its name in the target and its canonical type (see `column-type.ts`). */
export interface Column {
  readonly name: string
  readonly type: string
}

/** How much is inside, as decimal strings. Of files, `rows` counts those that come to their end in this segment. */
export type Counts =
  | { readonly rows: string }
  | { readonly insert: string; readonly update: string; readonly delete: string }

/** The content key of a segment, wrapped to one X25519 key with HPKE; base64. */
export interface Recipient {
  readonly keyId: string
  readonly enc: string
  readonly wrapped: string
}

/** What is known and signed about a segment. Counts and sizes are decimal strings, digests 64 hex digits. */
export interface Manifest {
  readonly version: 1
  readonly channel: string
  readonly generation: number
  readonly sequence: number
  readonly kind: SegmentKind
  readonly final: boolean
  readonly counts: Counts
  readonly plainBytes: string
  readonly sealedBytes: string
  readonly plainDigest: string
  /** SHA-256 of the sealed bytes: also their address in every store. */
  readonly sealedDigest: string
  readonly columns: readonly Column[]
  readonly schemaHash: string
  /** Of kind `file`: what the plain bytes hold, one piece after the other. */
  readonly file: readonly FilePiece[] | null
  /** Position in the source before and after this piece, and the snapshot that was read; the source's own words. */
  readonly source: { readonly from: string | null; readonly to: string | null; readonly snapshot: string | null }
  /** SHA-256 of the previous signed manifest's bytes; null for the first of a generation. */
  readonly previous: string | null
  readonly compression: 'zstd'
  readonly cipher: 'aes-256-gcm'
  readonly recipients: readonly Recipient[]
  readonly sealedBy: string
  readonly sealedAt: string
}

/** A manifest with its signature; `bytes` is the canonical JSON of `{manifest, signature}` and travels verbatim. */
export interface SignedManifest {
  readonly manifest: Manifest
  readonly signature: string
  readonly bytes: Uint8Array
}

/** Bytes over which no manifest is even parsed. */
export const MANIFEST_BYTES_MAX = 1_048_576
/** Most columns of one segment; PostgreSQL's own limit is 1600. */
export const COLUMNS_MAX = 1600
/** Most recipients of one segment. */
export const RECIPIENTS_MAX = 1000

const DOMAIN = 'huitong/segment-manifest/v1'

/** Hash that changes whenever a column's name, type or place changes (64 hex digits). */
export function schemaHashOf(columns: readonly Column[]): string {
  return sha256Hex(canonicalJson(columns.map((column) => [column.name, column.type])))
}

/** SHA-256 of a signed manifest's bytes: what the next manifest calls `previous`. */
export function manifestDigest(signed: SignedManifest): string {
  return sha256Hex(signed.bytes)
}

/**
 * Check a manifest's shape and sign its canonical bytes with an Ed25519 key (base64 PKCS#8), whose id `sealedBy` names.
 * @throws SegmentError `bad_manifest`, `bad_key`.
 */
export function signManifest(manifest: Manifest, privateKey: string): SignedManifest {
  const checked = checkManifest(manifest as unknown as CanonicalValue)
  const signature = signBytes(privateKey, DOMAIN, utf8(canonicalJson(checked as unknown as CanonicalValue)))
  const bytes = utf8(canonicalJson({ manifest: checked as unknown as CanonicalValue, signature }))
  return { manifest: checked, signature, bytes }
}

/**
 * Parse and verify a signed manifest as it came over the wire. Only the exact canonical form passes.
 * @param resolveKey gives the base64 raw Ed25519 key of a key id, or null when that signer is not trusted here.
 * @throws SegmentError `bad_manifest`, `bad_canonical_json`, `unknown_signer`, `bad_signature`.
 */
export function verifyManifest(bytes: Uint8Array, resolveKey: (keyId: string) => string | null): SignedManifest {
  if (bytes.length > MANIFEST_BYTES_MAX) throw new SegmentError('bad_manifest', `over ${MANIFEST_BYTES_MAX} bytes`)
  const outer = check.record(parseCanonicalJson(check.utf8Text(bytes, 'bad_manifest')), '$', 'bad_manifest')
  check.keys(outer, ['manifest', 'signature'], '$', 'bad_manifest')
  const manifest = checkManifest(outer['manifest'])
  const signature = check.text(outer['signature'], '$.signature', 'bad_manifest')
  const publicKey = resolveKey(manifest.sealedBy)
  if (publicKey === null || keyIdOf(publicKey) !== manifest.sealedBy) {
    throw new SegmentError('unknown_signer', manifest.sealedBy)
  }
  const message = utf8(canonicalJson(manifest as unknown as CanonicalValue))
  if (!verifyBytes(publicKey, DOMAIN, message, signature)) {
    throw new SegmentError('bad_signature', `manifest ${manifest.channel} ${manifest.sequence}`)
  }
  return { manifest, signature, bytes: Uint8Array.from(bytes) }
}

/** Rows of a manifest as a bigint: lines of `rows`, or all operations of `changes`. */
export function rowsOf(manifest: Manifest): bigint {
  const counts = manifest.counts
  if ('rows' in counts) return BigInt(counts.rows)
  return BigInt(counts.insert) + BigInt(counts.update) + BigInt(counts.delete)
}

const FAULT = 'bad_manifest'
const MANIFEST_KEYS: readonly (keyof Manifest)[] = [
  'version',
  'channel',
  'generation',
  'sequence',
  'kind',
  'final',
  'counts',
  'plainBytes',
  'sealedBytes',
  'plainDigest',
  'sealedDigest',
  'columns',
  'schemaHash',
  'file',
  'source',
  'previous',
  'compression',
  'cipher',
  'recipients',
  'sealedBy',
  'sealedAt',
]

/** A sealed segment fits into one upload; a manifest that announces more is refused before anything is stored for it. */
const SEALED_BYTES_MAX = 64 * 1024 * 1024

function checkSealedBytes(value: CanonicalValue | undefined): string {
  const bytes = check.decimal(value, '$.sealedBytes', FAULT)
  if (BigInt(bytes) > BigInt(SEALED_BYTES_MAX))
    throw new SegmentError(FAULT, `$.sealedBytes is over ${SEALED_BYTES_MAX}`)
  return bytes
}

function checkManifest(value: CanonicalValue | undefined): Manifest {
  const m = check.record(value, '$', FAULT)
  check.keys(m, MANIFEST_KEYS, '$', FAULT)
  if (m['version'] !== 1) throw new SegmentError(FAULT, 'version is not 1')
  const kind = check.oneOf(m['kind'], ['rows', 'changes', 'file'] as const, '$.kind', FAULT)
  const columns = checkColumns(m['columns'])
  const manifest: Manifest = {
    version: 1,
    channel: check.uuid(m['channel'], '$.channel', FAULT),
    generation: check.positive(m['generation'], '$.generation', FAULT),
    sequence: check.positive(m['sequence'], '$.sequence', FAULT),
    kind,
    final: check.flag(m['final'], '$.final', FAULT),
    counts: checkCounts(m['counts'], kind),
    plainBytes: check.decimal(m['plainBytes'], '$.plainBytes', FAULT),
    sealedBytes: checkSealedBytes(m['sealedBytes']),
    plainDigest: check.digest(m['plainDigest'], '$.plainDigest', FAULT),
    sealedDigest: check.digest(m['sealedDigest'], '$.sealedDigest', FAULT),
    columns,
    schemaHash: check.digest(m['schemaHash'], '$.schemaHash', FAULT),
    file: kind === 'file' ? checkPieces(m['file'], '$.file', FAULT) : noFile(m['file']),
    source: checkSource(m['source']),
    previous: m['previous'] === null ? null : check.digest(m['previous'], '$.previous', FAULT),
    compression: check.oneOf(m['compression'], ['zstd'] as const, '$.compression', FAULT),
    cipher: check.oneOf(m['cipher'], ['aes-256-gcm'] as const, '$.cipher', FAULT),
    recipients: checkRecipients(m['recipients']),
    sealedBy: check.keyId(m['sealedBy'], '$.sealedBy', FAULT),
    sealedAt: check.instant(m['sealedAt'], '$.sealedAt', FAULT),
  }
  if (schemaHashOf(columns) !== manifest.schemaHash) throw new SegmentError(FAULT, 'schemaHash is not of columns')
  if (manifest.file !== null) checkFiles(manifest, manifest.file)
  return manifest
}

function noFile(value: CanonicalValue | undefined): null {
  if (value !== null) throw new SegmentError(FAULT, '$.file must be null')
  return null
}

/** The pieces are the plain bytes, all of them, and the files that end here are what is counted. */
function checkFiles({ plainBytes, counts, columns }: Manifest, pieces: readonly FilePiece[]): void {
  const bytes = pieces.reduce((sum, { length }) => sum + BigInt(length), 0n)
  if (bytes !== BigInt(plainBytes)) throw new SegmentError(FAULT, `$.file holds ${bytes} bytes of ${plainBytes}`)
  if (!('rows' in counts) || counts.rows !== String(wholeFiles(pieces)))
    throw new SegmentError(FAULT, '$.counts are not of the files')
  if (columns.length > 0) throw new SegmentError(FAULT, '$.columns of files')
}

function checkColumns(value: CanonicalValue | undefined): Column[] {
  const seen = new Set<string>()
  return check.list(value, COLUMNS_MAX, '$.columns', FAULT).map((item, i) => {
    const column = check.record(item, `$.columns[${i}]`, FAULT)
    check.keys(column, ['name', 'type'], `$.columns[${i}]`, FAULT)
    const name = check.text(column['name'], `$.columns[${i}].name`, FAULT)
    const type = check.text(column['type'], `$.columns[${i}].type`, FAULT)
    parseColumnType(type)
    if (name === '' || seen.has(name)) throw new SegmentError(FAULT, `$.columns[${i}].name is empty or repeated`)
    seen.add(name)
    return { name, type }
  })
}

function checkCounts(value: CanonicalValue | undefined, kind: SegmentKind): Counts {
  const counts = check.record(value, '$.counts', FAULT)
  const names = kind === 'changes' ? ['insert', 'update', 'delete'] : ['rows']
  check.keys(counts, names, '$.counts', FAULT)
  for (const name of names) check.decimal(counts[name], `$.counts.${name}`, FAULT)
  return counts as unknown as Counts
}

function checkSource(value: CanonicalValue | undefined): Manifest['source'] {
  const source = check.record(value, '$.source', FAULT)
  check.keys(source, ['from', 'to', 'snapshot'], '$.source', FAULT)
  const part = (name: string) => (source[name] === null ? null : check.text(source[name], `$.source.${name}`, FAULT))
  return { from: part('from'), to: part('to'), snapshot: part('snapshot') }
}

function checkRecipients(value: CanonicalValue | undefined): Recipient[] {
  const recipients = check.list(value, RECIPIENTS_MAX, '$.recipients', FAULT).map((item, i) => {
    const recipient = check.record(item, `$.recipients[${i}]`, FAULT)
    check.keys(recipient, ['keyId', 'enc', 'wrapped'], `$.recipients[${i}]`, FAULT)
    return {
      keyId: check.keyId(recipient['keyId'], `$.recipients[${i}].keyId`, FAULT),
      enc: check.base64(recipient['enc'], `$.recipients[${i}].enc`, FAULT),
      wrapped: check.base64(recipient['wrapped'], `$.recipients[${i}].wrapped`, FAULT),
    }
  })
  if (recipients.length === 0) throw new SegmentError(FAULT, '$.recipients is empty')
  if (new Set(recipients.map((r) => r.keyId)).size !== recipients.length) {
    throw new SegmentError(FAULT, '$.recipients names a key twice')
  }
  return recipients
}
