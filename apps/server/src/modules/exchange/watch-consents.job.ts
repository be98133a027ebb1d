import { shanghaiDate } from '@huitong/codes'
import { type RawBuilder, sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { endChannels } from './end-channels.ts'

const EXPIRED = {
  zh: '书面同意已过有效期，任务已停止；登记新的书面同意后可继续',
  en: 'The written consent is no longer in force, so the task was stopped; it can go on under a new one',
}

/**
 * Channels that work on a business database whose consent has run out. One that never had a document kept with it was set up
 * under a mere number before there were documents: it goes on until it is started again.
 */
const lapsed = (
  now: Date,
): RawBuilder<unknown> => sql`(c.state in ('running', 'following') or c.mode = 'diff' and c.state = 'completed')
  and exists (select from data_source s where s.id = c.source_id and not s.front_database)
  and exists (select from source_consent k where k.source_id = c.source_id)
  and not exists (select from source_consent k where k.source_id = c.source_id
    and ${shanghaiDate(now)}::date between k.valid_from and k.valid_until)`

/** Stops what reads a business database when the department's written consent runs out, one channel at a time. */
export const watchConsentsJob = job({
  name: 'watch-consents',
  everyMs: 60_000,
  async run(services) {
    const found = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<{ id: string }>(
        sql`select c.id from channel c where ${lapsed(services.clock.now())} order by c.id limit 1`,
      ),
    )
    if (!found) return false
    await act(services, systemActor('watch-consents'), 'job.watch_consents', async ({ db, now, wake }) => {
      const channel = await db.maybe(
        sql`select 1 from channel c where c.id = ${found.id} and ${lapsed(now)} for update of c`,
      )
      if (!channel) return { value: null, audit: null }
      const ended = await endChannels({ db, now, wake }, sql`(select ${found.id}::uuid)`, EXPIRED)
      const problem = JSON.stringify({ code: 'source.consent', message: EXPIRED, at: now.toISOString() })
      await db.run(sql`update channel set state = 'failed', problem = ${problem}, next_at = null, version = version + 1
        where id = ${found.id}`)
      const detail = { state: 'failed', code: 'source.consent', works: ended.works }
      return { value: null, audit: { objectKind: 'channel', objectId: found.id, detail } }
    })
    return true
  },
})
