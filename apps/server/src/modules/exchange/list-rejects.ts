import { listRejects, type RejectView } from '@huitong/contract/exchange'
import { Reject } from '@huitong/contract/work'
import { decodeBox, openBox } from '@huitong/segment'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { Check } from 'typebox/value'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import type { Services } from '../../kernel/services.ts'
import { query } from '../../kernel/verb.ts'
import { findChannel } from './channel-view.ts'
import { REJECTS_INFO } from './rejects.ts'

interface Box {
  readonly stream_id: string
  readonly generation: number
  readonly first: number
  readonly rows: number
  readonly box: string
}

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
    const boxes = await db.many<Box>(sql`select stream_id, generation, first, rows, box from reject_box
      where channel_id = ${params.id} and generation = ${generation} and first + rows > ${from} and first <= ${from + at.limit}
      order by first`)
    const all: { place: number; reject: Static<typeof Reject> }[] = []
    for (const box of boxes) all.push(...(await opened(services, box)))
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

/** The records of a box with their places. What is no record is the node's fault, and not shown as one. */
async function opened(services: Services, { stream_id, generation, first, box }: Box) {
  const key = services.keys.sealing.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  const aad = `${stream_id}/${generation}/${first}`
  const plain = await openBox(key, decodeBox(box), { info: REJECTS_INFO, aad })
  const lines = plain.toString('utf8').trimEnd().split('\n')
  return lines.flatMap((line, i) => {
    const reject: unknown = JSON.parse(line)
    return Check(Reject, reject) ? [{ place: first + i, reject }] : []
  })
}
