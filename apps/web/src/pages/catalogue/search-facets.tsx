import { FACETS, UNSAID, type FacetName, type searchFacets } from '@huitong/contract/search'
import type { ReplyOf } from '@huitong/contract'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { useFilter } from '../../parts/query-table.tsx'
import { exactNumber } from '../../ui/number.ts'
import { useWords } from '../../words/index.ts'

type Facets = ReplyOf<typeof searchFacets>['facets']
type Facet = Facets[FacetName]

const SHOWN_AT_FIRST = 6
/** Where the words of a value stand; those of departments and regions come with the counts. */
const LISTS: Partial<Record<FacetName, string>> = {
  share: 'shareAttribute',
  open: 'open',
  format: 'formatClass',
  cycle: 'updateCycle',
}

/** By what the results can be narrowed; each value says how many it would leave. */
export function SearchFacets({ facets }: { readonly facets: Facets }) {
  const { t } = useWords()
  const [search, setSearch] = useSearchParams()
  const chosen = FACETS.some((name) => search.has(name))
  const clear = () =>
    setSearch((before) => {
      const next = new URLSearchParams(before)
      for (const name of [...FACETS, 'after']) next.delete(name)
      return next
    })
  return (
    <aside className="ht-facets" aria-label={t('search.facets')}>
      {FACETS.map((name) => (
        <FacetGroup key={name} name={name} facet={facets[name]} />
      ))}
      {chosen && (
        <button type="button" className="ht-link" onClick={clear}>
          {t('search.clear')}
        </button>
      )}
    </aside>
  )
}

function FacetGroup({ name, facet }: { readonly name: FacetName; readonly facet: Facet }) {
  const { t, say, choice } = useWords()
  const [value, setValue] = useFilter(name)
  const [all, setAll] = useState(false)
  const chosen = new Set(value?.split(',') ?? [])
  // What is chosen stays to be seen and taken back, also when nothing is left of it.
  const gone = [...chosen].filter((one) => !facet.values.some((known) => known.value === one))
  const values = [...facet.values, ...gone.map((one) => ({ value: one, words: null, count: 0 }))]
  if (values.length === 0 || (values.length === 1 && chosen.size === 0 && name === 'region')) return null
  const shown = all ? values : values.filter((one, at) => at < SHOWN_AT_FIRST || chosen.has(one.value))
  const toggle = (one: string) => {
    const next = chosen.has(one) ? [...chosen].filter((other) => other !== one) : [...chosen, one]
    setValue(next.length > 0 ? next.join(',') : undefined)
  }
  const label = (one: Facet['values'][number]) => {
    if (one.words) return say(one.words)
    if (one.value === UNSAID) return t('search.unsaid')
    const list = LISTS[name]
    return list ? choice(list, one.value) : one.value
  }
  return (
    <fieldset>
      <legend>{t(`search.${name}`)}</legend>
      {shown.map((one) => (
        <label key={one.value}>
          <input type="checkbox" checked={chosen.has(one.value)} onChange={() => toggle(one.value)} />
          <span className="ht-wrap">{label(one)}</span>
          <span className="ht-number ht-quiet">{exactNumber(one.count)}</span>
        </label>
      ))}
      {values.length > shown.length && (
        <button type="button" className="ht-link" onClick={() => setAll(true)}>
          {t('search.more', { count: values.length - shown.length })}
        </button>
      )}
      {all && values.length > SHOWN_AT_FIRST && (
        <button type="button" className="ht-link" onClick={() => setAll(false)}>
          {t('search.fewer')}
        </button>
      )}
      {all && facet.others > 0 && (
        <small className="ht-quiet">{t('search.others', { count: exactNumber(facet.others) })}</small>
      )}
    </fieldset>
  )
}
