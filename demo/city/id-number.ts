const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

/** Check character of the first 17 digits of a citizen number (GB 11643-1999). */
export function idCheck(first17: string): string {
  if (!/^\d{17}$/.test(first17)) throw new RangeError('17 digits are needed')
  let sum = 0
  for (let at = 0; at < 17; at++) sum += WEIGHTS[at]! * (first17.charCodeAt(at) - 48)
  return CHECKS[sum % 11]!
}

/** A citizen number: division, birth date `YYYY-MM-DD`, and a sequence of 0 to 999 that is odd for men. */
export function idNumber(division: string, birthDate: string, sequence: number): string {
  const first17 = `${division}${birthDate.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`
  return first17 + idCheck(first17)
}
