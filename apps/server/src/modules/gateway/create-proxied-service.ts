import { randomUUID } from 'node:crypto'
import type { BodyOf, Place } from '@huitong/contract'
import { createProxiedService } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { faultsOfSchema } from './closed-schema.ts'
import { credentialContext } from './registry.ts'
import { serviceDetail } from './service-view.ts'
import { allowedHosts, ANY_HOST, baseAddressOf } from './upstream-address.ts'

interface DatasetRow {
  department_id: string
  jurisdiction: string
  items: { code: string; name: { zh: string; en?: string }; type: string }[]
}

/** Puts a department's own HTTP service behind the gateway: grants of the dataset open it like any other service. */
export const createProxiedServiceVerb = command<typeof createProxiedService>({
  endpoint: createProxiedService,
  audit: ({ body }, reply) => ({
    objectKind: 'service',
    objectId: reply.id,
    detail: {
      code: body.code,
      dataset: body.datasetId,
      baseUrl: body.baseUrl,
      operations: body.operations.map((one) => one.code),
    },
  }),
  async run({ db, actor, now, legalNow, services }, { body }) {
    const dataset = await db.one<DatasetRow>(sql`select d.department_id, d.jurisdiction,
        (select jsonb_agg(jsonb_build_object('code', i.code, 'name', i.name, 'type', i.type) order by i.position) from data_item i
          where i.dataset_id = d.id and i.dataset_version = d.live_version) as items
      from dataset d where d.id = ${body.datasetId} and d.state = 'published'`)
    // A node reaches addresses of its own network, on its own list; here only the form counts.
    const baseUrl = baseAddressOf(body.baseUrl, body.nodeId ? ANY_HOST : allowedHosts(services.settings.upstreamAllow))
    const node = body.nodeId ? await nodeFaults(db, body.nodeId, dataset.department_id) : []
    const places = [...node, ...faultsOf(body, baseUrl, new Set(dataset.items.map((one) => one.code)))]
    if (places.length > 0) refuse('request.invalid', { places })
    if (await db.maybe(sql`select 1 from service where code = ${body.code}`))
      refuse('object.exists', { places: [place('/code', '接口代码已被使用', 'this code is taken')] })
    const id = randomUUID()
    const given = new Set(body.operations.flatMap((one) => one.items))
    const items = dataset.items
      .filter((one) => given.has(one.code))
      .map(({ code, name }) => ({ code, name, type: 'text', key: false, landedMasked: false }))
    await db.run(sql`insert into service (id, code, kind, jurisdiction, department_id, dataset_id, provider_department_id, name,
        description, items, key, state, created_at)
      values (${id}, ${body.code}, 'proxied', ${actor.jurisdiction}, ${actor.departmentId}, ${body.datasetId},
        ${dataset.department_id}, ${JSON.stringify(body.name)}, ${body.description ?? null}, ${JSON.stringify(items)},
        '{}', 'running', ${now})`)
    const { credential } = body
    const sealed = credential ? services.secrets.seal(Buffer.from(credential.value), credentialContext(id)) : null
    await db.run(sql`insert into proxied_service (service_id, jurisdiction, department_id, provider_department_id, base_url,
        operations, timeout_ms, reply_bytes_max, credential_header, credential, node_id)
      values (${id}, ${actor.jurisdiction}, ${actor.departmentId}, ${dataset.department_id}, ${baseUrl},
        ${JSON.stringify(body.operations)}, ${body.timeoutMs}, ${body.replyBytesMax}, ${credential?.header ?? null}, ${sealed}, ${body.nodeId ?? null})`)
    return serviceDetail(db, actor, id, { now, legalNow })
  },
})

/** Only a node of the department whose data it is calls for it. */
async function nodeFaults(db: Reader, nodeId: string, departmentId: string): Promise<Place[]> {
  const own = await db.maybe(sql`select 1 from node where id = ${nodeId} and department_id = ${departmentId}`)
  return own ? [] : [place('/nodeId', '不是提供部门的节点', 'not a node of the providing department')]
}

/** Headers that belong to the connection or say whom it is for: no credential is one of them. */
const RESERVED_HEADERS =
  /^(accept|accept-encoding|connection|content-.*|cookie|expect|forwarded|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*|x-huitong-.*|x-request-id)$/i

function faultsOf(
  body: BodyOf<typeof createProxiedService>,
  baseUrl: string | null,
  items: ReadonlySet<string>,
): Place[] {
  const places: Place[] = []
  if (baseUrl === null)
    places.push(
      place('/baseUrl', '应为 http(s) 地址，且不指向平台自身', 'an http(s) address that is not the platform’s own'),
    )
  if (body.credential && RESERVED_HEADERS.test(body.credential.header))
    places.push(place('/credential/header', '不能使用该请求头', 'this header cannot be used'))
  if (body.credential && !/^[\x20-\x7e]+$/.test(body.credential.value))
    places.push(place('/credential/value', '应为可见字符', 'visible characters'))
  const codes = body.operations.map((one) => one.code)
  body.operations.forEach((one, at) => {
    const path = `/operations/${at}`
    if (codes.indexOf(one.code) < at) places.push(place(`${path}/code`, '操作代码重复', 'named twice'))
    if ((one.method === 'POST') !== (one.body !== null))
      places.push(place(`${path}/body`, 'POST 须约定请求体，GET 不带请求体', 'a POST has a body, a GET has none'))
    const names = one.parameters.map((parameter) => parameter.name)
    if (new Set(names).size < names.length) places.push(place(`${path}/parameters`, '参数重复', 'named twice'))
    for (const item of one.items)
      if (!items.has(item))
        places.push(place(`${path}/items`, `目录没有信息项 ${item}`, `no item ${item} in the dataset`))
    if (one.body !== null) places.push(...faultsOfSchema(one.body, `${path}/body`))
    places.push(...faultsOfSchema(one.reply, `${path}/reply`))
  })
  return places
}
