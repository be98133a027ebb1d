import { subscriber } from '../../kernel/subscribers.ts'
import { seedTemplates } from './templates.ts'

/** A jurisdiction that was set up gets the initial chains of signatures. */
export const seedCatalogue = subscriber<'platform.set_up'>({
  name: 'catalogue_of_jurisdiction',
  on: ['platform.set_up'],
  async handle({ db }, { payload }) {
    await seedTemplates(db, payload.jurisdiction)
    return { objectKind: 'jurisdiction', objectId: payload.jurisdiction, detail: { templates: 'initial' } }
  },
})
