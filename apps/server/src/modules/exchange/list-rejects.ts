import { listRejects, type RejectView } from '@huitong/contract/exchange'
import type { Reject } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { findChannel } from './channel-view.ts'
import { openRejects, type RejectBox } from './rejects.ts'

/**
 * Records that the latest reading of a file has set aside. Whoever sees the task sees file, line, column and reason; the
 * records themselves only the department whose data they are, and each reading is audited.
 */
export const listRejectsVerb = query<typeof listRejects>({
  endpoint: listRejects,
  audit: ({ params }, reply) =>
    reply.rawShown && reply.items.length > 0
      ? { objectKind: 'channel', objectId: params.id, detail: { rejects: reply.items.length, values: true } }
      : null,
  async run({ db, actor, services }, { params, query: asked }) {
    const channel = await findChannel(db, actor, params.id)
    const at = pageAt(asked, [/^\d{1,6}$/, /^\d{1,6}$/])
    const run = await db.maybe<{ generation: number; rejected: string; at: Date }>(
      sql`select generation, rejected::text as rejected, created_at as at from stream
        where id = ${params.id} and channel_id = ${params.id} and not abandoned order by generation desc limit 1`,
    )
    const rawShown = actor.departmentId === channel.provider_department_id
    if (run === null) return { items: [], next: null, rawShown, rows: '0', at: null }
    // A page that was begun goes on in its own run, where a newer one has come meanwhile.
    const [generation, from] = at.after === null ? [run.generation, 0] : [Number(at.after[0]), Number(at.after[1]) + 1]
    const boxes = await db.many<RejectBox>(sql`select stream_id, generation, first, rows, box from reject_box
      where channel_id = ${params.id} and generation = ${generation} and first + rows > ${from} and first <= ${from + at.limit}
      order by first`)
    const all: { place: number; reject: Static<typeof Reject> }[] = []
    for (const box of boxes) {
      const records = (await openRejects(services, box)) ?? []
      records.forEach((reject, i) => all.push({ place: box.first + i, reject }))
    }
    const shown = all.filter(({ place }) => place >= from).slice(0, at.limit + 1)
    const page = pageOf(
      shown,
      at,
      ({ place }) => [String(generation), String(place)],
      ({ reject }): Static<typeof RejectView> => ({
        ...reject,
        generation,
        raw: rawShown ? reject.raw : null,
      }),
    )
    return { ...page, rawShown, rows: run.rejected, at: run.at.toISOString() }
  },
})
