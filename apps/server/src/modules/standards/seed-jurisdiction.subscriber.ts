import { subscriber } from '../../kernel/subscribers.ts'
import { seedDeadlineRules } from './deadline-rules.ts'

/** A jurisdiction that was set up gets the national deadlines. */
export const seedStandards = subscriber<'platform.set_up'>({
  name: 'standards_of_jurisdiction',
  on: ['platform.set_up'],
  async handle({ db }, { payload }) {
    await seedDeadlineRules(db, payload.jurisdiction)
    return { objectKind: 'jurisdiction', objectId: payload.jurisdiction, detail: { rules: 'national' } }
  },
})
