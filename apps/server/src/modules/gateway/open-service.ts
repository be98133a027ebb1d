import { randomUUID } from 'node:crypto'
import { openService } from '@huitong/contract/gateway'
import { compileGrant, fieldsOf, momentOf, type GrantDocument, type Times } from '@huitong/policy'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { findService, serviceDetail, type ServiceRow } from './service-view.ts'

interface GrantRow {
  id: string
  request_id: string
  dataset_id: string
  document: string
  grantor_department_id: string
  grantee_department_id: string
  revoked_at: Date | null
}

/** Opens a service for a grant: the centre's step of a request that asks for an interface. */
export const openServiceVerb = command<typeof openService>({
  endpoint: openService,
  audit: ({ params, body }) => ({ objectKind: 'service', objectId: params.id, detail: { grant: body.grantId } }),
  async run({ db, actor, now, legalNow, emit }, { params, body }) {
    const service = await findService(db, actor, params.id)
    const row = await db.one<GrantRow>(sql`select id, request_id, dataset_id, document, grantor_department_id,
      grantee_department_id, revoked_at from access_grant where id = ${body.grantId}`)
    const grant = JSON.parse(row.document) as GrantDocument
    requireFitting(service, row, grant, { now, legalNow })
    if (await db.maybe(sql`select 1 from service_opening where grant_id = ${row.id}`)) refuse('object.exists')
    const id = randomUUID()
    await db.run(sql`insert into service_opening (id, jurisdiction, service_id, grant_id, department_id, provider_department_id,
        matter_code, per_second_max, per_day_max, total_max, created_at)
      values (${id}, ${actor.jurisdiction}, ${service.id}, ${row.id}, ${row.grantee_department_id}, ${row.grantor_department_id},
        ${grant.matterCode}, ${body.perSecondMax}, ${body.perDayMax}, ${body.totalMax ?? null}, ${now})`)
    await emit('service.opened', {
      openingId: id,
      requestId: row.request_id,
      personId: actor.id,
      departmentId: actor.departmentId,
    })
    return serviceDetail(db, actor, service.id, { now, legalNow })
  },
})

/** The grant asks for this dataset by an interface, is in force, and asks for nothing that has not landed. */
function requireFitting(service: ServiceRow, row: GrantRow, grant: GrantDocument, times: Times): void {
  const unfit = (zh: string, en: string): never => refuse('object.state', { places: [place('/grantId', zh, en)] })
  if (row.dataset_id !== service.dataset_id) unfit('授权的不是该接口的目录', 'a grant of another dataset')
  if (grant.method !== 'service') unfit('授权的共享方式不是服务接口', 'the grant is not for an interface')
  // What another system answers is not cut or masked here, so a grant that asks for it cannot be kept.
  if (service.kind === 'proxied' && (grant.masks.length > 0 || grant.rowFilter.op !== 'true'))
    unfit('代理接口不能脱敏或限定行，授权却有此要求', 'a proxied service cannot mask or cut rows, as the grant asks')
  const use = {
    departmentId: grant.grantee.departmentId,
    ...momentOf(times),
    items: null,
    revoked: row.revoked_at !== null,
  }
  const plan = compileGrant(grant, use)
  // What begins later may be opened now; what has ended may not.
  if (!plan.allowed && plan.reason !== 'not_yet') refuse('grant.inactive', { detail: plan.reason })
  const landed = new Set(service.items.map((one) => one.code))
  const missing = [...new Set([...grant.items, ...fieldsOf(grant.rowFilter)])].filter((item) => !landed.has(item))
  if (missing.length > 0)
    refuse('grant.items', {
      places: missing.map((item) =>
        service.kind === 'proxied'
          ? place('/grantId', `接口不提供信息项 ${item}`, `the service does not give item ${item}`)
          : place('/grantId', `信息项 ${item} 未落地`, `item ${item} has not landed`),
      ),
    })
}
