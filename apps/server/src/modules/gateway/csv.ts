import type { AnswerRow } from './statements.ts'

/** Values that a reader of CSV could take for something else are quoted; NULL is nothing at all, the empty text is `""`. */
const field = (value: string | boolean | null): string => {
  if (value === null) return ''
  if (value === '') return '""'
  return typeof value === 'string' && /[",\r\n]|^\s|\s$/.test(value)
    ? `"${value.replaceAll('"', '""')}"`
    : String(value)
}

/** A line of CSV (RFC 4180, but lines end with a line feed, as in the platform's own files). */
export const csvLine = (values: readonly (string | boolean | null)[]): string => `${values.map(field).join(',')}\n`

/** Rows as text of one of the formats, each line whole. */
export const FORMATS = {
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: (items: readonly string[]) => csvLine(items),
    line: (row: AnswerRow, items: readonly string[]) => csvLine(items.map((item) => row[item] ?? null)),
  },
  jsonl: {
    contentType: 'application/jsonl; charset=utf-8',
    head: () => '',
    line: (row: AnswerRow) => `${JSON.stringify(row)}\n`,
  },
} as const
export type Format = keyof typeof FORMATS
