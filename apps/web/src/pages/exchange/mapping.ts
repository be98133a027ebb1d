import type { ReplyOf } from '@huitong/contract'
import type { ColumnMapping, readChannel, readColumns } from '@huitong/contract/exchange'
import type { useWords } from '../../words/index.ts'
import { MAPPING } from './mapping-words.ts'

export type Mapped = ColumnMapping
export type Offered = ReplyOf<typeof readColumns>['columns'][number]

/** A row of the form: an item or a constant; codes are written one pair a line, `from = to`. */
export interface MappingRow {
  readonly as?: string
  readonly item?: string
  readonly codes?: { readonly pairs?: string; readonly otherwise?: 'refuse' | 'keep' | 'null' }
  readonly constant?: { readonly type?: 'text' | 'numeric' | 'date'; readonly value?: string }
}

/** How a column will arrive. */
export interface Preview {
  readonly as: string
  readonly offered: Offered | null
  readonly type: string
  readonly pairs: readonly { readonly from: string; readonly to: string }[]
  readonly otherwise: 'refuse' | 'keep' | 'null'
  readonly constant: string | null
}

/** Pairs of codes as people write them; a line without `=` is none. */
export function pairsOf(text: string | undefined): { from: string; to: string }[] {
  const lines = (text ?? '').split('\n').filter((line) => line.includes('='))
  return lines.map((line) => {
    const at = line.indexOf('=')
    return { from: line.slice(0, at).trim(), to: line.slice(at + 1).trim() }
  })
}

/** Lines that are no pair, counted from 1. */
export const badLines = (text: string | undefined): number[] =>
  (text ?? '').split('\n').flatMap((line, i) => (line.trim() === '' || line.includes('=') ? [] : [i + 1]))

/** What the platform is asked for. */
export function mappingOf(rows: readonly MappingRow[]): Mapped[] {
  return rows.map(({ as = '', item, codes, constant }) => {
    if (item === undefined) return { as, constant: { type: constant?.type ?? 'text', value: constant?.value ?? '' } }
    const pairs = pairsOf(codes?.pairs)
    return pairs.length === 0 ? { as, item } : { as, item, codes: { pairs, otherwise: codes?.otherwise ?? 'refuse' } }
  })
}

/** A row for each item that is granted, under its own name. */
export const rowsOf = (offered: readonly Offered[]): MappingRow[] =>
  offered.map(({ item }) => ({ as: item, item, codes: { otherwise: 'refuse' } }))

/** The columns of the receiving table as they will arrive. */
export function previewOf(rows: readonly MappingRow[], offered: readonly Offered[]): Preview[] {
  return mappingOf(rows).map(({ as, item, codes, constant }) => {
    const from = offered.find((one) => one.item === item) ?? null
    const type = constant?.type ?? (codes === undefined ? (from?.type ?? '') : 'text')
    const otherwise = codes?.otherwise ?? 'refuse'
    return { as, offered: from, type, pairs: codes?.pairs ?? [], otherwise, constant: constant?.value ?? null }
  })
}

const SHOWN_MAX = 4

/** A code map in a line. */
export function codesText(
  { pairs, otherwise }: Pick<Preview, 'pairs' | 'otherwise'>,
  say: ReturnType<typeof useWords>['say'],
): string {
  const shown = pairs.slice(0, SHOWN_MAX).map(({ from, to }) => `${from} → ${to}`)
  const more = pairs.length > SHOWN_MAX ? ['…'] : []
  return [...shown, ...more, `${say(MAPPING.otherwise)}: ${say(MAPPING[otherwise])}`].join('; ')
}

/** The mapping of a task as rows of the form. */
export const rowsOfColumns = (columns: ReplyOf<typeof readChannel>['columns']): MappingRow[] =>
  columns.map(({ as, item, type, codes, constant }) => {
    if (constant !== undefined) return { as, constant: { type: type as 'text' | 'numeric' | 'date', value: constant } }
    const pairs = codes?.pairs.map(({ from, to }) => `${from}=${to}`).join('\n') ?? ''
    return { as, item, codes: { pairs, otherwise: codes?.otherwise ?? 'refuse' } }
  })
