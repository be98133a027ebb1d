import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What happens to a file on its way; `drop` and `leave` bring nothing now, and `leave` tries it again. */
export type Passage =
  | 'whole'
  | 'drop'
  | 'leave'
  | 'twice'
  | { readonly bytes: (whole: Buffer) => Buffer; again: boolean }

const LOOK_EVERY_MS = 50

/**
 * A one-way gate between two real folders: takes files from one, last ones first, and writes them into the other the way
 * such devices do, in place and under their names. What it has brought is gone where it came from.
 */
export class OneWayGate {
  readonly #from: string
  readonly #to: string
  /** Decides for each file and each time that it is tried, from 1. */
  passage: (name: string, times: number) => Passage = () => 'whole'
  readonly #times = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null
  carried = 0

  constructor(from: string, to: string) {
    this.#from = from
    this.#to = to
  }

  /** Carries all that lies there now. */
  carry(): void {
    for (const folder of [this.#from, this.#to]) if (!existsSync(folder)) return
    const names = readdirSync(this.#from).filter((name) => name.endsWith('.ferry') && !name.startsWith('.'))
    for (const name of names.sort().reverse()) this.#carryOne(name)
  }

  #carryOne(name: string): void {
    const times = (this.#times.get(name) ?? 0) + 1
    this.#times.set(name, times)
    const passage = this.passage(name, times)
    if (passage === 'leave') return
    const whole = readFileSync(join(this.#from, name))
    if (typeof passage === 'object') {
      writeFileSync(join(this.#to, name), passage.bytes(whole))
      if (passage.again) return
    } else if (passage !== 'drop') {
      writeFileSync(join(this.#to, `.${name}`), whole)
      renameSync(join(this.#to, `.${name}`), join(this.#to, name))
    }
    this.carried++
    if (passage !== 'twice') rmSync(join(this.#from, name), { force: true })
  }

  start(): void {
    this.#timer = setInterval(() => this.carry(), LOOK_EVERY_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }
}
