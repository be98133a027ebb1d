/** 31 characters, without I O S V Z (GB 32100-2015); the value of each is its place. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]

function valueOf(character: string): number {
  const value = ALPHABET.indexOf(character)
  if (value < 0) throw new RangeError(`${character} does not stand in a credit code`)
  return value
}

/** Check character of an organisation code (GB 11714-1997) of eight characters; letters count from 10 (A) to 35 (Z). */
export function organisationCheck(first8: string): string {
  if (!/^[0-9A-Z]{8}$/.test(first8)) throw new RangeError('eight digits or letters are needed')
  const sum = [...first8].reduce((total, one, at) => total + Number.parseInt(one, 36) * ORGANISATION_WEIGHTS[at]!, 0)
  const check = 11 - (sum % 11)
  return check === 10 ? 'X' : check === 11 ? '0' : String(check)
}

/** Check character of a unified social credit code from its first 17 characters (GB 32100-2015, weights 3^i mod 31). */
export function creditCheck(first17: string): string {
  if (first17.length !== 17) throw new RangeError('17 characters are needed')
  let weight = 1
  let sum = 0
  for (const character of first17) {
    sum += valueOf(character) * weight
    weight = (weight * 3) % 31
  }
  return ALPHABET[(31 - (sum % 31)) % 31]!
}

/**
 * A unified social credit code of a state organ (机构编制 1, 机关 1) registered in a division, with both check characters.
 * `serial` numbers the organs of the division, 0 to 9999.
 */
export function organCreditCode(division: string, serial: number): string {
  const body = `MB${String(serial).padStart(4, '0')}${division.slice(2, 4)}`
  const first17 = `11${division}${body}${organisationCheck(body)}`
  return `${first17}${creditCheck(first17)}`
}
