import { listGrants, readGrant, revokeGrant, type GrantView } from '@huitong/contract/catalogue'
import { emitPostgres, validityAt, VISIBILITY, type Times } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'

interface GrantRow {
  id: string
  number: string
  request_id: string
  dataset_id: string
  dataset_name: { zh: string; en?: string }
  grantor_department_id: string
  grantee_department_id: string
  grantee_name: { zh: string; en?: string }
  document: string
  signature: Buffer
  key_id: string
  valid_from: Date
  valid_until: Date
  revoked_at: Date | null
  version: number
}

const FIELDS: Record<string, string> = { applicant: 'g.grantee_department_id', provider: 'g.grantor_department_id' }
const grantSees = (actor: Person) => sql.raw(emitPostgres(VISIBILITY.grant(viewerOf(actor)), (field) => FIELDS[field]!))
const SELECT_GRANT = sql.raw(`select g.*, v.content->'name' as dataset_name, e.name as grantee_name
  from access_grant g join access_request r on r.id = g.request_id join department e on e.id = g.grantee_department_id
    join dataset_version v on v.dataset_id = r.dataset_id and v.number = r.dataset_version`)

function grantView(row: GrantRow, times: Times): Static<typeof GrantView> {
  const inTime = validityAt({ from: row.valid_from, until: row.valid_until }, times)
  return {
    id: row.id,
    number: row.number,
    requestId: row.request_id,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    grantorDepartmentId: row.grantor_department_id,
    granteeDepartmentId: row.grantee_department_id,
    granteeDepartmentName: row.grantee_name,
    state: row.revoked_at === null ? inTime : 'revoked',
    document: JSON.parse(row.document) as unknown,
    signature: row.signature.toString('base64'),
    keyId: row.key_id,
    validFrom: row.valid_from.toISOString(),
    validUntil: row.valid_until.toISOString(),
    version: row.version,
  }
}

const findGrant = async (db: Reader, actor: Person, id: string, times: Times) =>
  grantView(await db.one<GrantRow>(sql`${SELECT_GRANT} where g.id = ${id} and ${grantSees(actor)}`), times)

/** Grants that the viewer is a party of, or all of the jurisdiction for those who oversee it; newest first. */
export const listGrantsVerb = query<typeof listGrants>({
  endpoint: listGrants,
  audit: null,
  async run({ db, actor, now, legalNow }, input) {
    const at = pageAt(input.query, 1)
    const rows = await db.many<GrantRow>(sql`${SELECT_GRANT} where ${grantSees(actor)}
      ${at.after ? sql`and g.number < ${at.after[0]}` : sql``} order by g.number desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.number],
      (row) => grantView(row, { now, legalNow }),
    )
  },
})

/** One grant with its signed document. */
export const readGrantVerb = query<typeof readGrant>({
  endpoint: readGrant,
  audit: null,
  run: ({ db, actor, now, legalNow }, { params }) => findGrant(db, actor, params.id, { now, legalNow }),
})

/** Ends a grant at once (条例 27): the provider's head, or the authority, with a reason. */
export const revokeGrantVerb = command<typeof revokeGrant>({
  endpoint: revokeGrant,
  audit: ({ params, body }) => ({ objectKind: 'grant', objectId: params.id, detail: { reason: body.reason } }),
  async run({ db, actor, now, legalNow, emit }, { params, match }) {
    const before = await findGrant(db, actor, params.id, { now, legalNow })
    if (!actor.wide.has('grant.revoke') && before.grantorDepartmentId !== actor.departmentId)
      refuse('permission.denied')
    if (before.state === 'revoked') refuse('object.state')
    const changed = await db.run(
      sql`update access_grant set revoked_at = ${now}, version = version + 1 where id = ${params.id} and version = ${match}`,
    )
    if (changed === 0) refuse('object.changed')
    await emit('grant.revoked', { grantId: params.id })
    return findGrant(db, actor, params.id, { now, legalNow })
  },
})
