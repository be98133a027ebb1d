export { LedgerError, LedgerFatalError } from './errors.ts'
export type { LedgerErrorCode } from './errors.ts'
export {
  HASH_BYTES,
  consistencyProof,
  emptyRoot,
  hashLeaf,
  hashNode,
  inclusionProof,
  rootOfHashes,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from './tree.ts'
export type { Hash, HashReader } from './tree.ts'
export {
  ENTRY_BYTES_MAX,
  TILE_BYTES,
  TILE_WIDTH,
  decodeBundle,
  encodeBundle,
  fetchEntries,
  parseTilePath,
  tileHashReader,
  tileOfTree,
  tilePath,
} from './tiles.ts'
export type { Fetch, TileCoordinates } from './tiles.ts'
export {
  ED25519_TYPE,
  NOTE_BYTES_MAX,
  NOTE_SIGNATURES_MAX,
  ed25519Signer,
  ed25519Verifier,
  formatSignatureLine,
  formatVerifierKey,
  isKeyName,
  noteKeyId,
  parseNote,
  parseVerifierKey,
  signNote,
  verifyEd25519,
  verifyNote,
} from './note.ts'
export type { NoteSignature, NoteSigner, NoteVerifier, SignedNote, VerifiedNote } from './note.ts'
export { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts'
export type { Checkpoint } from './checkpoint.ts'
export { CHECKPOINT_PATH } from './storage.ts'
export type { BatchFacts, CheckpointLock, TileStore } from './storage.ts'
export { localTileStore } from './local-tile-store.ts'
export type { LocalTileStoreOptions } from './local-tile-store.ts'
export { BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, createLog, openLog } from './log.ts'
export type { AppendResult, Log, LogOptions } from './log.ts'
export { formatTlogProof, makeTlogProof, parseTlogProof, verifyTlogProof } from './proof.ts'
export type { InclusionFacts, TlogProof } from './proof.ts'
export { canonicalJson } from './canonical-json.ts'
export type { CanonicalValue } from './canonical-json.ts'
export {
  EVIDENCE_BYTES_MAX,
  SALT_BYTES_MAX,
  SALT_BYTES_MIN,
  commit,
  decodeEvidence,
  encodeEvidence,
  opensCommitment,
} from './evidence.ts'
export type { EvidenceEntry } from './evidence.ts'
export { PROOF_BUNDLE_BYTES_MAX, PROOF_BUNDLE_FORMAT, makeBundle, verifyBundle } from './bundle.ts'
export type { BundleCode, BundleFacts, BundleRefusal, ProofBundle } from './bundle.ts'
export { fsck } from './fsck.ts'
export type { FsckOptions, FsckResult } from './fsck.ts'
