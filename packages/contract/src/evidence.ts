import { Type } from 'typebox'
import { BigInteger, Bilingual, exact, Instant, nullable, oneOf, page, PageQuery, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

const IndexParams = exact({ index: Type.String({ pattern: '^\\d{1,15}$' }) })

export const EvidenceEntryView = exact({
  index: nullable(BigInteger),
  auditId: BigInteger,
  at: Instant,
  action: Type.String(),
  words: Bilingual,
  actor: Type.String(),
  departmentId: nullable(Uuid),
  departmentName: nullable(Type.String()),
  objectKind: nullable(Type.String()),
  objectId: nullable(Type.String()),
  outcome: oneOf('done', 'denied', 'failed'),
  commitment: nullable(Type.String()),
})

export const listEvidence = endpoint({
  id: 'evidence.entry.list',
  method: 'GET',
  path: '/api/v1/evidence',
  access: 'evidence.read',
  words: words('存证列表', 'List evidence entries'),
  query: exact({
    ...PageQuery,
    objectKind: Type.Optional(text(64)),
    objectId: Type.Optional(text(128)),
    action: Type.Optional(text(128)),
  }),
  reply: page(EvidenceEntryView),
})
export const readEvidence = endpoint({
  id: 'evidence.entry.read',
  method: 'GET',
  path: '/api/v1/evidence/:index',
  access: 'evidence.read',
  words: words('查看存证', 'Read evidence entry'),
  params: IndexParams,
  reply: exact({
    entry: EvidenceEntryView,
    /** The disclosed payload, and whether it still matches the leaf. */
    payload: Type.Unknown(),
    intact: Type.Boolean(),
    leaf: Type.String(),
    leafHash: Type.String(),
    checkpoint: nullable(Type.String()),
    treeSize: BigInteger,
  }),
  errors: ['object.not_found', 'evidence.pending'],
})
export const exportProof = endpoint({
  id: 'evidence.proof.export',
  method: 'GET',
  path: '/api/v1/evidence/:index/proof',
  access: 'evidence.export',
  words: words('导出存证证明', 'Export a proof'),
  params: IndexParams,
  /** A proof bundle (`huitong-proof/v1`), see packages/ledger. */
  reply: Type.Unknown(),
  errors: ['object.not_found', 'evidence.pending'],
})
export const verifyAudit = endpoint({
  id: 'evidence.audit.verify',
  method: 'POST',
  path: '/api/v1/evidence-verifications',
  access: 'audit.verify',
  words: words('核验审计记录与存证', 'Verify audit rows against the ledger'),
  reply: exact({
    checked: BigInteger,
    treeSize: BigInteger,
    intact: Type.Boolean(),
    faults: Type.Array(
      exact({
        auditId: BigInteger,
        index: nullable(BigInteger),
        kind: oneOf('altered', 'deleted', 'inserted', 'log'),
        words: Bilingual,
      }),
    ),
  }),
})
export const readCheckpoint = endpoint({
  id: 'evidence.checkpoint.read',
  method: 'GET',
  path: '/api/v1/ledger/checkpoint',
  access: 'public',
  kind: 'stream',
  words: words('最新检查点', 'Latest checkpoint'),
  reply: Type.Unknown(),
  errors: ['object.not_found'],
})
export const readLedgerKey = endpoint({
  id: 'evidence.key.read',
  method: 'GET',
  path: '/api/v1/ledger/key',
  access: 'public',
  words: words('存证验证公钥', 'Verifier key of the ledger'),
  /** `documentKey`: raw Ed25519 key, base64, with which the platform signs grants, reports and statements. */
  reply: exact({ origin: Type.String(), verifierKey: Type.String(), documentKey: Type.String() }),
})
export const readTile = endpoint({
  id: 'evidence.tile.read',
  method: 'GET',
  path: '/api/v1/ledger/tile/*',
  access: 'public',
  kind: 'stream',
  words: words('存证瓦片', 'Ledger tiles'),
  params: exact({ '*': Type.String({ pattern: '^[0-9a-z/.]{1,120}$' }) }),
  reply: Type.Unknown(),
  errors: ['object.not_found'],
})

export const evidenceEndpoints = [
  listEvidence,
  readEvidence,
  exportProof,
  verifyAudit,
  readCheckpoint,
  readLedgerKey,
  readTile,
] as const
