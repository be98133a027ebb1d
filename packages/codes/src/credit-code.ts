import { organisationCodeCheck } from './organisation-code.ts'
import { firstWrong, refuse } from './verdict.ts'
import type { CodeRefusal, Words } from './verdict.ts'

/** The parts of a unified social credit code. */
export interface CreditCodeParts {
  code: string
  /** 登记管理部门, the first character. */
  registrar: string
  /** 机构类别, the second character. */
  category: string
  /** 登记管理机关行政区划, six digits. */
  division: string
  /** 主体标识码（组织机构代码）, nine characters. */
  organisation: string
}

/**
 * `invalid` only for a wrong form. A wrong check character is a `warning`: real codes issued long ago are known to fail
 * it, so it must not reject a record by itself.
 */
export type CreditCodeVerdict =
  | (CreditCodeParts & { status: 'valid' })
  | (CreditCodeParts & {
      status: 'warning'
      reason: 'check_digit' | 'organisation_check_digit'
      at: number
      words: Words
    })
  | (CodeRefusal & { reason: 'format' })

/** 31 characters, without I O S V Z; the value of each is its index. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** Check character of the first 17 characters (GB 32100-2015). Throws RangeError for characters outside the alphabet. */
export function creditCodeCheck(first17: string): string {
  if (first17.length !== 17) throw new RangeError('17 characters are needed')
  const sum = WEIGHTS.reduce((total, weight, i) => {
    const value = ALPHABET.indexOf(first17[i]!)
    if (value < 0) throw new RangeError(`${first17[i]} is not in the alphabet`)
    return total + weight * value
  }, 0)
  return ALPHABET[(31 - (sum % 31)) % 31]!
}

function isGoodAt(character: string, at: number): boolean {
  return at >= 2 && at <= 7 ? character >= '0' && character <= '9' : ALPHABET.includes(character)
}

/**
 * Checks a unified social credit code (统一社会信用代码, GB 32100-2015). `accepted` lists codes that are known to be real
 * although their check characters fail.
 */
export function checkCreditCode(text: string, accepted: ReadonlySet<string> = new Set()): CreditCodeVerdict {
  const at = firstWrong(text, isGoodAt, 18)
  if (text.length !== 18 || at !== 18) {
    const zh = '应为 18 位统一社会信用代码（不含 I、O、S、V、Z）'
    const en = 'A unified social credit code has 18 characters, without I, O, S, V and Z'
    return { ...refuse('format', at, zh, en), reason: 'format' }
  }
  const parts: CreditCodeParts = {
    code: text,
    registrar: text[0]!,
    category: text[1]!,
    division: text.slice(2, 8),
    organisation: text.slice(8, 17),
  }
  if (accepted.has(text)) return { ...parts, status: 'valid' }
  if (creditCodeCheck(text.slice(0, 17)) !== text[17]) {
    const words = { zh: '第 18 位校验码不符，请核实', en: 'The check character (18th) does not match; please verify' }
    return { ...parts, status: 'warning', reason: 'check_digit', at: 17, words }
  }
  if (organisationCodeCheck(text.slice(8, 16)) !== text[16]) {
    const words = {
      zh: '主体标识码（第 17 位）校验不符，请核实',
      en: 'The check character of the organisation code (17th) does not match; please verify',
    }
    return { ...parts, status: 'warning', reason: 'organisation_check_digit', at: 16, words }
  }
  return { ...parts, status: 'valid' }
}
