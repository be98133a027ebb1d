import type { Language } from '../preferences.tsx'

const UNITS = {
  zh: [
    { from: 100_000_000n, word: ' 亿' },
    { from: 10_000n, word: ' 万' },
  ],
  en: [
    { from: 1_000_000_000n, word: ' B' },
    { from: 1_000_000n, word: ' M' },
    { from: 10_000n, per: 1_000n, word: ' k' },
  ],
} as const

/** Digits in groups of three: `12,345,678`. Takes 64-bit counts as the decimal strings that the API sends. */
export function exactNumber(value: string | number): string {
  return String(value).replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','))
}

/** A count that can be taken in at a glance: `1.23 亿`, `45.6 万`; under ten thousand it is exact. Cut, never rounded up. */
export function shortNumber(value: string | number, language: Language): string {
  const text = String(value)
  if (!/^-?\d+$/.test(text)) return exactNumber(text)
  const count = BigInt(text)
  const size = count < 0n ? -count : count
  const unit = UNITS[language].find((candidate) => size >= candidate.from)
  if (!unit) return exactNumber(text)
  const per = 'per' in unit ? unit.per : unit.from
  const hundredths = (size * 100n) / per
  const whole = hundredths / 100n
  const rest = String(hundredths % 100n).padStart(2, '0')
  const digits = whole >= 100n ? '' : whole >= 10n ? rest.slice(0, 1) : rest
  const fraction = digits.replace(/0+$/, '')
  return `${count < 0n ? '-' : ''}${exactNumber(String(whole))}${fraction ? `.${fraction}` : ''}${unit.word}`
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** A size in binary units: `1.5 MiB`. */
export function bytes(value: string | number): string {
  let size = Number(value)
  let unit = 0
  while (size >= 1024 && unit < BYTE_UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 2 : 1)} ${BYTE_UNITS[unit]}`
}
