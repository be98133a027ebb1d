import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, readText, remove, writeDurable } from './files.ts'

/**
 * Up to where this node has confirmed a slot at most, written down before the source is told: a slot that stands further
 * was made anew by somebody, and what lies between is lost.
 */
export class SlotMark {
  readonly #path: string
  #confirmed: string

  private constructor(path: string, confirmed: string) {
    this.#path = path
    this.#confirmed = confirmed
  }

  /** @param from where the receiving table stands: at least so far it was confirmed. */
  static async open(dir: string, slot: string, from: string): Promise<SlotMark> {
    const folder = join(dir, 'slots')
    await makeFolder(folder)
    const path = join(folder, `${slot}.json`)
    const known = readConfirmed(await readText(path))
    return new SlotMark(path, known !== null && known > from ? known : from)
  }

  /** Padded position. */
  get confirmed(): string {
    return this.#confirmed
  }

  /** Durable when it resolves. */
  async raise(to: string): Promise<void> {
    if (to <= this.#confirmed) return
    await writeDurable(this.#path, JSON.stringify({ confirmed: to }))
    this.#confirmed = to
  }

  /** Forgets the slots of a channel, whose names begin so. */
  static async forget(dir: string, prefix: string): Promise<void> {
    const folder = join(dir, 'slots')
    await makeFolder(folder)
    for (const name of await readdir(folder)) if (name.startsWith(prefix)) await remove(folder, name)
  }
}

function readConfirmed(text: string | null): string | null {
  try {
    const { confirmed } = JSON.parse(text ?? '') as { confirmed: unknown }
    return typeof confirmed === 'string' ? confirmed : null
  } catch {
    // Lost or cut: what the platform knows counts.
    return null
  }
}
