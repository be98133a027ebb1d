import { decodeEvidence, encodeEvidence } from '@huitong/ledger'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { canonicalJson } from '@huitong/canonical'
import { sql } from 'kysely'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { SELECT_ENTRY, type EntryRow } from './entry-view.ts'
import { leafOf } from './ledger.ts'

export interface FoundEntry extends EntryRow {
  leaf: Buffer
  leaf_index: string
  content: string
  salt: Buffer
}

/** The entry at a leaf index with its audit row, if the viewer may see it; `object.not_found` otherwise. */
export async function findEntry(db: Reader, actor: Person, index: string): Promise<FoundEntry> {
  const visible = sql.raw(emitPostgres(VISIBILITY.evidence(viewerOf(actor)), () => 'e.department_id'))
  return db.one<FoundEntry>(sql`select e.*, a.content, a.salt from (${SELECT_ENTRY}) as e join audit a on a.id = e.id
    where e.leaf_index = ${index}::bigint and ${visible}`)
}

/** True when the audit row still is what the leaf committed to. */
export function isIntact(row: { leaf: Buffer; content: string; salt: Buffer }): boolean {
  try {
    return (
      Buffer.from(leafOf(row)).equals(row.leaf) &&
      canonicalJson(JSON.parse(row.content)) === row.content &&
      Buffer.from(encodeEvidence(decodeEvidence(row.leaf))).equals(row.leaf)
    )
  } catch {
    return false
  }
}
