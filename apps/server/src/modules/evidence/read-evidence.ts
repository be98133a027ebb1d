import { readEvidence } from '@huitong/contract/evidence'
import { hashLeaf, parseCheckpoint, parseNote } from '@huitong/ledger'
import { query, type Query } from '../../kernel/verb.ts'
import { entryView } from './entry-view.ts'
import { findEntry, isIntact } from './find-entry.ts'
import type { Ledger } from './ledger.ts'

/** One evidence entry: its disclosed payload, whether that still matches the leaf, and the checkpoint that covers it. */
export const readEvidenceVerb = (ledger: Ledger): Query =>
  query<typeof readEvidence>({
    endpoint: readEvidence,
    audit: (input) => ({ objectKind: 'evidence', objectId: input.params.index }),
    async run({ db, actor }, { params }) {
      const row = await findEntry(db, actor, params.index)
      const checkpoint = await ledger.checkpoint()
      return {
        entry: entryView(row),
        payload: JSON.parse(row.content) as unknown,
        intact: isIntact(row),
        leaf: row.leaf.toString('utf8'),
        leafHash: Buffer.from(hashLeaf(row.leaf)).toString('hex'),
        checkpoint,
        treeSize: String(parseCheckpoint(parseNote(checkpoint).text).size),
      }
    },
  }) as Query
