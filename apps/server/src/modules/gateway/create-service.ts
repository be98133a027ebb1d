import { randomUUID } from 'node:crypto'
import { createService } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { findLanded, serviceDetail, shapeOf } from './service-view.ts'

/** Makes a service from a landed table, without code: its items are those of the catalogue, its key is the table's. */
export const createServiceVerb = command<typeof createService>({
  endpoint: createService,
  audit: ({ body }, reply) => ({
    objectKind: 'service',
    objectId: reply.id,
    detail: { code: body.code, channel: body.channelId },
  }),
  async run({ db, actor, now, legalNow, services }, { body }) {
    const landed = await findLanded(db, services.centre.database, body.channelId)
    const { items, key } = shapeOf(landed)
    if (landed.landed_at === null)
      refuse('object.state', { places: [place('/channelId', '数据尚未落地', 'nothing has landed yet')] })
    if (key.length === 0)
      refuse('object.state', { places: [place('/channelId', '没有主键的表不能生成接口', 'a table without a key')] })
    const taken = await db.maybe<{ code: string }>(
      sql`select code from service where code = ${body.code} or channel_id = ${body.channelId} limit 1`,
    )
    if (taken)
      refuse('object.exists', {
        places: [
          taken.code === body.code
            ? place('/code', '接口代码已被使用', 'this code is taken')
            : place('/channelId', '该表已生成共享接口', 'a service was made from this table'),
        ],
      })
    const id = randomUUID()
    await db.run(sql`insert into service (id, code, jurisdiction, department_id, dataset_id, channel_id, provider_department_id,
        name, description, items, key, state, created_at)
      values (${id}, ${body.code}, ${actor.jurisdiction}, ${actor.departmentId}, ${landed.dataset_id}, ${landed.id},
        ${landed.provider_department_id}, ${JSON.stringify(body.name)}, ${body.description ?? null}, ${JSON.stringify(items)},
        ${key}::text[], 'running', ${now})`)
    return serviceDetail(db, actor, id, { now, legalNow })
  },
})
