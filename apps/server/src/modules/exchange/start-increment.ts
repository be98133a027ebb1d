import { startIncrement } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, findChannel } from './channel-view.ts'
import { beginIncrement } from './begin-increment.ts'
import { incrementView, SELECT_INCREMENT, type IncrementRow } from './follow-view.ts'

/** Looks for changes now instead of at the next time of the schedule. */
export const startIncrementVerb = command<typeof startIncrement>({
  endpoint: startIncrement,
  audit: ({ params }, reply) => ({ objectKind: 'channel', objectId: params.id, detail: { increment: reply.number } }),
  async run({ db, actor, now, legalNow, services, wake }, { params }) {
    await findChannel(db, actor, params.id)
    await db.one(sql`select 1 from channel where id = ${params.id} for update`)
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.increment(channel, actor) ?? (await busy(db, params.id))
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const id = await beginIncrement({ db, now, legalNow, services, wake }, channel, 'person')
    return incrementView(await db.one<IncrementRow>(sql`${SELECT_INCREMENT} where i.id = ${id}`))
  },
})

type Db = Parameters<typeof findChannel>[0]

async function busy(db: Db, channelId: string): Promise<{ zh: string; en: string } | null> {
  if (await db.maybe(sql`select 1 from increment where channel_id = ${channelId} and state = 'running'`))
    return { zh: '一次增量正在进行', en: 'An increment is under way' }
  const compared = await db.maybe(
    sql`select 1 from reconciliation where channel_id = ${channelId} and state in ('running', 'repairing')`,
  )
  return compared ? { zh: '正在对账或修复', en: 'A reconciliation or repair is under way' } : null
}
