export { canonicalJson, parseCanonicalJson, type CanonicalValue } from './canonical-json.ts'
export {
  canonicalNumber,
  canonicalText,
  canonicalTextSql,
  SESSION_SETTINGS,
  sessionSettingsSql,
} from './canonical-text.ts'
export {
  countOperations,
  FROM_COLUMN,
  hasDeclaredOperations,
  hasOperations,
  LOG_COLUMNS,
  OPERATION_COLUMN,
  SAME_COLUMN,
} from './changes.ts'
export { bucketsRowsMysql, bucketSumsMysql } from './mysql-digest.ts'
export { canonicalTextMysql, MYSQL_SESSION_SETTINGS, segmentTextMysql, wholeTextMysql } from './mysql-text.ts'
export { mysqlTypes } from './mysql-type.ts'
export { type ChainFault, type ChainResult, verifyChain } from './chain.ts'
export { sha256Hex } from './bytes.ts'
export { type ColumnType, parseColumnType, postgresType, TYPE_NAMES, type TypeName } from './column-type.ts'
export { countCsvRows, csvLine, CsvRowCounter, parseCsvRows } from './csv.ts'
export { SegmentError, type SegmentErrorCode, type Words } from './errors.ts'
export {
  filePathFault,
  type FilePiece,
  isWhole,
  PIECE_NAMES_CHARACTERS_MAX,
  PIECES_MAX,
  wholeFiles,
} from './file-pieces.ts'
export { openFrame, sealFrame } from './frame.ts'
export { type Box, BOX_BYTES_MAX, decodeBox, encodeBox, openBox, sealBox } from './hpke.ts'
export {
  exportPublicKey,
  generateKeyPair,
  importPrivateKey,
  importPublicKey,
  keyIdOf,
  type KeyKind,
  type KeyPairText,
  rawPublicKey,
  signBytes,
  verifyBytes,
} from './keys.ts'
export {
  type Column,
  type Counts,
  type Manifest,
  MANIFEST_BYTES_MAX,
  manifestDigest,
  type Recipient,
  rowsOf,
  schemaHashOf,
  type SegmentKind,
  type SignedManifest,
  signManifest,
  verifyManifest,
} from './manifest.ts'
export {
  type Opened,
  type OpenInput,
  openSegment,
  openSegmentToBuffer,
  type SealedSource,
  verifySealed,
} from './open.ts'
export { type Receipt, type SignedReceipt, signReceipt, verifyReceipt } from './receipt.ts'
export {
  bucketRowsSql,
  bucketsRowsSql,
  bucketSumsSql,
  DIGEST_SECRET_BYTES,
  type DigestPlan,
  type SqlStatement,
  SUM_MODULUS,
} from './row-digest.ts'
export {
  type BucketSum,
  BucketSums,
  differingBuckets,
  digestRows,
  type RowDigest,
  type RowsDigestPlan,
} from './row-digest-rows.ts'
export {
  type ChainInput,
  finishSegment,
  type PayloadInput,
  SEGMENT_PLAIN_BYTES_HARD_MAX,
  SEGMENT_PLAIN_BYTES_MAX,
  type SealedPayload,
  type SealedSegment,
  sealPayload,
  sealSegment,
} from './seal.ts'
export { type FilePack, sealFiles, type SealFilesOptions } from './seal-files.ts'
export { packRows, type RowChunk, sealRows, type SealRowsOptions } from './seal-rows.ts'
