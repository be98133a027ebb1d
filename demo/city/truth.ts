import { writeFileSync, renameSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Tables that hold planted dirt. */
export type DirtyTable = 'population' | 'benefit' | 'enterprise' | 'licence'

/** One rule that one row breaks; definitions in `dirt.md`. */
export interface Broken {
  readonly table: DirtyTable
  readonly id: string
  readonly rule: string
  /** False for what no rule can decide from the row; such lines name the row that it is like. */
  readonly decidable?: false
  readonly with?: string
}

const DIRTY_ONE_IN = 33
const TIMES_EACH_RULE = 4

/** One row in so many is spoilt: 3 of 100, more in a small table, so that every rule is broken a few times. */
export const dirtyOneIn = (rows: number, rules: number): number =>
  Math.min(DIRTY_ONE_IN, Math.max(2, Math.floor(rows / (rules * TIMES_EACH_RULE))))

/** Everything that is wrong in the city's tables, line by line. */
export class Truth {
  readonly #lines = new Map<string, Broken>()

  add(table: DirtyTable, id: string, rule: string): void {
    this.#lines.set(`${table}/${id}/${rule}`, { table, id, rule })
  }

  /** Two rows that are alike, which no rule can say to be one person. */
  addPair(table: DirtyTable, rule: string, one: string, other: string): void {
    for (const [id, like] of [
      [one, other],
      [other, one],
    ] as const)
      this.#lines.set(`${table}/${id}/${rule}`, { table, id, rule, decidable: false, with: like })
  }

  lines(): Broken[] {
    return [...this.#lines.values()]
  }

  /** Writes the truth whole or not at all, one JSON object a line. */
  write(path: string): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const text = this.lines().map((line) => `${JSON.stringify(line)}\n`)
    writeFileSync(`${path}.half`, text.join(''), { mode: 0o600 })
    renameSync(`${path}.half`, path)
  }
}
