import { randomUUID } from 'node:crypto'
import { addDays, shanghaiMidnight } from '@huitong/codes'
import { canonicalJson } from '@huitong/canonical'
import { and, type GrantDocument, type Predicate } from '@huitong/policy'
import { keyIdOf, signBytes } from '@huitong/segment'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import type { CommandContext } from '../../kernel/verb.ts'
import { nextNumber } from './numbers.ts'
import type { RequestRow, StoredAnswer } from './request-view.ts'

export const GRANT_DOMAIN = 'huitong/grant/v1'

/** Signs canonical bytes with the platform's key; the domain keeps signatures of one kind from passing as another. */
export function signDocument(
  services: Services,
  domain: string,
  document: string,
): { signature: string; keyId: string } {
  const { privateKey, publicKey } = services.keys.signing
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  return { signature: signBytes(pkcs8, domain, Buffer.from(document)), keyId: keyIdOf(publicKey.toString('base64')) }
}

/** Makes the answer executable: a signed grant with items, row filter, masks, purpose and validity. */
export async function issueGrant(
  { db, now, services, emit }: Pick<CommandContext<never>, 'now' | 'services' | 'emit'> & { db: Writer },
  row: RequestRow,
  answer: StoredAnswer,
): Promise<string> {
  const id = randomUUID()
  const number = await nextNumber(db, 'SJ', now)
  const { code } = await db.one<{ code: string }>(sql`select code from dataset where id = ${row.dataset_id}`)
  const { content } = row
  const grant: GrantDocument = {
    v: 1,
    id,
    number,
    requestId: row.id,
    dataset: { id: row.dataset_id, code, version: row.dataset_version },
    grantor: { departmentId: row.provider_department_id },
    grantee: { departmentId: row.applicant_department_id },
    items: answer.items,
    // What was asked and what was answered both cut: the narrower holds.
    rowFilter: and(
      (content.rowFilter ?? { op: 'true' }) as Predicate,
      (answer.rowFilter ?? { op: 'true' }) as Predicate,
    ),
    masks: answer.masks,
    purpose: content.purpose,
    matterCode: content.matter.code,
    method: content.method,
    validFrom: shanghaiMidnight(content.from).toISOString(),
    validUntil: shanghaiMidnight(addDays(content.until, 1)).toISOString(),
    rowsPerDayMax: answer.rowsPerDayMax,
  }
  const document = canonicalJson(grant as never)
  const { signature, keyId } = signDocument(services, GRANT_DOMAIN, document)
  await db.run(sql`insert into access_grant (id, number, jurisdiction, request_id, dataset_id, grantor_department_id, grantee_department_id,
      document, signature, key_id, valid_from, valid_until)
    values (${id}, ${number}, ${row.jurisdiction}, ${row.id}, ${row.dataset_id}, ${row.provider_department_id},
      ${row.applicant_department_id}, ${document}, ${Buffer.from(signature, 'base64')}, ${keyId}, ${grant.validFrom}, ${grant.validUntil})`)
  await emit('grant.issued', { grantId: id, requestId: row.id })
  return id
}
