import { pollCalls, type NodeCall } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { poll } from '../../kernel/verb.ts'
import { callsTopic, openCall } from './relay.ts'

const AT_ONCE_MAX = 16

/** A node asks for calls of its department's services; each is given to it once. What nobody waits for any more is forgotten. */
export const pollCallsVerb = poll<typeof pollCalls>({
  endpoint: pollCalls,
  on: 'tick',
  topic: (actor) => callsTopic(actor.id),
  waitSeconds: ({ body }) => body.waitSeconds,
  empty: () => ({ calls: [] }),
  async attempt({ db, actor, services }) {
    await db.run(sql`delete from node_call where node_id = ${actor.id} and until < now() - interval '1 minute'`)
    const rows = await db.many<{ id: string; request: Buffer }>(sql`update node_call set taken_at = now()
      where id in (select id from node_call where node_id = ${actor.id} and taken_at is null and until > now()
        order by asked_at limit ${AT_ONCE_MAX} for update skip locked)
      returning id, request`)
    if (rows.length === 0) return null
    return { calls: rows.map((row) => openCall<NodeCall>(services, row.id, row.request)) }
  },
})
