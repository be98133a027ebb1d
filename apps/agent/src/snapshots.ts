import type { LogSnapshot } from '@huitong/connectors'

/** How long a snapshot is held for a comparison: while it is, the source cannot clean up behind it. */
const HELD_MS_MAX = 60 * 60_000

/** Snapshots at exact positions of the log that this node holds, one for each channel; they end with the process. */
export class Snapshots {
  readonly #held = new Map<string, { readonly snapshot: LogSnapshot; readonly timer: NodeJS.Timeout }>()

  /** Holds a snapshot for a channel, in place of an earlier one; answers its id. */
  hold(channel: string, snapshot: LogSnapshot): string {
    this.drop(channel)
    const timer = setTimeout(() => this.drop(channel), HELD_MS_MAX)
    timer.unref()
    this.#held.set(channel, { snapshot, timer })
    return snapshot.snapshot
  }

  /** Whether this very snapshot is still held. */
  has(channel: string, id: string): boolean {
    return this.#held.get(channel)?.snapshot.snapshot === id
  }

  /** Whether any channel's snapshot has this id. */
  hasAny(id: string): boolean {
    return [...this.#held.values()].some(({ snapshot }) => snapshot.snapshot === id)
  }

  /** Lets the snapshot of a channel go. */
  drop(channel: string): void {
    const held = this.#held.get(channel)
    if (held === undefined) return
    clearTimeout(held.timer)
    held.snapshot.close()
    this.#held.delete(channel)
  }

  /** Lets all go: the process ends. */
  dropAll(): void {
    for (const channel of this.#held.keys()) this.drop(channel)
  }
}
