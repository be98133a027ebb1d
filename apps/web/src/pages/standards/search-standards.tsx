import { Button, Input } from 'antd'
import { useFilter } from '../../parts/query-table.tsx'
import { useWords } from '../../words/index.ts'
import { STANDARDS } from './standards-words.ts'

/** Finds standards by code, name or synonym; the URL holds what is asked. */
export function SearchStandards() {
  const { t, say } = useWords()
  const [q, setQ] = useFilter('q')
  return (
    <div className="ht-filters" role="search">
      <Input.Search
        key={q ?? ''}
        defaultValue={q ?? ''}
        onSearch={(value) => setQ(value.trim())}
        placeholder={say(STANDARDS.search)}
        aria-label={say(STANDARDS.search)}
        maxLength={64}
        allowClear
        enterButton={<Button>{t('filter.search')}</Button>}
        className="ht-filter-search"
      />
    </div>
  )
}
