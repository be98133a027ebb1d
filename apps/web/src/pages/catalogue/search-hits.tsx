import type { SearchHit } from '@huitong/contract/search'
import { hitsIn, wordsOf } from '@huitong/search'
import { Link } from 'react-router'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { Highlighted } from '../../ui/highlighted.tsx'
import { Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'

/** The results, each with what it is, whose, and where the words stand. */
export function SearchHits({ hits, q }: { readonly hits: readonly SearchHit[]; readonly q: string }) {
  const words = wordsOf(q)
  return (
    <ol className="ht-hits">
      {hits.map((hit) => (
        <li key={hit.id}>
          <Hit hit={hit} words={words} />
        </li>
      ))}
    </ol>
  )
}

function Hit({ hit, words }: { readonly hit: SearchHit; readonly words: readonly string[] }) {
  const { t, say, choice } = useWords()
  // Found by its Chinese name while another one is shown: both are shown.
  const named = say(hit.name) !== hit.name.zh && hitsIn(hit.name.zh, words).length > 0
  return (
    <article>
      <h2>
        <Link to={paths.dataset(hit.id)}>
          <Highlighted text={say(hit.name)} words={words} />
        </Link>
      </h2>
      {named && (
        <p lang="zh">
          <Highlighted text={hit.name.zh} words={words} />
        </p>
      )}
      <p className="ht-hit-facts">
        <span>
          <Highlighted text={say(hit.departmentName)} words={words} />
        </span>
        <span className="ht-code">
          <Highlighted text={hit.officialCode ?? hit.code} words={words} />
        </span>
        {hit.shareAttribute && <State list="shareAttribute" value={hit.shareAttribute} />}
        {hit.state !== 'published' && <State list="datasetState" value={hit.state} />}
        {hit.state !== 'published' && hit.pendingState && hit.pendingState !== 'draft' && (
          <State list="versionState" value={hit.pendingState} />
        )}
      </p>
      {hit.summary && (
        <p className="ht-hit-summary">
          <Highlighted text={say(hit.summary)} words={words} />
        </p>
      )}
      {hit.itemHits.length > 0 && (
        <p className="ht-hit-items">
          <span className="ht-quiet">{t('search.items')}</span>
          {hit.itemHits.map((item) => (
            <Link key={item.code} to={paths.dataset(hit.id, 'items')}>
              <Highlighted text={say(item.name)} words={words} />
            </Link>
          ))}
          {hit.itemHitCount > hit.itemHits.length && (
            <span className="ht-quiet">{t('search.itemsMore', { count: hit.itemHitCount })}</span>
          )}
        </p>
      )}
      <p className="ht-hit-facts ht-quiet">
        <span>{t('dataset.itemsCount', { count: hit.itemCount })}</span>
        {hit.updateCycle && <span>{`${t('dataset.updateCycle')} ${choice('updateCycle', hit.updateCycle)}`}</span>}
        {hit.format && <span>{choice('formatClass', hit.format)}</span>}
        <span>
          {t('dataset.updatedAt')} <Moment at={hit.updatedAt} form="day" />
        </span>
      </p>
    </article>
  )
}
