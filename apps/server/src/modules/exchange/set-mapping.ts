import { setMapping } from '@huitong/contract/exchange'
import type { TransitColumn } from '@huitong/contract/work'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, channelDetail, findChannel } from './channel-view.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { requireNoLanding, type Columns, mappedColumns } from './mapping.ts'
import { mountedOf } from './mounted-table.ts'

/**
 * Changes what becomes of the values of a channel that does not run: its codes and constants. What was received before was
 * mapped otherwise, so the position is given up and the next start copies the whole. The receiving table keeps its columns.
 */
export const setMappingVerb = command<typeof setMapping>({
  endpoint: setMapping,
  audit: ({ params }, reply) => ({
    objectKind: 'channel',
    objectId: params.id,
    detail: { mapping: reply.mappingVersion },
  }),
  async run({ db, actor, now, legalNow }, { params, body, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.mapping(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const busy = await db.maybe(
      sql`select 1 from reconciliation where channel_id = ${params.id} and state in ('running', 'repairing')`,
    )
    if (busy) refuse('object.state', { places: [place('', '正在对账或修复', 'a comparison or repair is under way')] })
    const plan = activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
    await requireNoLanding(db, channel.target_id)
    const mapped = mappedColumns(plan, await mountedOf(db, channel.dataset_id), body.mapping)
    if (formOf(mapped) !== formOf(channel))
      refuse('request.invalid', {
        places: [
          place(
            '/mapping',
            '接收表已建，字段名、类型和主键不能再改，请另建交换任务',
            'the receiving table keeps names, types and key: make another task',
          ),
        ],
      })
    const moved =
      await db.run(sql`update channel set columns = ${JSON.stringify(mapped.columns)}, mapping_version = mapping_version + 1,
      state = case state when 'configured' then state else 'ready' end, problem = null, cursor = null, looked = null, looked_at = null,
      next_at = null, version = version + 1 where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    return channelDetail(db, actor, params.id)
  },
})

/** What a receiving table is made of. */
const formOf = ({ columns, key }: Columns): string =>
  JSON.stringify([columns.map(({ as, type, nullable }: TransitColumn) => [as, type, nullable]), key])
