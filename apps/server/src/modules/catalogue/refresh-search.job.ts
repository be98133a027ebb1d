import { systemActor } from '../../kernel/actor.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { indexStale } from './search-index.ts'

/**
 * Fills the search index where it is behind: after an upgrade, a rebuild, a renamed department. What verbs change is
 * indexed by themselves. The index is derived, so nothing of it is audited.
 */
export const refreshSearchJob = job({
  name: 'search-refresh',
  everyMs: 15_000,
  topics: ['search'],
  run: (services) =>
    act(services, systemActor('search-refresh'), 'job.search_refresh', async ({ db }) => {
      return { value: (await indexStale(db)) > 0, audit: null }
    }),
})
