import { dateOfDigits } from './duckdb-text.ts'
import type { DuckDbWriter, Piece } from './duckdb.ts'

/** Codes with check characters as DuckDB SQL: arithmetic on whole words in place of one expression for each character. */

/** What is known of a citizen number once its characters have become numbers. */
interface IdDigits {
  /** The first sixteen digits, one in each nibble; NULL where they are no such thing. */
  readonly digits: Piece
  readonly place17: Piece
  readonly place18: Piece
  /** Eighteen characters that could be a citizen number. */
  readonly form: Piece
}

/**
 * Sixteen digits are read as hexadecimal, so that each is a nibble. What such a reading also takes is seen from the number:
 * letters A to F are nibbles above nine, and a sign that it passes over leaves the first nibble empty.
 */
function idDigits(writer: DuckDbWriter, of: Piece): IdDigits {
  const x = of.sql
  const read = (sql: string) => writer.share({ sql, level: of.level, as: 'integer' })
  const digits = read(`CASE WHEN strlen(${x}) = 18 THEN try_cast(concat('0x', substring(${x}, 1, 16)) AS UBIGINT) END`)
  const [place17, place18] = [read(`ascii(substring(${x}, 17, 1))`), read(`ascii(substring(${x}, 18, 1))`)]
  const h = digits.sql
  const aboveNine = `((${h} >> 3) & ((${h} >> 2) | (${h} >> 1)) & 1229782938247303441::UBIGINT)`
  const form = writer.share({
    sql: `coalesce(${h} >= 1152921504606846976::UBIGINT AND ${aboveNine} = 0 AND ${place17.sql} BETWEEN 48 AND 57
      AND (${place18.sql} BETWEEN 48 AND 57 OR ${place18.sql} = 88), false)`,
    level: digits.level,
    as: 'boolean',
  })
  return { digits, place17, place18, form }
}

/**
 * GB 11643: the sum of digit × 2^(18 − place) over all 18 places is 1 modulo 11. Folding neighbours with their weights
 * (2, 4, 16, 256) sums sixteen places at once.
 */
export function idCheck(writer: DuckDbWriter, of: Piece): Piece {
  const { digits, place17, place18, form } = idDigits(writer, of)
  const folds = [
    ['1085102592571150095', 4, 2],
    ['71777214294589695', 8, 4],
    ['281470681808895', 16, 16],
    ['4294967295', 32, 256],
  ] as const
  const sum = folds.reduce<Piece>(
    (h, [mask, bits, weight]) =>
      writer.share({
        ...h,
        sql: `(${h.sql} & ${mask}::UBIGINT) + ${weight}::UBIGINT * ((${h.sql} >> ${bits}) & ${mask}::UBIGINT)`,
      }),
    digits,
  )
  const last = `CASE WHEN ${place18.sql} = 88 THEN 10 ELSE ${place18.sql} - 48 END`
  const right = `(4 * ${sum.sql}::BIGINT + 2 * (${place17.sql} - 48) + ${last}) % 11 = 1`
  return writer.share({ sql: `(${form.sql} AND coalesce(${right}, false))`, level: sum.level, as: 'boolean' })
}

/** A part of a citizen number that has the right form; NULL where it has not, or where the birth date is none. */
export function idPart(writer: DuckDbWriter, of: Piece, part: 'birth' | 'sex' | 'division'): Piece {
  const { digits, place17, form } = idDigits(writer, of)
  if (part === 'birth') return dateOfDigits(writer, { ...form, sql: `(${digits.sql} >> 8) & 4294967295` }, form.sql)
  const sql = part === 'sex' ? `CASE WHEN ${place17.sql} % 2 = 1 THEN '1' ELSE '2' END` : `substring(${of.sql}, 1, 6)`
  return writer.share({ sql: `CASE WHEN ${form.sql} THEN ${sql} END`, level: form.level, as: 'text' })
}

const DIGITS = '0123456789'
const CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
/** 3^(place − 1) modulo 31, and 1 for the check character. */
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1]
const ORGANISATION_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** Of places 9 to 17; the check character stands for itself, X for ten. */
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2, 1]
/** First places of the pieces that a code is looked up by; few enough values each for a small table. */
const CREDIT_PIECES = [1, 5, 9, 11, 14, 17] as const
const CREDIT_LENGTH = 18

/**
 * GB 32100: the weighted sum of all 18 places is 0 modulo 31; and GB 11714: that of places 9 to 17 is 0 modulo 11. Each
 * piece of the code has its share of both sums in a table of all pieces that may stand there, which is also its form.
 */
export function creditCheck(writer: DuckDbWriter, of: Piece): Piece {
  const found = CREDIT_PIECES.map((from, at) => {
    const length = (CREDIT_PIECES[at + 1] ?? CREDIT_LENGTH + 1) - from
    const key: Piece = { ...of, sql: `substring(${of.sql}, ${from}, ${length})` }
    return writer.lookUp([key], writer.made(creditTable(from, length)), ['credit', 'organisation'])
  })
  const sum = (name: 'credit' | 'organisation') => found.map((one) => one[name]!.sql).join(' + ')
  const level = found[0]!['credit']!.level
  const right = `(${sum('credit')}) % 31 = 0 AND (${sum('organisation')}) % 11 = 0`
  return writer.share({
    sql: `coalesce(strlen(${of.sql}) = ${CREDIT_LENGTH} AND ${right}, false)`,
    level,
    as: 'boolean',
  })
}

/** GB 11714: the weighted sum of all nine places is 0 modulo 11; a hyphen may stand before the last. */
export function organisationCheck(writer: DuckDbWriter, of: Piece): Piece {
  const x = of.sql
  const form = `CASE WHEN strlen(${x}) BETWEEN 9 AND 10 AND regexp_full_match(${x}, '[0-9A-Z]{8}-?[0-9X]') THEN concat(left(${x}, 8), right(${x}, 1)) END`
  const code = writer.share({ ...of, sql: form }).sql
  const level = of.level + 1
  const shares = ORGANISATION_WEIGHTS.map((weight, at) => {
    const point = `ascii(substring(${code}, ${at + 1}, 1))`
    const letter = at === ORGANISATION_WEIGHTS.length - 1 ? '10' : `${point} - 55`
    return `${weight} * CASE WHEN ${point} < 58 THEN ${point} - 48 ELSE ${letter} END`
  })
  return writer.share({ sql: `coalesce((${shares.join(' + ')}) % 11 = 0, false)`, level, as: 'boolean' })
}

/** All texts that may stand at these places, with their shares of the two sums. */
function creditTable(from: number, length: number): string {
  const places = Array.from({ length }, (_, at) => from + at)
  const characters = places.map((place) => {
    const allowed = [...charactersAt(place)].map(
      (one) => `('${one}', ${creditShare(one, place)}, ${organisationShare(one, place)})`,
    )
    return `(VALUES ${allowed.join(', ')}) AS p${place}(k, c, o)`
  })
  const each = (name: string, between: string) => places.map((place) => `p${place}.${name}`).join(between)
  return `SELECT ${each('k', ' || ')} AS "#k1", ${each('c', ' + ')} AS credit, ${each('o', ' + ')} AS organisation FROM ${characters.join(', ')}`
}

function charactersAt(place: number): string {
  if (place >= 3 && place <= 8) return DIGITS
  return place === 17 ? `${DIGITS}X` : CREDIT_ALPHABET
}

const creditShare = (character: string, place: number): number =>
  CREDIT_ALPHABET.indexOf(character) * CREDIT_WEIGHTS[place - 1]!

function organisationShare(character: string, place: number): number {
  const weight = ORGANISATION_WEIGHTS[place - 9]
  if (weight === undefined) return 0
  return weight * (place === 17 && character === 'X' ? 10 : ORGANISATION_ALPHABET.indexOf(character))
}
