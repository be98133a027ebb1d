import { subscriber } from '../../kernel/subscribers.ts'
import { seedDeadlineRules } from './deadline-rules.ts'
import { seedNational } from './seed-national.ts'

/** A jurisdiction that was set up gets the national deadlines, code sets and data elements. */
export const seedStandards = subscriber<'platform.set_up'>({
  name: 'standards_of_jurisdiction',
  on: ['platform.set_up'],
  async handle({ db, now }, { payload }) {
    await seedDeadlineRules(db, payload.jurisdiction)
    await seedNational(db, payload.jurisdiction, now)
    return { objectKind: 'jurisdiction', objectId: payload.jurisdiction, detail: { rules: 'national' } }
  },
})
