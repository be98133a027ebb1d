import { shanghaiDate } from '@huitong/codes'
import type { ConsentView } from '@huitong/contract/nodes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { type Person, viewerOf } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'

export interface ConsentRow {
  id: string
  number: string
  signed_by: string
  valid_from: string
  valid_until: string
  file_name: string
  media_type: string
  sha256: string
  bytes: number
  created_at: Date
}

/** Where the scanned document lies in the object store. */
export const consentKey = (sha256: string): string => `consents/${sha256}`

/** Days as text: the driver's dates would be moments of some zone. */
export const CONSENT_COLUMNS = sql.raw(
  'id, number, signed_by, valid_from::text, valid_until::text, file_name, media_type, sha256, bytes, created_at',
)

export function consentView(row: ConsentRow, now: Date): ConsentView {
  const today = shanghaiDate(now)
  return {
    id: row.id,
    number: row.number,
    signedBy: row.signed_by,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    fileName: row.file_name,
    mediaType: row.media_type,
    sha256: row.sha256,
    bytes: row.bytes,
    inForce: row.valid_from <= today && today <= row.valid_until,
    createdAt: row.created_at.toISOString(),
  }
}

/** A data source that the actor may see. @throws Refusal `object.not_found`. */
export function findSource(db: Reader, actor: Person, id: string) {
  const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'department_id'))
  return db.one<{ id: string; department_id: string; jurisdiction: string; front_database: boolean }>(
    sql`select id, department_id, jurisdiction, front_database from data_source where id = ${id} and ${visible}`,
  )
}

/**
 * Reading a business database takes a written consent that is in force today; a front database needs none.
 * @throws Refusal `source.consent`.
 */
export async function requireConsent(db: Reader, sourceId: string, now: Date): Promise<void> {
  const allowed = await db.maybe(sql`select 1 from data_source s where s.id = ${sourceId} and (s.front_database
    or exists (select from source_consent c where c.source_id = s.id
      and ${shanghaiDate(now)}::date between c.valid_from and c.valid_until))`)
  if (!allowed) refuse('source.consent')
}
