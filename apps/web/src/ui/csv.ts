import { spreadsheetText } from '@huitong/contract/spreadsheet'

/** A field of CSV that spreadsheets take for text: quoted, and never for a formula. */
const field = (text: string) => `"${spreadsheetText(text).replaceAll('"', '""')}"`

/** Rows as CSV that spreadsheets open as it is: with a byte-order mark and line ends of theirs. */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  `\uFEFF${rows.map((row) => `${row.map(field).join(',')}\r\n`).join('')}`
