import { firstWrong, refuse } from './verdict.ts'
import type { CodeRefusal } from './verdict.ts'

export type OrganisationCodeVerdict =
  | { status: 'valid'; code: string }
  | (CodeRefusal & { reason: 'format' | 'check_digit' })

const WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]

/** Check character of the first 8 characters (GB 11714-1997). Throws RangeError unless given 8 of 0-9 A-Z. */
export function organisationCodeCheck(first8: string): string {
  if (!/^[0-9A-Z]{8}$/.test(first8)) throw new RangeError('8 characters of 0-9 A-Z are needed')
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number.parseInt(first8[i]!, 36), 0)
  const check = 11 - (sum % 11)
  return check === 10 ? 'X' : String(check % 11)
}

function isGoodAt(character: string, at: number): boolean {
  return at === 8 ? /^[0-9X]$/.test(character) : /^[0-9A-Z]$/.test(character)
}

/** Checks an organisation code (组织机构代码, GB 11714-1997): 9 characters, or with a hyphen before the last. */
export function checkOrganisationCode(text: string): OrganisationCodeVerdict {
  const code = text.length === 10 && text[8] === '-' ? text.slice(0, 8) + text.slice(9) : text
  const at = firstWrong(code, isGoodAt, 9)
  if (code.length !== 9 || at !== 9) {
    return {
      ...refuse('format', at, '应为 9 位组织机构代码', 'An organisation code has 9 characters'),
      reason: 'format',
    }
  }
  if (organisationCodeCheck(code.slice(0, 8)) !== code[8]) {
    return { ...refuse('check_digit', 8, '校验码不正确', 'The check character is wrong'), reason: 'check_digit' }
  }
  return { status: 'valid', code }
}
