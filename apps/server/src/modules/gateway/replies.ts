import type { Answer } from './answer.ts'

const BYTES_MAX = 32 * 1024 * 1024
const REPLY_BYTES_MAX = 256 * 1024

/** Replies that may be given again for a while, the oldest forgotten first; bounded by their bytes. */
export class Replies {
  readonly #kept = new Map<string, { answer: Answer<Buffer>; until: number }>()
  readonly #now: () => number
  #bytes = 0
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }
  get(name: string): Answer<Buffer> | null {
    const known = this.#kept.get(name)
    if (!known) return null
    if (this.#now() < known.until) return known.answer
    this.#forget(name)
    return null
  }
  keep(name: string, answer: Answer<Buffer>, seconds: number): void {
    if (answer.reply.length > REPLY_BYTES_MAX) return
    this.#forget(name)
    this.#kept.set(name, { answer, until: this.#now() + seconds * 1000 })
    this.#bytes += answer.reply.length
    while (this.#bytes > BYTES_MAX) this.#forget(this.#kept.keys().next().value!)
  }
  #forget(name: string): void {
    const known = this.#kept.get(name)
    if (!known) return
    this.#bytes -= known.answer.reply.length
    this.#kept.delete(name)
  }
}
