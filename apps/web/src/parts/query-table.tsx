import type { CallInput, Endpoint, QueryOf, ReplyOf } from '@huitong/contract'
import type { ReactNode } from 'react'
import { useLocation, useNavigate, useSearchParams } from 'react-router'
import { toProblem, useRead } from '../api.ts'
import { ListTable, type Column } from '../ui/list-table.tsx'

const PAGE_ROWS = '50'

/** A row of an endpoint that lists. */
export type RowOf<E extends Endpoint> = ReplyOf<E> extends { items: readonly (infer R)[] } ? R & object : never

interface QueryTableProps<E extends Endpoint> {
  readonly endpoint: E
  readonly params?: CallInput<E>['params']
  readonly query?: Omit<QueryOf<E> & object, 'after' | 'limit'>
  readonly columns: Column<RowOf<E>>[]
  readonly rowKey: (row: RowOf<E>) => string
  readonly label: string
  readonly empty: ReactNode
  readonly everyMs?: number
  /** Name of the paging parameter in the URL, where a page has two lists. */
  readonly at?: string
}

/** One table for every list: reads an endpoint page by page; the URL holds where it stands. */
export function QueryTable<E extends Endpoint>(props: QueryTableProps<E>) {
  const at = props.at ?? 'after'
  const { after, next: goNext, previous } = useCursor(at)
  const query = { ...props.query, limit: PAGE_ROWS, ...(after ? { after } : {}) } as QueryOf<E>
  const read = useRead(
    props.endpoint,
    { ...(props.params ? { params: props.params } : {}), query },
    { keep: true, ...(props.everyMs ? { everyMs: () => props.everyMs ?? false } : {}) },
  )
  const page = read.data as { items: RowOf<E>[]; next: string | null } | undefined

  return (
    <ListTable<RowOf<E>>
      columns={props.columns}
      rows={page?.items}
      rowKey={props.rowKey}
      label={props.label}
      empty={props.empty}
      loading={read.isPending || read.isPlaceholderData}
      problem={read.error && !page ? toProblem(read.error) : null}
      onRetry={() => void read.refetch()}
      hasNext={page?.next !== null && page?.next !== undefined}
      hasPrevious={after !== null}
      onNext={() => goNext(page?.next ?? null)}
      onPrevious={previous}
    />
  )
}

/** Where a list stands in its pages; the URL holds it. */
export function useCursor(at = 'after') {
  const [search] = useSearchParams()
  const location = useLocation()
  const navigate = useNavigate()
  const after = search.get(at)
  const trail = readTrail(location.state, at)
  const go = (cursor: string | null, nextTrail: readonly (string | null)[]) => {
    const next = new URLSearchParams(search)
    if (cursor === null) next.delete(at)
    else next.set(at, cursor)
    void navigate({ search: next.toString() }, { state: { [at]: nextTrail } })
  }
  return {
    after,
    next: (cursor: string | null) => go(cursor, [...trail, after]),
    previous: () => go(trail[trail.length - 1] ?? null, trail.slice(0, -1)),
  }
}

/** The pages that led here; a page opened by its address alone goes back to the first one. */
function readTrail(state: unknown, at: string): readonly (string | null)[] {
  const trail = (state as Record<string, unknown> | null)?.[at]
  return Array.isArray(trail) ? (trail as (string | null)[]) : []
}

/** A filter kept in the URL. Changing it returns to the first page of the list whose place `at` holds. */
export function useFilter(name: string, at = 'after'): [string | undefined, (value: string | undefined) => void] {
  const [search, setSearch] = useSearchParams()
  return [
    search.get(name) ?? undefined,
    (value) =>
      setSearch((before) => {
        const next = new URLSearchParams(before)
        next.delete(at)
        if (value === undefined || value === '') next.delete(name)
        else next.set(name, value)
        return next
      }),
  ]
}
