import { randomUUID } from 'node:crypto'
import type { ChangeCursor } from '@huitong/contract/work'
import { sql } from 'kysely'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { beginStream, lookAgain, type ChannelParts, type Context } from './generation.ts'

export type Cause = 'schedule' | 'person' | 'reconciliation'

/** A channel as its increments need it. */
export interface FollowedChannel extends ChannelParts {
  readonly state: string
  readonly cursor: ChangeCursor | null
  readonly interval_seconds: number
  readonly failures: number
}

interface Last {
  id: string
  number: number
  state: string
  generation: number | null
  read_work_id: string | null
}

/** What the work of an increment is made from. */
export const sendOf = (channelId: string, streamId: string, generation: number, cursor: ChangeCursor) => ({
  streamId,
  generation,
  kind: 'changes' as const,
  keys: null,
  deleteKeys: null,
  subject: { kind: 'channel' as const, id: channelId },
  applyWorkId: null,
  cursor,
})

/**
 * Begins to look for what changed since the channel's position; answers the id. The caller holds the channel's row. An
 * increment that found nothing is looked into again, with the same work: a quiet source leaves no trail of empty ones.
 * @throws Refusal `grant.inactive`.
 */
export async function beginIncrement(context: Context, channel: FollowedChannel, cause: Cause): Promise<string> {
  const { db, now } = context
  // Before anything is written: who catches the refusal keeps what was written.
  activePlan(await findGrantRow(db, channel.grant_id), context)
  const cursor = channel.cursor!
  const last =
    await db.maybe<Last>(sql`select i.id, i.number, i.state, s.generation, s.read_work_id from increment i left join lateral (
      select generation, read_work_id from stream where id = i.id order by generation desc limit 1) s on true
    where i.channel_id = ${channel.id} order by i.number desc limit 1`)
  if (last?.state === 'empty' && last.read_work_id !== null) {
    const send = sendOf(channel.id, last.id, last.generation!, cursor)
    if (await lookAgain(context, channel, send, last.read_work_id)) {
      await db.run(sql`update increment set state = 'running', cause = ${cause}, from_cursor = ${JSON.stringify(cursor)},
        to_cursor = null, started_at = ${now}, finished_at = null where id = ${last.id}`)
      return last.id
    }
  }
  const id = randomUUID()
  await db.run(sql`insert into increment (id, channel_id, number, cause, state, from_cursor, started_at)
    values (${id}, ${channel.id}, ${(last?.number ?? 0) + 1}, ${cause}, 'running', ${JSON.stringify(cursor)}, ${now})`)
  await beginStream(context, channel, sendOf(channel.id, id, 1, cursor))
  return id
}
