import { BinlogFormatError, type Bytes } from './bytes.ts'
import type { LogColumn } from './column.ts'
import { doubleText } from './double-text.ts'
import { isBinary, TYPE } from './table-map.ts'

/**
 * Begins the text of a value that no segment may hold; the rest says why. Whoever lets it out refuses it: a row that stays
 * where it is may hold anything.
 */
export const REFUSED = '\0'

/** Reads one value of a row; the bytes that it took are passed. */
export type ReadValue = (bytes: Bytes) => string | null

const DIGITS_PER_WORD = 9
/** Bytes of so many digits that fill no word. */
const DIGIT_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
const SECONDS_FROM = 0x8000000000
const TIME_FROM = 0x800000

/**
 * How a column's values are read: as the same text that the source's query gives in a copy (`segmentTextMysql` of
 * `packages/segment`). @throws BinlogFormatError for types that the log names and we do not know.
 */
export function readerOf(column: LogColumn, zeroDates: 'refuse' | 'null'): ReadValue {
  const { type, size, scale, isUnsigned } = column
  const noDay = zeroDates === 'null' ? null : `${REFUSED}a zero date`
  switch (type) {
    case TYPE.tiny:
      return integer(1, isUnsigned)
    case TYPE.short:
      return integer(2, isUnsigned)
    case TYPE.int24:
      return integer(3, isUnsigned)
    case TYPE.long:
      return integer(4, isUnsigned)
    case TYPE.longlong:
      return (bytes) => (isUnsigned ? bytes.uint64() : bytes.int64()).toString()
    case TYPE.year:
      return (bytes) => yearText(bytes.uint(1))
    case TYPE.float:
      return (bytes) => doubleText(bytes.float())
    case TYPE.double:
      return (bytes) => doubleText(bytes.double())
    case TYPE.decimal:
      return (bytes) => decimalText(bytes, size, scale)
    case TYPE.bit:
      return (bytes) => bitText(bytes, size)
    case TYPE.date:
    case TYPE.newdate:
      return (bytes) => dateText(bytes.uint(3), noDay)
    case TYPE.datetime2:
      return (bytes) => datetimeText(bytes, size, noDay)
    case TYPE.timestamp2:
      return (bytes) => timestampText(bytes, size, noDay)
    case TYPE.time2:
      return (bytes) => timeText(bytes, size)
    case TYPE.enum:
    case TYPE.set:
      return choiceText(column)
    default:
      return stringReader(column)
  }
}

const integer = (length: number, isUnsigned: boolean): ReadValue =>
  isUnsigned ? (bytes) => String(bytes.uint(length)) : (bytes) => String(bytes.int(length))

const yearText = (year: number) => (year === 0 ? '0' : String(1900 + year))

const two = (part: number) => (part < 10 ? `0${part}` : String(part))
const day = (year: number, month: number, date: number) => `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`

function dateText(packed: number, noDay: string | null): string | null {
  const [year, month, date] = [packed >> 9, (packed >> 5) & 15, packed & 31]
  return year === 0 || month === 0 || date === 0 ? noDay : day(year, month, date)
}

const fractionBytes = (digits: number) => (digits + 1) >> 1

/** Bytes hold two digits each; an odd number of digits leaves the last one unused. */
function fractionText(value: number, digits: number): string {
  if (digits === 0) return ''
  return `.${String(value)
    .padStart(2 * fractionBytes(digits), '0')
    .slice(0, digits)}`
}

function datetimeText(bytes: Bytes, digits: number, noDay: string | null): string | null {
  const packed = bytes.uintBig(5) - SECONDS_FROM
  const fraction = bytes.uintBig(fractionBytes(digits))
  if (packed < 0) throw new BinlogFormatError('a moment before all days')
  const seconds = packed % 2 ** 17
  const days = Math.floor(packed / 2 ** 17)
  const [months, date] = [days >> 5, days & 31]
  const [year, month] = [Math.floor(months / 13), months % 13]
  if (year === 0 || month === 0 || date === 0) return noDay
  const time = `${two(seconds >> 12)}:${two((seconds >> 6) & 63)}:${two(seconds & 63)}`
  return `${day(year, month, date)} ${time}${fractionText(fraction, digits)}`
}

function timestampText(bytes: Bytes, digits: number, noDay: string | null): string | null {
  const seconds = bytes.uintBig(4)
  const fraction = bytes.uintBig(fractionBytes(digits))
  if (seconds === 0 && fraction === 0) return noDay
  const whole = new Date(seconds * 1000).toISOString()
  return `${whole.slice(0, 10)} ${whole.slice(11, 19)}${fractionText(fraction, digits)}+00`
}

/** A span with a sign; a negative one is turned over as one number with its fraction. */
function timeText(bytes: Bytes, digits: number): string {
  const length = fractionBytes(digits)
  const shift = 2 ** (8 * length)
  const packed = (bytes.uintBig(3) - TIME_FROM) * shift + bytes.uintBig(length)
  const size = Math.abs(packed)
  const [seconds, fraction] = [Math.floor(size / shift), size % shift]
  const text = `${two(seconds >> 12)}:${two((seconds >> 6) & 63)}:${two(seconds & 63)}${fractionText(fraction, digits)}`
  return packed < 0 ? `-${text}` : text
}

/** Words of nine digits each, the first bit turned over, all bits turned over for a negative number. */
function decimalText(bytes: Bytes, precision: number, scale: number): string {
  const whole = precision - scale
  const lengths = [
    ...(whole % DIGITS_PER_WORD === 0 ? [] : [whole % DIGITS_PER_WORD]),
    ...Array<number>(Math.floor(whole / DIGITS_PER_WORD)).fill(DIGITS_PER_WORD),
  ]
  const fractions = [
    ...Array<number>(Math.floor(scale / DIGITS_PER_WORD)).fill(DIGITS_PER_WORD),
    ...(scale % DIGITS_PER_WORD === 0 ? [] : [scale % DIGITS_PER_WORD]),
  ]
  const all = [...lengths, ...fractions].map((digits) => DIGIT_BYTES[digits as 9])
  const raw = Buffer.from(bytes.take(all.reduce((sum, length) => sum + length, 0)))
  const isNegative = (raw[0]! & 0x80) === 0
  raw[0]! ^= 0x80
  if (isNegative) for (let i = 0; i < raw.length; i++) raw[i]! ^= 0xff
  let at = 0
  const words = (list: readonly number[]) =>
    list
      .map((digits) => {
        const length = DIGIT_BYTES[digits as 9]
        const text = String(raw.readUIntBE(at, length)).padStart(digits, '0')
        at += length
        return text
      })
      .join('')
  const integer = words(lengths).replace(/^0+(?=\d)/, '') || '0'
  const decimals = words(fractions)
  const isZero = !/[1-9]/.test(integer + decimals)
  return `${isNegative && !isZero ? '-' : ''}${integer}${scale === 0 ? '' : `.${decimals}`}`
}

function bitText(bytes: Bytes, bits: number): string {
  const raw = bytes.take((bits + 7) >> 3)
  if (bits === 1) return raw[0] === 0 ? 'f' : 't'
  return BigInt(`0x${raw.toString('hex')}`).toString()
}

function choiceText({ type, size, choices, charset }: LogColumn): ReadValue {
  const words = choices.map((choice) => charset?.decode(choice) ?? `${REFUSED}bytes that are no character`)
  if (type === TYPE.enum) {
    return (bytes) => {
      const place = bytes.uint(size)
      // The place of what was no word when it was written.
      if (place === 0) return ''
      const word = words[place - 1]
      if (word === undefined) throw new BinlogFormatError(`word ${place} of ${words.length}`)
      return word
    }
  }
  return (bytes) => {
    const set = BigInt(`0x${Buffer.from(bytes.take(size)).reverse().toString('hex')}`)
    const chosen = words.filter((_word, i) => ((set >> BigInt(i)) & 1n) === 1n)
    const bad = chosen.find((word) => word.startsWith(REFUSED))
    return bad ?? chosen.join(',')
  }
}

function stringReader(column: LogColumn): ReadValue {
  const { type, size, charset } = column
  const lengthBytes = type === TYPE.blob || type === TYPE.geometry ? size : size > 255 ? 2 : 1
  const raw = (bytes: Bytes) => bytes.take(bytes.uint(lengthBytes))
  if (type === TYPE.geometry) return (bytes) => `\\x${raw(bytes).toString('hex')}`
  if (![TYPE.string, TYPE.varchar, TYPE.varString, TYPE.blob].includes(type as 15)) {
    throw new BinlogFormatError(`type ${type}`)
  }
  if (isBinary(column)) {
    // BINARY(n) is filled up with zeros, which the log leaves out.
    const width = type === TYPE.string ? 2 * size : 0
    return (bytes) => `\\x${raw(bytes).toString('hex').padEnd(width, '0')}`
  }
  const decode = charset?.decode ?? (() => null)
  return (bytes) => decode(raw(bytes)) ?? `${REFUSED}bytes that are no character`
}

/** Passes a value that nobody asks for, also of a type that is not read. */
export function passerOf(column: LogColumn): (bytes: Bytes) => void {
  const { type, size, scale } = column
  const fixed = (length: number) => (bytes: Bytes) => void bytes.skip(length)
  const known = FIXED_BYTES[type]
  if (known !== undefined) return fixed(known)
  switch (type) {
    case TYPE.decimal: {
      const bytesOf = (digits: number) => 4 * Math.floor(digits / DIGITS_PER_WORD) + DIGIT_BYTES[(digits % 9) as 9]
      return fixed(bytesOf(size - scale) + bytesOf(scale))
    }
    case TYPE.bit:
      return fixed((size + 7) >> 3)
    case TYPE.datetime2:
      return fixed(5 + fractionBytes(size))
    case TYPE.timestamp2:
      return fixed(4 + fractionBytes(size))
    case TYPE.time2:
      return fixed(3 + fractionBytes(size))
    case TYPE.enum:
    case TYPE.set:
      return fixed(size)
    default: {
      const isLong = type === TYPE.blob || type === TYPE.geometry || type === TYPE.json || type === TYPE.blobCompressed
      const lengthBytes = isLong ? size : size > 255 ? 2 : 1
      return (bytes) => void bytes.skip(bytes.uint(lengthBytes))
    }
  }
}

const FIXED_BYTES: Readonly<Record<number, number>> = {
  [TYPE.tiny]: 1,
  [TYPE.year]: 1,
  [TYPE.short]: 2,
  [TYPE.int24]: 3,
  [TYPE.date]: 3,
  [TYPE.newdate]: 3,
  [TYPE.time]: 3,
  [TYPE.long]: 4,
  [TYPE.float]: 4,
  [TYPE.timestamp]: 4,
  [TYPE.double]: 8,
  [TYPE.longlong]: 8,
  [TYPE.datetime]: 8,
}
