import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { Refusal } from '../../kernel/errors.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { beginIncrement, type FollowedChannel } from './begin-increment.ts'
import { beginLog, type LoggedChannel } from './begin-log.ts'

/** Channels whose next increment is due, and that nothing else is being done with. */
const DUE = sql.raw(`c.state = 'following' and c.next_at <= now()
  and not exists (select from increment i where i.channel_id = c.id and i.state = 'running')
  and not exists (select from reconciliation r where r.channel_id = c.id and r.state in ('running', 'repairing'))`)

/** Begins the increments that are due, one at a time for each channel. */
export const followChannelsJob = job({
  name: 'follow-channels',
  everyMs: 1_000,
  async run(services) {
    const due = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<{ id: string }>(sql`select c.id from channel c where ${DUE} order by c.next_at limit 1`),
    )
    if (!due) return false
    await act(services, systemActor('follow-channels'), 'job.begin_increment', async ({ db, now, legalNow, wake }) => {
      const channel = await db.maybe<FollowedChannel & LoggedChannel>(
        sql`select c.* from channel c where c.id = ${due.id} and ${DUE} for update of c`,
      )
      if (!channel) return { value: null, audit: null }
      try {
        const begin = channel.mode === 'log' ? beginLog : beginIncrement
        await begin({ db, now, legalNow, wake, services }, channel, 'schedule')
        return { value: null, audit: null }
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'grant.inactive') throw error
        const message = { zh: '授权已失效，停止增量同步', en: 'The grant has ended; it is no longer followed' }
        const problem = JSON.stringify({ code: error.code, message, at: now.toISOString() })
        await db.run(sql`update channel set state = 'failed', problem = ${problem}, next_at = null, version = version + 1
          where id = ${channel.id}`)
        return {
          value: null,
          audit: { objectKind: 'channel', objectId: channel.id, detail: { state: 'failed', code: error.code } },
        }
      }
    })
    return true
  },
})
