import { callBatch, callCount, callRow, callRows } from '@huitong/contract/gateway'
import { place, refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { serviceCall, type ServiceCall } from '../../kernel/verb.ts'
import { answerCall, type Ground } from './answer.ts'
import type { Gateway } from './gateway.ts'
import { filterAsked, itemsAsked, keyAsked, limitAsked, requireItems, type Query } from './parameters.ts'
import { compileCall } from './plan.ts'
import { countRows, keyReader, readPage } from './statements.ts'

/** One row by its key. A row outside the grant answers like one that is not there. */
export const callRowVerb = (gateway: Gateway): ServiceCall =>
  serviceCall<typeof callRow>({
    endpoint: callRow,
    run: (context, { params, query }) =>
      answerCall(gateway, context, params.code, async (ground) => {
        const { service, opening, offer } = ground
        const items = itemsAsked(query as Query, offer)
        const key = keyAsked(query as Query, offer, (item) => `#/query/${item}`, ITEMS_ONLY)
        const { departmentId } = context.actor
        const row = await gateway.keyed({ service, opening, departmentId, times: ground.times, items }, key)
        return row ? { reply: { row }, rows: 1 } : refuse('service.row_not_found')
      }),
  })
const ITEMS_ONLY = new Set(['items'])

/** Rows by a filter over granted items, page by page in the order of the key. */
export const callRowsVerb = (gateway: Gateway): ServiceCall =>
  serviceCall<typeof callRows>({
    endpoint: callRows,
    run: (context, { params, query }) =>
      answerCall(gateway, context, params.code, async (ground) => {
        const { service, opening, offer } = ground
        const items = itemsAsked(query as Query, offer)
        if ('format' in query)
          refuse('request.invalid', {
            places: [place('#/query/format', 'CSV 由 export 提供', 'CSV is what export answers')],
          })
        const limit = limitAsked(query as Query)
        const rows = filterAsked(query as Query, offer)
        const after = readPosition(context.services, ground, (query as Query)['after'])
        const plan = compileCall(opening, {
          departmentId: context.actor.departmentId,
          times: ground.times,
          items,
          rows,
        })
        const page = await readPage(context.services, service, plan, { limit, after })
        const next = page.last ? sealPosition(context.services, ground, page.last) : null
        return { reply: { items: page.rows, next }, rows: page.rows.length }
      }),
  })

/** How many rows pass a filter. */
export const callCountVerb = (gateway: Gateway): ServiceCall =>
  serviceCall<typeof callCount>({
    endpoint: callCount,
    run: (context, { params, query }) =>
      answerCall(gateway, context, params.code, async (ground) => {
        const { service, opening, offer } = ground
        const paging = ['items', 'limit', 'after', 'format'].filter((name) => name in query)
        if (paging.length > 0)
          refuse('request.invalid', {
            places: paging.map((name) => place(`#/query/${name}`, '计数不接受此参数', 'not a parameter of counting')),
          })
        const rows = filterAsked(query as Query, offer)
        const plan = compileCall(opening, {
          departmentId: context.actor.departmentId,
          times: ground.times,
          items: null,
          rows,
        })
        return { reply: { count: await countRows(context.services, service, plan) }, rows: 0 }
      }),
  })

/** Rows by a batch of keys, in their order. */
export const callBatchVerb = (gateway: Gateway): ServiceCall =>
  serviceCall<typeof callBatch>({
    endpoint: callBatch,
    run: (context, { params, body }) =>
      answerCall(gateway, context, params.code, async (ground) => {
        const { service, opening, offer } = ground
        if (body.items) requireItems(body.items, offer, (index) => `/items/${index}`)
        const none = new Set<string>()
        const keys = body.keys.map((one, at) => keyAsked(one, offer, (item) => `/keys/${at}/${item}`, none))
        const items = body.items ?? null
        const plan = compileCall(opening, { departmentId: context.actor.departmentId, times: ground.times, items })
        const rows = await keyReader(context.services, service, plan, false)(keys)
        return { reply: { rows }, rows: rows.filter((one) => one !== null).length }
      }),
  })

/** Positions are sealed: they hold the key of a row, which the grant may not open, and nobody makes one up. */
const positionContext = ({ opening }: Ground) => `gateway/after/${opening.id}`

const sealPosition = (services: Services, ground: Ground, key: readonly string[]): string =>
  services.secrets.seal(Buffer.from(JSON.stringify(key)), positionContext(ground)).toString('base64url')

function readPosition(services: Services, ground: Ground, after: string | undefined): string[] | null {
  if (after === undefined) return null
  try {
    const opened = services.secrets.open(Buffer.from(after, 'base64url'), positionContext(ground))
    return JSON.parse(opened.toString('utf8')) as string[]
  } catch {
    return refuse('request.invalid', { places: [place('#/query/after', '分页位置无效', 'not a page position')] })
  }
}
