import { FACETS, searchDatasets, searchFacets } from '@huitong/contract/search'
import type { QueryOf } from '@huitong/contract'
import { Button, Segmented } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { toProblem, useRead } from '../../api.ts'
import { useCursor, useFilter } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { useLate } from '../../ui/later.tsx'
import { exactNumber } from '../../ui/number.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { SearchFacets } from './search-facets.tsx'
import { SearchHits } from './search-hits.tsx'

type Query = QueryOf<typeof searchDatasets>

const PAGE_HITS = '20'

/** Everything of the search stands in the URL: words, choices, order, page. */
export default function SearchPage() {
  const { t } = useWords()
  const [search] = useSearchParams()
  const [sort, setSort] = useFilter('sort')
  const { after, next, previous } = useCursor()
  const q = search.get('q') ?? ''
  const narrowed = narrowedBy(search)
  const query: Query = {
    ...narrowed,
    limit: PAGE_HITS,
    ...(sort === 'updated' ? { sort } : {}),
    ...(after ? { after } : {}),
  }
  const hits = useRead(searchDatasets, { query }, { keep: true })
  const facets = useRead(searchFacets, { query: narrowed }, { keep: true })
  const late = useLate(hits.isPending)
  const total = facets.data?.total
  const failed = hits.error && !hits.data ? hits.error : null
  return (
    <>
      <PageHead
        title={t('search.title')}
        actions={
          q !== '' && (
            <Segmented
              value={sort === 'updated' ? 'updated' : 'relevance'}
              onChange={(value) => setSort(value === 'updated' ? value : undefined)}
              aria-label={t('search.order')}
              options={[
                { value: 'relevance', label: t('search.relevance') },
                { value: 'updated', label: t('search.updated') },
              ]}
            />
          )
        }
      />
      {failed ? (
        <ErrorPanel problem={toProblem(failed)} onRetry={() => void hits.refetch()} />
      ) : (
        <div className="ht-find">
          {facets.data && <SearchFacets facets={facets.data.facets} />}
          <section aria-label={t('search.results')} aria-busy={hits.isFetching} className="ht-find-hits">
            <p className="ht-quiet" role="status">
              {total !== undefined &&
                (q === ''
                  ? t('search.all', { count: exactNumber(total) })
                  : t('search.found', { q, count: exactNumber(total) }))}
            </p>
            {late && <p className="ht-quiet">{t('state.loading')}</p>}
            {hits.data && hits.data.items.length > 0 && <SearchHits hits={hits.data.items} q={q} />}
            {hits.data?.items.length === 0 && (
              <Nothing q={q} narrowed={Object.keys(narrowed).some((key) => key !== 'q')} />
            )}
            {hits.data && (hits.data.next !== null || after !== null) && (
              <nav className="ht-pages" aria-label={t('list.pages')}>
                <Button size="small" disabled={after === null} onClick={previous}>
                  {t('list.previous')}
                </Button>
                <Button size="small" disabled={hits.data.next === null} onClick={() => next(hits.data.next)}>
                  {t('list.next')}
                </Button>
              </nav>
            )}
          </section>
        </div>
      )}
    </>
  )
}

function narrowedBy(search: URLSearchParams): Omit<Query, 'limit' | 'after' | 'sort'> {
  const given = (['q', ...FACETS] as const).flatMap((name) => {
    const value = search.get(name)
    return value ? [[name, value] as const] : []
  })
  return Object.fromEntries(given)
}

function Nothing({ q, narrowed }: { readonly q: string; readonly narrowed: boolean }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const what = narrowed ? t('search.noneFiltered') : q === '' ? t('search.noneAll') : t('search.none', { q })
  return (
    <div className="ht-empty">
      <p>{what}</p>
      {(narrowed || q !== '') && <p className="ht-quiet">{t('search.noneHelp')}</p>}
      {narrowed && <Button onClick={() => void navigate(paths.search({ q }))}>{t('search.clear')}</Button>}
    </div>
  )
}
