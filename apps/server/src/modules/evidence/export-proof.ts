import { exportProof } from '@huitong/contract/evidence'
import { decodeEvidence, makeBundle, parseCheckpoint, parseNote } from '@huitong/ledger'
import { refuse } from '../../kernel/errors.ts'
import { query, type Query } from '../../kernel/verb.ts'
import { findEntry, isIntact } from './find-entry.ts'
import type { Ledger } from './ledger.ts'

/** A proof bundle of one entry, to be verified by anyone, offline (`huitong verify`). */
export const exportProofVerb = (ledger: Ledger): Query =>
  query<typeof exportProof>({
    endpoint: exportProof,
    audit: (input) => ({ objectKind: 'evidence', objectId: input.params.index }),
    async run({ db, actor }, { params }) {
      const row = await findEntry(db, actor, params.index)
      if (!isIntact(row)) refuse('object.state', { detail: `audit row ${row.id} no longer matches its leaf` })
      const checkpoint = parseCheckpoint(parseNote(await ledger.checkpoint()).text)
      if (Number(params.index) >= checkpoint.size) refuse('evidence.pending')
      return makeBundle({
        log: ledger.verifierKey,
        proof: await ledger.proveInclusion(Number(params.index)),
        entry: decodeEvidence(row.leaf),
        payload: JSON.parse(row.content) as Record<string, unknown>,
        salt: row.salt,
      })
    },
  }) as Query
