import { rebuildSearch } from '@huitong/contract/search'
import { sql } from 'kysely'
import { command } from '../../kernel/verb.ts'

/** Marks every row of the index as made by an unknown scheme; the refreshing job makes them anew, and until then they answer. */
export const rebuildSearchVerb = command<typeof rebuildSearch>({
  endpoint: rebuildSearch,
  audit: (_input, reply) => ({
    objectKind: 'search_index',
    objectId: 'catalogue',
    detail: { datasets: reply.datasets },
  }),
  async run({ db, wake }) {
    const datasets = await db.run(sql`update dataset_search set scheme = 0`)
    await wake('search')
    return { datasets }
  },
})
