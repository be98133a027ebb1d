import { VILLAGES_TOTAL } from './databases.ts'

/** How many rows the city's tables hold. */
export interface CitySize {
  readonly villages: number
  readonly persons: number
  readonly firms: number
}

export const PERSONS_DEFAULT = 200_000
export const PERSONS_MIN = 2_000
export const PERSONS_MAX = 5_000_000
export const FIRMS_MIN = 300
export const FIRMS_MAX = 1_000_000

/** Two persons for each row of villages, 200,000 at most, 2,000 at least: a small city is small in all its tables. */
export const personsFor = (villages: number): number =>
  Math.min(PERSONS_DEFAULT, Math.max(PERSONS_MIN, Math.round((villages / VILLAGES_TOTAL) * 1_241_146)))

/** Fifteen firms for a hundred persons: 30,000 for 200,000. */
export const firmsFor = (persons: number): number => Math.max(FIRMS_MIN, Math.round(persons * 0.15))
