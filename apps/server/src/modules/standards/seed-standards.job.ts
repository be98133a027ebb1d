import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { missingStandards, seedNational } from './seed-national.ts'

const ACTOR = systemActor('seed-standards')

/** A platform that was set up before it knew of a national table gets it, one jurisdiction a turn. */
export const seedStandardsJob = job({
  name: 'seed-standards',
  everyMs: 3_600_000,
  async run(services) {
    const behind = await services.db.read(SYSTEM_ROWS, async (db) => {
      const known = await db.many<{ jurisdiction: string }>(
        sql`select distinct jurisdiction from deadline_rule order by 1`,
      )
      for (const { jurisdiction } of known) if ((await missingStandards(db, jurisdiction)) > 0) return jurisdiction
      return null
    })
    if (behind === null) return false
    return act(services, ACTOR, 'job.seed_standards', async ({ db, now }) => {
      const missing = await missingStandards(db, behind)
      await seedNational(db, behind, now)
      return { value: true, audit: { objectKind: 'jurisdiction', objectId: behind, detail: { standards: missing } } }
    })
  },
})
