import { readLegalClock } from '@huitong/contract/standards'
import { query } from '../../kernel/verb.ts'

/** Legal time, and whether it can be moved here. */
export const readLegalClockVerb = query<typeof readLegalClock>({
  endpoint: readLegalClock,
  audit: null,
  async run({ now, legalNow, services }) {
    const offsetSeconds = Math.round((legalNow.getTime() - now.getTime()) / 1000)
    return { now: legalNow.toISOString(), offsetSeconds, shiftable: services.settings.demo }
  },
})
