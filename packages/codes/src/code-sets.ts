import data from '../data/code-sets.json' with { type: 'json' }
import { divisions, divisionsSource } from './division.ts'

/** A national table of codes, with where it comes from and how far it goes. */
export interface NationalCodeSet {
  /** The standard without its year: `GB/T 3304`. */
  readonly code: string
  readonly name: { readonly zh: string; readonly en: string }
  /** The year of the standard, or the edition of the table: `1991`. */
  readonly edition: string
  /** The standard with its title, and what of it is here. */
  readonly source: string
  readonly codes: readonly { readonly code: string; readonly name: string }[]
}

/**
 * The national tables that are here as data: sexes, marital status, nationalities, sections of industry, political
 * affiliation, and the divisions. Only tables known code by code; of a large standard its top level.
 */
export function nationalCodeSets(): readonly NationalCodeSet[] {
  const listed = data.map(({ codes, ...one }) => ({
    ...one,
    codes: Object.entries(codes as Record<string, string>)
      .map(([code, name]) => ({ code, name }))
      .toSorted((left, right) => (left.code < right.code ? -1 : 1)),
  }))
  const source = divisionsSource
  const own = {
    code: 'GB/T 2260',
    name: { zh: '中华人民共和国行政区划代码（2023 年统计用）', en: 'Divisions as of the statistics of 2023' },
    edition: source.edition,
    source: `${source.title}（${source.package}）`,
    codes: divisions().map(({ code, name }) => ({ code, name })),
  }
  return [own, ...listed]
}
