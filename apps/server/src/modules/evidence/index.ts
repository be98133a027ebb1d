import type { Job } from '../../kernel/jobs.ts'
import type { Verb } from '../../kernel/verb.ts'
import { exportProofVerb } from './export-proof.ts'
import type { Ledger } from './ledger.ts'
import { listEvidenceVerb } from './list-evidence.ts'
import { publicLedgerVerbs } from './public-ledger.ts'
import { readEvidenceVerb } from './read-evidence.ts'
import { sequenceAuditJob } from './sequence-audit.job.ts'
import { verifyAuditVerb } from './verify-audit.ts'

export { openLedger, type Ledger } from './ledger.ts'

export const evidenceVerbs = (ledger: Ledger): readonly Verb[] => [
  listEvidenceVerb,
  readEvidenceVerb(ledger),
  exportProofVerb(ledger),
  verifyAuditVerb(ledger),
  ...publicLedgerVerbs(ledger),
]

export const evidenceJobs = (ledger: Ledger): readonly Job[] => [sequenceAuditJob(ledger)]
