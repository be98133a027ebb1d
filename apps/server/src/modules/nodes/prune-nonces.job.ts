import { sql } from 'kysely'
import { job } from '../../kernel/jobs.ts'
import { WINDOW_SECONDS } from '../../kernel/request-signature.ts'

const IDEMPOTENCY_DAYS = 7

/** Forgets nonces that the time window already refuses, and replies of old idempotent writes. */
export const pruneNoncesJob = job({
  name: 'prune-nonces',
  everyMs: 60_000,
  async run(services) {
    const now = services.clock.now().getTime()
    await services.db.tick(async (db) => {
      await db.run(sql`delete from request_nonce where at < ${new Date(now - 2 * WINDOW_SECONDS * 1000)}`)
      await db.run(sql`delete from idempotency where at < ${new Date(now - IDEMPOTENCY_DAYS * 86_400_000)}`)
    })
    return false
  },
})
