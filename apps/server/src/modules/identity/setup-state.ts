import { setupState } from '@huitong/contract/identity'
import { query } from '../../kernel/verb.ts'
import { isSetUp } from './setup.ts'

/** Whether the platform still waits for its first administrators. */
export const setupStateVerb = query<typeof setupState>({
  endpoint: setupState,
  rows: 'system',
  audit: null,
  async run({ db, services }) {
    return { open: !(await isSetUp(db)), demo: services.settings.demo }
  },
})
