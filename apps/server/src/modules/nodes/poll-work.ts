import type { BodyOf } from '@huitong/contract'
import { pollWork, RUNNING_MAX } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { poll } from '../../kernel/verb.ts'
import { workTopic, type WorkKind } from './work.ts'

const LEASED_AT_ONCE_MAX = 8

type Asked = BodyOf<typeof pollWork>

interface Leased {
  id: string
  kind: WorkKind
  fence: string
  input: unknown
}

/**
 * A node asks for work. Leases of an earlier boot of the same node are released at once, leases of this boot's running
 * work are renewed, and free work is leased with a larger fence; so is work whose reply to an earlier poll got lost. Answers as soon as there is work or something to drop.
 */
export const pollWorkVerb = poll<typeof pollWork>({
  endpoint: pollWork,
  on: 'tick',
  topic: (actor) => workTopic(actor.id),
  waitSeconds: ({ body }) => body.waitSeconds,
  empty: () => ({ work: [], revoked: [] }),
  async attempt({ db, actor, now, services }, { body }) {
    const leaseSeconds = services.settings.leaseSeconds
    const until = new Date(now.getTime() + leaseSeconds * 1000)
    await db.run(sql`insert into node_presence (node_id, boot, seen_at, version)
      values (${actor.id}, ${body.boot}, ${now}, ${body.version})
      on conflict (node_id) do update set boot = excluded.boot, seen_at = excluded.seen_at, version = excluded.version`)
    const held = await db.many<{ id: string }>(sql`update node_work set lease_until = ${until}
      where node_id = ${actor.id} and state = 'leased' and boot = ${body.boot} and id = any(${body.running}::uuid[]) returning id`)
    const revoked = body.running.filter((id) => !held.some((row) => row.id === id))
    const work = await lease(db, actor.id, body, now, until)
    if (work.length === 0 && revoked.length === 0) return null
    return { work: work.map((one) => ({ ...one, leaseSeconds })), revoked }
  },
})

async function lease(db: Writer, nodeId: string, asked: Asked, now: Date, until: Date): Promise<Leased[]> {
  const { boot, running } = asked
  // A node that runs more than it can name does not say what never arrived.
  const asking = running.length < RUNNING_MAX ? (asked.poll ?? null) : null
  return db.many<Leased>(sql`
    update node_work set state = 'leased', boot = ${boot}, poll = ${asking}, lease_until = ${until}, fence = fence + 1
    where id in (
      select id from node_work where node_id = ${nodeId}
        -- What is ferried to a node is not given to it over the line as well.
        and exists (select from node n where n.id = node_id and n.link = 'line') and (state = 'queued' or (state = 'leased'
        and (boot <> ${boot} or lease_until < ${now} or (poll < ${asking}::int and not id = any(${running}::uuid[])))))
      order by state = 'queued' desc, created_at limit ${LEASED_AT_ONCE_MAX} for update skip locked)
    returning id, kind, fence, input`)
}
