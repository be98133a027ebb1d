import { shiftLegalClock } from '@huitong/contract/standards'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { requireCovered } from './calendar.ts'

/** Moves legal time, as far as the calendar reaches; only demo mode can. Sessions, leases and signatures keep real time. */
export const shiftLegalClockVerb = command<typeof shiftLegalClock>({
  endpoint: shiftLegalClock,
  audit: ({ body }) => ({
    objectKind: 'legal_clock',
    objectId: 'legal_clock',
    detail: { offsetSeconds: body.offsetSeconds },
  }),
  async run({ db, now, services, wake }, { body }) {
    if (!services.settings.demo) refuse('clock.demo_only')
    const legal = new Date(now.getTime() + body.offsetSeconds * 1000)
    requireCovered(legal)
    await db.run(sql`update legal_clock set offset_seconds = ${body.offsetSeconds}`)
    await wake('job:deadline-watch')
    return { now: legal.toISOString(), offsetSeconds: body.offsetSeconds, shiftable: true }
  },
})
