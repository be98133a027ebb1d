import { isIsoDate } from './dates.ts'
import type { IsoDate } from './dates.ts'
import { firstWrong, refuse } from './verdict.ts'
import type { CodeRefusal } from './verdict.ts'

/** What a citizen number says. */
export interface IdNumberFacts {
  status: 'valid'
  /** 18 characters, `X` in upper case. */
  number: string
  /** Division at the time of registration; it may have been abolished since, and is not checked against any table. */
  division: string
  birthDate: IsoDate
  sex: 'male' | 'female'
  /** Mainland resident; holder of a residence permit for Hong Kong, Macao and Taiwan residents; foreigner with permanent residence. */
  holder: 'resident' | 'hk_macao_taiwan' | 'foreign_permanent'
  /** The text was a 15-digit number of GB 11643-1989, which was converted. */
  from15: boolean
}

export type IdNumberRefusal = CodeRefusal & { reason: 'format' | 'date' | 'future' | 'check_digit' }

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

/** Check character of 17 digits (GB 11643-1999, ISO 7064 MOD 11-2). Throws RangeError unless given 17 digits. */
export function idNumberCheck(first17: string): string {
  if (!/^\d{17}$/.test(first17)) throw new RangeError('17 digits are needed')
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(first17[i]), 0)
  return CHECKS[sum % 11]!
}

/**
 * The 18-character form of a 15-digit number (GB 11643-1989): the century is 19, or 18 for the sequence numbers 996 to
 * 999, which that standard kept for people above one hundred. Throws RangeError unless given 15 digits.
 */
export function idNumber15To18(number: string): string {
  if (!/^\d{15}$/.test(number)) throw new RangeError('15 digits are needed')
  const century = Number(number.slice(12)) >= 996 ? '18' : '19'
  const first17 = number.slice(0, 6) + century + number.slice(6)
  return first17 + idNumberCheck(first17)
}

function isGoodAt(character: string, at: number): boolean {
  if (at === 0) return character >= '1' && character <= '9'
  return (character >= '0' && character <= '9') || (at === 17 && character === 'X')
}

function holderOf(number: string): IdNumberFacts['holder'] {
  if (number.startsWith('9')) return 'foreign_permanent'
  return /^8[123]/.test(number) ? 'hk_macao_taiwan' : 'resident'
}

/**
 * Checks a citizen number (公民身份号码, GB 11643-1999) of 18 characters, or of 15 digits, which it converts. The birth
 * date must exist and not lie after `asOf` (a date in Asia/Shanghai). A final `x` is read as `X`.
 */
export function checkIdNumber(text: string, asOf: IsoDate): IdNumberFacts | IdNumberRefusal {
  if (!isIsoDate(asOf)) throw new RangeError('asOf must be a date YYYY-MM-DD')
  const from15 = text.length === 15
  const upper = text.toUpperCase()
  const expected = from15 ? 15 : 18
  const at = firstWrong(upper, isGoodAt, expected)
  if (text.length !== expected || at !== expected) {
    return invalid(
      'format',
      at,
      '应为 18 位（或旧 15 位）公民身份号码',
      'A citizen number has 18 characters (formerly 15)',
    )
  }
  const number = from15 ? idNumber15To18(text) : upper
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
  if (!isIsoDate(birthDate) || birthDate < '1800-01-01') {
    return invalid('date', 6, '出生日期不存在', 'The birth date does not exist')
  }
  if (birthDate > asOf) return invalid('future', 6, '出生日期晚于当前日期', 'The birth date is in the future')
  if (idNumberCheck(number.slice(0, 17)) !== number[17]) {
    return invalid('check_digit', 17, '校验码不正确', 'The check character is wrong')
  }
  const sex = Number(number[16]) % 2 === 1 ? 'male' : 'female'
  return { status: 'valid', number, division: number.slice(0, 6), birthDate, sex, holder: holderOf(number), from15 }
}

function invalid(reason: IdNumberRefusal['reason'], at: number, zh: string, en: string): IdNumberRefusal {
  return { ...refuse(reason, at, zh, en), reason }
}
