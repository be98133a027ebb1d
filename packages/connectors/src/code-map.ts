import { quoteText } from '@huitong/policy'
import type { FieldText } from './connector.ts'
import { ConnectorError } from './errors.ts'

/** Codes of one list into codes of another; NULL stays NULL. Texts are the same by their bytes alone. */
export interface CodeMap {
  readonly pairs: readonly { readonly from: string; readonly to: string }[]
  /** Of a value that is not listed; `refuse` ends the reading with `unmapped_code` and the name of the column. */
  readonly otherwise: 'refuse' | 'keep' | 'null'
}

const MARK = 'unmapped code: '
/** What MySQL answers for a code that is not mapped: no text of a segment may begin with NUL, so it is never sent. */
export const UNMAPPED = Buffer.from(`\0${MARK}`)

/** The map as a function, for what is read field by field. `as` is the name of the column. */
export function mapCode(map: CodeMap, as: string): (value: FieldText) => FieldText {
  const codes = new Map(map.pairs.map(({ from, to }) => [from, to]))
  return (value) => {
    if (value === null) return null
    const mapped = codes.get(value)
    if (mapped !== undefined) return mapped
    if (map.otherwise === 'null') return null
    if (map.otherwise === 'keep') return value
    throw new ConnectorError('unmapped_code', 'a code that is not mapped', { place: { column: as } })
  }
}

/**
 * The map as a PostgreSQL expression over an expression of text. What is not mapped fails a cast: the server's message
 * then names the column ({@link unmappedColumn}), and never the value. The cast depends on the row, or it would fail
 * while the query is planned.
 */
export function codedPostgres(text: string, map: CodeMap, as: string): string {
  const refusal = `((${quoteText(MARK + as)} || left(${text}, 0))::integer)::text`
  const when = map.pairs.map(({ from, to }) => `when ${quoteText(from)} then ${quoteText(to)}`).join(' ')
  return caseOf(text, `(${text}) COLLATE "C" ${when}`, map, refusal)
}

/** The map as a MySQL expression over an expression of text. */
export function codedMysql(text: string, map: CodeMap): string {
  const bytes = (one: string) => `cast(convert(${one} using utf8mb4) as binary)`
  const when = map.pairs.map(({ from, to }) => `when ${bytes(quoteText(from))} then ${quoteText(to)}`).join(' ')
  return caseOf(text, `${bytes(text)} ${when}`, map, `concat(char(0 using utf8mb4), ${quoteText(MARK)})`)
}

function caseOf(text: string, listed: string, { otherwise }: CodeMap, refusal: string): string {
  const rest = { refuse: refusal, keep: text, null: 'null' }[otherwise]
  return `(case when ${text} is null then null else case ${listed} else ${rest} end end)`
}

/** The column of which a server's message says that a code is not mapped; null when it says something else. */
export function unmappedColumn(message: string): string | null {
  return new RegExp(`: "${MARK}([a-z0-9_]+)"$`).exec(message)?.[1] ?? null
}
