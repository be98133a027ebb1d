import type { CallError, Endpoint, QueryOf } from '@huitong/contract'
import { useQuery } from '@tanstack/react-query'
import { client } from '../api.ts'
import type { RowOf } from './query-table.tsx'

const PAGES_MAX = 10

/**
 * Walks a list to its end, at most 2,000 rows, and keeps the rows that a test accepts. For the few places where the API
 * has no filter; `cut` says that there was more.
 */
export function useMatching<E extends Endpoint>(
  endpoint: E,
  key: string,
  accept: (row: RowOf<E>) => boolean,
  enabled = true,
) {
  return useQuery<{ rows: RowOf<E>[]; cut: boolean }, CallError>({
    queryKey: [endpoint.id, 'matching', key],
    enabled,
    queryFn: async ({ signal }) => {
      const rows: RowOf<E>[] = []
      let after: string | undefined
      for (let count = 0; count < PAGES_MAX; count++) {
        const query = { limit: '200', ...(after ? { after } : {}) } as QueryOf<E>
        const page = (await client.call(endpoint, { query }, { signal })) as { items: RowOf<E>[]; next: string | null }
        rows.push(...page.items.filter(accept))
        if (page.next === null) return { rows, cut: false }
        after = page.next
      }
      return { rows, cut: true }
    },
  })
}
