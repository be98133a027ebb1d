import { canonicalNumber } from '@huitong/segment'

/** How a number format shows a number; `digits6`: as a code of six digits with its leading zeros. */
export type NumberKind = 'number' | 'date' | 'time' | `digits${number}`

// ECMA-376 part 1, 18.8.30: built-in formats, with the East Asian ones.
const DATE_IDS = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58])
const TIME_IDS = new Set([18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47])

/** What a number format makes of a number. `code` is the custom format's text, if it has one. */
export function numberKind(id: number, code: string | undefined): NumberKind {
  if (code === undefined) return DATE_IDS.has(id) ? 'date' : TIME_IDS.has(id) ? 'time' : 'number'
  // A format of zeros alone is how people keep the leading zeros of codes that were typed as numbers.
  if (/^0{2,18}$/.test(code)) return `digits${code.length}`
  const bare = code.replaceAll(/"[^"]*"|\\.|_.|\*./g, '').replaceAll(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  if (/general|0|#|@/i.test(bare) && !/[ydhs]/i.test(bare)) return 'number'
  if (/[yd]/i.test(bare) || (/m/i.test(bare) && !/[hs]/i.test(bare))) return 'date'
  return /[hs]/i.test(bare) ? 'time' : 'number'
}

const DAY_MS = 86_400_000n
const MS_DIGITS = 20

/**
 * Text of a numeric cell: plain decimal digits, or the date or time that its format shows. The serial number is
 * reckoned in integers, to the millisecond. What is no date (negative, the day 1900-02-29 that never was) stays a number.
 */
export function numberText(raw: string, kind: NumberKind, from1904: boolean): string {
  const text = canonicalNumber(raw)
  if (kind.startsWith('digits')) return /^\d+$/.test(text) ? text.padStart(Number(kind.slice(6)), '0') : text
  const match = /^(\d{1,7})(?:\.(\d+))?$/.exec(text)
  if (kind === 'number' || match === null) return text
  const scaled = BigInt((match[2] ?? '').slice(0, MS_DIGITS).padEnd(MS_DIGITS, '0')) * DAY_MS
  const unit = 10n ** BigInt(MS_DIGITS)
  const ms = (scaled + unit / 2n) / unit
  const day = BigInt(match[1]!) + ms / DAY_MS
  const time = timeText(ms % DAY_MS)
  if (kind === 'time' && day === 0n) return time
  const date = dateText(day, from1904)
  if (date === null) return text
  return ms % DAY_MS === 0n ? date : `${date} ${time}`
}

const two = (n: bigint) => n.toString().padStart(2, '0')

function timeText(ms: bigint): string {
  const rest = ms % 1000n
  const fraction = rest === 0n ? '' : `.${rest.toString().padStart(3, '0').replace(/0+$/, '')}`
  return `${two(ms / 3_600_000n)}:${two((ms / 60_000n) % 60n)}:${two((ms / 1000n) % 60n)}${fraction}`
}

function dateText(serial: bigint, from1904: boolean): string | null {
  // The 1900 system counts a 29 February that never was as day 60.
  if (!from1904 && (serial < 1n || serial === 60n)) return null
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : serial < 60n ? Date.UTC(1899, 11, 31) : Date.UTC(1899, 11, 30)
  const at = new Date(epoch + Number(serial * DAY_MS))
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() > 9999) return null
  return at.toISOString().slice(0, 10)
}

/** Undo `_x000D_` escapes (ECMA-376 part 1, 22.9.2.19). */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text
  return text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
