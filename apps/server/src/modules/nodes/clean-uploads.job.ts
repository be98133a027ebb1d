import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'

const HOUR_MS = 3_600_000
/** A node may just be fetching a file whose successor has come. */
const SETTLE_MS = HOUR_MS

/** Gives up uploads that nobody goes on with, and removes the frames of files that are no longer there, one at a time. */
export const cleanUploadsJob = job({
  name: 'clean-uploads',
  everyMs: 60_000,
  async run(services) {
    const now = services.clock.now().getTime()
    const idle = new Date(now - services.settings.uploadIdleHours * HOUR_MS)
    const settled = new Date(now - SETTLE_MS)
    const due = sql`u.cleaned_at is null and (u.state = 'receiving' and u.touched_at < ${idle}
      or u.state in ('removed', 'refused', 'abandoned') or u.state = 'replaced' and u.touched_at < ${settled})`
    const found = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<{ id: string }>(sql`select u.id from upload u where ${due} order by u.touched_at limit 1`),
    )
    if (!found) return false
    await act(services, systemActor('clean-uploads'), 'job.clean_uploads', async ({ db, now: at }) => {
      const row = await db.maybe<{ state: string }>(
        sql`select state from upload u where u.id = ${found.id} and ${due} for update`,
      )
      if (!row) return { value: null, audit: null }
      for (;;) {
        // Locked: nobody adds to it meanwhile. What is gone before the commit is gone: the next turn ends it.
        const { objects } = await services.objects.list({ prefix: `uploads/${found.id}/` })
        if (objects.length === 0) break
        for (const { key } of objects) await services.objects.delete(key)
      }
      const state = row.state === 'receiving' ? 'abandoned' : row.state
      await db.run(sql`update upload set state = ${state}, cleaned_at = ${at}, ended_at = coalesce(ended_at, ${at})
        where id = ${found.id}`)
      return { value: null, audit: { objectKind: 'upload', objectId: found.id, detail: { state } } }
    })
    return true
  },
})
