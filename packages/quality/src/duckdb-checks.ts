/** A check character as SQL expressions that follow one another; all of them see NULL where the form is wrong. */
export interface Steps {
  /** The form that the text must have. */
  readonly form: string
  /** Each is written from the one before, the first from the text. */
  readonly steps: readonly ((last: string) => string)[]
  /** Whether the check is right, from the last and the text itself. */
  readonly answer: (last: string, x: string) => string
}

/**
 * GB 11643: the sum of digit × 2^(18 − place) over all 18 places is 1 modulo 11. Sixteen digits are read as hexadecimal,
 * so that each is a nibble; folding neighbours with their weights (2, 4, 16, 256) sums them all at once.
 */
export const idCheckSteps: Steps = {
  form: '[1-9]\\d{16}[\\dX]',
  steps: [
    (x) => `('0x' || ${x}[1:16])::UBIGINT`,
    (h) => fold(h, '1085102592571150095', 4, 2),
    (h) => fold(h, '71777214294589695', 8, 4),
    (h) => fold(h, '281470681808895', 16, 16),
    (h) => `((${h} & 4294967295::UBIGINT) + 256::UBIGINT * (${h} >> 32))::INTEGER`,
  ],
  answer: (sum, x) =>
    `(4 * ${sum} + 2 * (ascii(${x}[17]) - 48) + CASE WHEN ${x}[18] = 'X' THEN 10 ELSE ascii(${x}[18]) - 48 END) % 11 = 1`,
}

const fold = (h: string, mask: string, bits: number, weight: number): string =>
  `(${h} & ${mask}::UBIGINT) + ${weight}::UBIGINT * ((${h} >> ${bits}) & ${mask}::UBIGINT)`

const CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1]
const ORGANISATION_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]

/** Σ weight × value over places, each value being the character's place in the alphabet, from 0. */
function weighted(x: string, from: number, weights: readonly number[], alphabet: string): string {
  const terms = weights.map((weight, at) => `${weight} * instr('${alphabet}', ${x}[${from + at}])`)
  return `(${terms.join(' + ')} - ${weights.reduce((sum, one) => sum + one)})`
}

/** GB 32100: the weighted sum of all 18 places is 0 modulo 31; and GB 11714 holds for places 9 to 17. */
export const creditCheckSteps: Steps = {
  form: `[${CREDIT_ALPHABET}]{2}\\d{6}[${CREDIT_ALPHABET}]{10}`,
  steps: [
    (x) =>
      `CASE WHEN ${weighted(x, 1, CREDIT_WEIGHTS, CREDIT_ALPHABET)} % 31 = 0 THEN ${weighted(x, 9, ORGANISATION_WEIGHTS, ORGANISATION_ALPHABET)} % 11 END`,
  ],
  // The check of an organisation code is 11 − sum modulo 11, with X for 10 and 0 for 11.
  answer: (rest, x) => `'0X987654321'[${rest} + 1] = ${x}[17]`,
}
