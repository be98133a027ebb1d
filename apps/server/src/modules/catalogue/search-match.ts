import type { SearchQuery } from '@huitong/contract/search'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { gramsOf, wordsOf } from '@huitong/search'
import { sql, type RawBuilder } from 'kysely'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import { cutWords } from './search-text.ts'

/** Fields of `VISIBILITY.dataset` over `dataset_search s`. */
const FIELDS: Record<string, string> = { department: 's.department_id', published: 's.published', pending: 's.pending' }

/** The rows of the index whose datasets the actor may see: the same predicate as for lists and details. */
export const searchSees = (actor: Person): RawBuilder<unknown> =>
  sql.raw(emitPostgres(VISIBILITY.dataset(viewerOf(actor)), (field) => FIELDS[field]!))

/** All words stand in the texts of `s`, each anywhere. */
export function searchMatches(words: readonly string[]): RawBuilder<unknown> {
  if (words.length === 0) return sql`true`
  const long = words.filter((word) => Array.from(word).length > 2)
  const conditions = [
    sql`s.ctid = any((select huitong_search_places(${gramsOf(words)}::text[]))::tid[])`,
    // Pairs that stand apart are not yet the word.
    ...long.map(
      (word) => sql`(strpos(s.title, ${word}) > 0 or strpos(s.items, ${word}) > 0 or strpos(s.rest, ${word}) > 0)`,
    ),
  ]
  return sql.join(conditions, sql` and `)
}

/**
 * How well a dataset answers: a word in the title counts more than in an item, there more than elsewhere; the whole
 * name more than a word of the language, and that more than signs that happen to stand side by side; a short title
 * more than a long one.
 */
export function searchScore(words: readonly string[]): RawBuilder<unknown> {
  if (words.length === 0) return sql`0`
  return sql.join(words.map(scoreOf), sql` + `)
}

function scoreOf(word: string): RawBuilder<unknown> {
  const [line, cut, signs] = [`\n${word}\n`, cutWords(word), Array.from(word).length]
  return sql`(case when strpos(s.title, ${word}) = 0 then 0
      else case when strpos(s.title, ${line}) > 0 then 40 when strpos(s.title_words, ${cut}) > 0 then 24 else 16 end
        + ${20 * signs}::integer / length(s.title) end
    + case when strpos(s.items, ${word}) = 0 then 0
      when strpos(s.items, ${line}) > 0 then 10 when strpos(s.item_words, ${cut}) > 0 then 8 else 6 end
    + case when strpos(s.rest, ${word}) > 0 then 2 else 0 end)`
}

/** For each facet, what a dataset must be so that the choices made there let it pass; facets without choices are left out. */
export function searchChoices(query: SearchQuery): Map<string, RawBuilder<unknown>> {
  const chosen = (text: string | undefined) => text?.split(',') ?? null
  const made = new Map<string, RawBuilder<unknown>>()
  const one = (name: string, values: string[] | null, condition: (values: string[]) => RawBuilder<unknown>) =>
    values && made.set(name, condition(values))
  one('department', chosen(query.department), (values) => sql`s.department_id = any(${values}::uuid[])`)
  one(
    'region',
    chosen(query.region),
    (values) => sql`s.department_id = any(array(select id from department where division = any(${values}::text[])))`,
  )
  one('share', chosen(query.share), (values) => sql`s.share = any(${values}::text[])`)
  one('open', chosen(query.open), (values) => sql`s.open = any(${values}::text[])`)
  one('format', chosen(query.format), (values) => sql`s.format = any(${values}::text[])`)
  one('cycle', chosen(query.cycle), (values) => sql`s.cycle = any(${values}::text[])`)
  return made
}

/** Everything that a row of a search must satisfy. */
export function searchWhere(actor: Person, query: SearchQuery): RawBuilder<unknown> {
  const words = wordsOf(query.q ?? '')
  const parts = [searchMatches(words), searchSees(actor), ...searchChoices(query).values()]
  return sql.join(parts, sql` and `)
}
