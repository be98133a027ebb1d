import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { keepPosition } from './log-position.ts'

/** A table that changes all the time is told of only so often. */
const TELL_AFTER_SECONDS = 30

/** Keeps where the receiving tables of channels that follow the log stand, and tells who waits for changes. */
export const keepPositionsJob = job({
  name: 'keep-positions',
  everyMs: 5_000,
  async run(services) {
    const rows = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ id: string; increment_id: string }>(sql`select c.id, i.id as increment_id from channel c
        join increment i on i.channel_id = c.id and i.state = 'running'
        where c.mode = 'log' and c.state = 'following'
          and (c.looked_at is null or c.looked_at < now() - make_interval(secs => ${TELL_AFTER_SECONDS}))
          and exists (select from segment x where x.stream_id = i.id and x.state = 'applied' and x.applied_at > coalesce(c.looked_at, '-infinity'))
        order by c.looked_at nulls first limit 100`),
    )
    for (const { id, increment_id } of rows) {
      await act(services, systemActor('keep-positions'), 'job.keep_position', async ({ db, now, emit }) => {
        await db.one(sql`select 1 from channel where id = ${id} for update`)
        const position = await keepPosition(db, id, now)
        if (position === null) return { value: null, audit: null }
        await emit('channel.changed', { channelId: id, incrementId: increment_id })
        return { value: null, audit: { objectKind: 'channel', objectId: id, detail: { position: position.since } } }
      })
    }
    return false
  },
})
