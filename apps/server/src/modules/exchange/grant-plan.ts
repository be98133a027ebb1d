import { compileGrant, momentOf, type GrantDocument, type Plan, type Times } from '@huitong/policy'
import type { SignedGrant } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'

export interface GrantRow {
  id: string
  request_id: string
  dataset_id: string
  jurisdiction: string
  grantor_department_id: string
  grantee_department_id: string
  document: string
  signature: Buffer
  key_id: string
  revoked_at: Date | null
}

/** The grant as nodes get it: the very bytes that were signed. */
export const signedGrant = (row: GrantRow): Static<typeof SignedGrant> => ({
  document: row.document,
  signature: row.signature.toString('base64'),
  keyId: row.key_id,
})

/** Compiles a grant for its grantee as of now, or refuses with `grant.inactive`. */
export function activePlan(row: GrantRow, times: Times): Extract<Plan, { allowed: true }> & { grant: GrantDocument } {
  const grant = JSON.parse(row.document) as GrantDocument
  const use = {
    departmentId: grant.grantee.departmentId,
    ...momentOf(times),
    items: null,
    revoked: row.revoked_at !== null,
  }
  const plan = compileGrant(grant, use)
  if (!plan.allowed) refuse('grant.inactive', { detail: plan.reason })
  return { ...plan, grant }
}

export const findGrantRow = (db: Reader, id: string) =>
  db.one<GrantRow>(sql`select * from access_grant where id = ${id}`)
