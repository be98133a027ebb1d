import type { PlatformMessage } from '@huitong/contract/ferry'
import type { Outgoing } from '@huitong/ferry'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'

const AT_ONCE_MAX = 16
/** A ferried order does not lapse: nobody renews it, and it ends with its result or by being taken back. */
const LEASE_YEARS = 100

type Order = PlatformMessage<'order'>
const NOTHING = new Uint8Array(0)
const aboutOrder = (id: string) => `order/${id}`

/** Remembers that something was laid out for a node; saying it twice is harmless. */
export function markSent(services: Services, nodeId: string, about: string, mark: string): Promise<number> {
  const now = services.clock.now()
  return services.db.tick((db) =>
    db.run(sql`insert into ferry_sent (node_id, about, mark, at) values (${nodeId}, ${about}, ${mark}, ${now})
      on conflict (node_id, about) do update set mark = excluded.mark, at = excluded.at`),
  )
}

/**
 * Lays out the work of a node: what is queued becomes an order under its token; what was taken back after it had been laid
 * out is taken back there too. Work is leased before its order is made, and an order that a crash swallowed is made again.
 */
export async function sendOrders(services: Services, nodeId: string, outgoing: Outgoing): Promise<boolean> {
  const orders = await services.db.tick(async (db) => {
    await lease(db, nodeId, services.clock.now())
    return db.many<Order>(sql`select w.id, w.kind, w.fence, w.input from node_work w
        left join ferry_sent s on s.node_id = w.node_id and s.about = 'order/' || w.id
      where w.node_id = ${nodeId} and w.state = 'leased' and w.boot = ${nodeId} and s.mark is distinct from w.fence::text
      order by w.created_at, w.id limit ${AT_ONCE_MAX}`)
  })
  for (const head of orders) {
    if (!outgoing.hasRoom) return false
    await outgoing.send('order', { head, bytes: NOTHING })
    await markSent(services, nodeId, aboutOrder(head.id), head.fence)
  }
  await sendRevocations(services, nodeId, outgoing)
  return orders.length === AT_ONCE_MAX
}

const lease = (db: Writer, nodeId: string, now: Date) =>
  db.run(sql`update node_work set state = 'leased', boot = ${nodeId}, poll = null, fence = fence + 1,
      lease_until = ${now}::timestamptz + make_interval(years => ${LEASE_YEARS})
    where node_id = ${nodeId} and (state = 'queued' or (state = 'leased' and boot <> ${nodeId}))`)

async function sendRevocations(services: Services, nodeId: string, outgoing: Outgoing): Promise<void> {
  const ended = await services.db.tick((db) =>
    db.many<{ id: string; state: string; stream: string | null }>(sql`
      select w.id, w.state, w.input->>'stream' as stream from ferry_sent s join node_work w on s.about = 'order/' || w.id
      where s.node_id = ${nodeId} and w.state not in ('leased', 'queued') limit ${AT_ONCE_MAX}`),
  )
  for (const { id, state, stream } of ended) {
    if (state === 'cancelled') await outgoing.send('revoke', { head: { id }, bytes: NOTHING })
    await services.db.tick((db) =>
      db.run(
        sql`delete from ferry_sent where node_id = ${nodeId} and about in (${aboutOrder(id)}, ${`stream/${stream}`})`,
      ),
    )
  }
}
