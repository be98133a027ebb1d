/**
 * A text as a cell that spreadsheets do not compute: what begins like a formula gets an apostrophe, numbers below zero stay.
 * (OWASP, CSV injection.)
 */
export const spreadsheetText = (text: string): string =>
  /^[=+@\t\r]/.test(text) || (text.startsWith('-') && !/^-\d+(\.\d+)?$/.test(text)) ? `'${text}` : text
