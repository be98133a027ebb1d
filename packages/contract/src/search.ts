import { Type, type Static } from 'typebox'
import { DatasetSummary, FormatClass, ShareAttribute, UpdateCycle } from './catalogue.ts'
import { exact, LanguageMap, nullable, oneOf, page, PageQuery, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** 开放属性. */
export const OpenAttribute = oneOf('unconditional', 'conditional', 'closed')

/** By what the catalogue is narrowed, in the order in which pages show it; each is one value of a dataset. */
export const FACETS = ['department', 'region', 'share', 'open', 'format', 'cycle'] as const
export type FacetName = (typeof FACETS)[number]
/** Stands for "not said": drafts may lack what publication asks for. */
export const UNSAID = 'none'

const QUERY_CHARACTERS_MAX = 200
const CHOICES_MAX = 20
/** Several values parted by commas: a dataset passes with any of them. */
const someOf = (value: string) => Type.String({ pattern: `^(${value})(,(${value})){0,${CHOICES_MAX - 1}}$` })
const anyOf = (schema: { enum?: unknown }) => someOf([...(schema.enum as string[]), UNSAID].join('|'))

const Narrowed = {
  q: Type.Optional(text(QUERY_CHARACTERS_MAX)),
  department: Type.Optional(someOf('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')),
  region: Type.Optional(someOf('\\d{6}')),
  share: Type.Optional(anyOf(ShareAttribute as { enum?: unknown })),
  open: Type.Optional(anyOf(OpenAttribute as { enum?: unknown })),
  format: Type.Optional(anyOf(FormatClass as { enum?: unknown })),
  cycle: Type.Optional(anyOf(UpdateCycle as { enum?: unknown })),
}
export const SearchQuery = exact(Narrowed)
export type SearchQuery = Static<typeof SearchQuery>

const SearchHit = exact({
  ...DatasetSummary.properties,
  summary: nullable(LanguageMap(1000)),
  open: nullable(OpenAttribute),
  format: nullable(FormatClass),
  /** Items in whose name or code a word stands; the first few of `itemHitCount`. */
  itemHits: Type.Array(exact({ code: Type.String(), name: LanguageMap(128) })),
  itemHitCount: Type.Integer(),
})
export type SearchHit = Static<typeof SearchHit>

const FacetValue = exact({ value: Type.String(), words: nullable(LanguageMap(128)), count: Type.Integer() })
const Facet = exact({
  values: Type.Array(FacetValue),
  /** Datasets under values that the list leaves out because it would be too long. */
  others: Type.Integer(),
})

/** All words of `q`, each as a substring anywhere in name, item, summary, department or code. */
export const searchDatasets = endpoint({
  id: 'catalogue.search.find',
  method: 'GET',
  path: '/api/v1/search/datasets',
  access: 'catalogue.read',
  words: words('检索目录', 'Search the catalogue'),
  query: exact({ ...Narrowed, ...PageQuery, sort: Type.Optional(oneOf('relevance', 'updated')) }),
  reply: page(SearchHit),
})
/** Counts under the same query; those of one facet under the choices of all others. */
export const searchFacets = endpoint({
  id: 'catalogue.search.facets',
  method: 'GET',
  path: '/api/v1/search/facets',
  access: 'catalogue.read',
  words: words('检索分面计数', 'Counts of a search'),
  query: SearchQuery,
  reply: exact({
    total: Type.Integer(),
    facets: exact({ department: Facet, region: Facet, share: Facet, open: Facet, format: Facet, cycle: Facet }),
  }),
})
export const suggestDatasets = endpoint({
  id: 'catalogue.search.suggest',
  method: 'GET',
  path: '/api/v1/search/suggestions',
  access: 'catalogue.read',
  words: words('检索联想', 'Suggest while typing'),
  query: exact({ q: text(QUERY_CHARACTERS_MAX, 1) }),
  reply: exact({
    datasets: Type.Array(exact({ id: Uuid, name: LanguageMap(128), departmentName: LanguageMap(128) })),
    /** Names of items that hold the words. */
    items: Type.Array(LanguageMap(128)),
    departments: Type.Array(exact({ id: Uuid, name: LanguageMap(128) })),
  }),
})
/** The index is derived data; this makes all of it anew while the old one goes on answering. */
export const rebuildSearch = endpoint({
  id: 'catalogue.search.rebuild',
  method: 'POST',
  path: '/api/v1/search/rebuild',
  access: 'setting.manage',
  words: words('重建检索索引', 'Rebuild the search index'),
  reply: exact({ datasets: Type.Integer() }),
  status: 202,
})

export const searchEndpoints = [searchDatasets, searchFacets, suggestDatasets, rebuildSearch] as const
