import { randomUUID } from 'node:crypto'
import { createRequest, type DatasetContent, type RequestContent, type RequestStep } from '@huitong/contract/catalogue'
import { shanghaiDate } from '@huitong/codes'
import type { Place } from '@huitong/contract'
import { faultsOf, latestOf, type Predicate, type Times } from '@huitong/policy'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { findDataset } from './dataset-view.ts'
import { nextNumber } from './numbers.ts'
import { requestDetail } from './request-view.ts'

/** A department asks for items of a published dataset (条例 20); the chain of its share attribute begins. */
export const createRequestVerb = command<typeof createRequest>({
  endpoint: createRequest,
  audit: ({ body }, reply) => ({
    objectKind: 'request',
    objectId: reply.id,
    detail: { dataset: body.datasetId, number: reply.number },
  }),
  async run({ db, actor, now, legalNow, emit }, { body }) {
    const dataset = await findDataset(db, actor, body.datasetId)
    if (dataset.state !== 'published' || dataset.live_content === null) refuse('dataset.not_published')
    if (dataset.department_id === actor.departmentId)
      refuse('object.state', { places: [place('/datasetId', '本部门的数据无需申请', 'your own department holds it')] })
    requireAskable(body, dataset.live_content, { now, legalNow })
    const attribute = attributeOf(body, dataset.live_content)
    const template = await db.one<{ steps: RequestStep[] }>(
      sql`select steps from request_template where jurisdiction = ${actor.jurisdiction} and attribute = ${attribute}`,
    )
    const id = randomUUID()
    await db.run(sql`insert into access_request (id, number, jurisdiction, dataset_id, dataset_version, applicant_department_id,
        provider_department_id, share_attribute, content, content_by, steps, step, state, created_by, created_at, updated_at)
      values (${id}, ${await nextNumber(db, 'SQ', now)}, ${actor.jurisdiction}, ${body.datasetId}, ${dataset.live_version},
        ${actor.departmentId}, ${dataset.department_id}, ${attribute}, ${JSON.stringify(body)}, ${actor.id}, ${template.steps}::text[],
        ${template.steps[0]}, 'running', ${actor.id}, ${now}, ${now})`)
    await emit('request.stepped', { requestId: id, step: template.steps[0] ?? null, state: 'running' })
    return requestDetail(db, actor, id, legalNow)
  },
})

/** The stricter of the dataset's share attribute and those of the items asked for decides the chain and the deadline. */
export function attributeOf(content: RequestContent, dataset: DatasetContent): 'unconditional' | 'conditional' {
  const asked = new Set(content.items)
  const items = (dataset.items ?? []).filter((item) => asked.has(item.code))
  const free = [dataset, ...items].every((one) => one.shareAttribute === 'unconditional')
  return free ? 'unconditional' : 'conditional'
}

/** Places of a row filter that are wrong, in the words of the page. */
export const filterPlaces = (filter: RequestContent['rowFilter'], items: ReadonlySet<string>): Place[] =>
  (filter ? faultsOf(filter as Predicate, items, '/rowFilter') : []).map((one) =>
    one.problem === 'unknown field'
      ? place(one.path, '没有此信息项，或其不予共享', 'no such item, or not shareable')
      : place(one.path, '取值与其类型不符', one.problem),
  )

/** Items exist and may be shared, the way of sharing is offered, the filter speaks of such items only, the period is one and not over. Every fault is named. */
export function requireAskable(content: RequestContent, dataset: DatasetContent, times: Times): void {
  const shareable = new Set(
    (dataset.items ?? []).filter((item) => item.shareAttribute !== 'refused').map((item) => item.code),
  )
  if (dataset.shareAttribute === 'refused')
    refuse('request.item_refused', { places: [place('/datasetId', '该目录不予共享', 'not shareable')] })
  const bad = content.items.flatMap((item, index) =>
    shareable.has(item) ? [] : [place(`/items/${index}`, '信息项不存在或不予共享', 'no such item, or not shareable')],
  )
  if (bad.length > 0) refuse('request.item_refused', { places: bad })
  const offered = dataset.shareMethods ?? []
  const method = offered.includes(content.method)
    ? []
    : [place('/method', '该目录不以此方式共享', `shared as: ${offered.join(', ')}`)]
  const period =
    content.until < content.from
      ? [place('/until', '截止日期早于开始日期', 'ends before it begins')]
      : isOver(content, times)
        ? [place('/until', '截止日期已过', 'this day is over')]
        : []
  const places = [...method, ...filterPlaces(content.rowFilter, shareable), ...period]
  if (places.length > 0) refuse('request.invalid', { places })
}

/** Is the last day asked for over in Shanghai? As for the grant that would follow. */
export const isOver = (content: RequestContent, times: Times): boolean => content.until < shanghaiDate(latestOf(times))
