/** So many units shared by all that take some; who asks for more than is free waits, in order. */
export class Slots {
  #free: number
  readonly #waiting: { readonly need: number; readonly take: () => void }[] = []
  readonly #size: number

  /** @param size units in all: slots, or bytes. */
  constructor(size: number) {
    this.#size = size
    this.#free = size
  }

  /**
   * Waits for `units` (a need above the whole waits until all is free and takes all). Call the result once to give back.
   * @throws the signal's reason when it is aborted while waiting.
   */
  async take(units: number, signal: AbortSignal): Promise<() => void> {
    const need = Math.min(units, this.#size)
    signal.throwIfAborted()
    if (this.#waiting.length > 0 || this.#free < need) await this.#wait(need, signal)
    else this.#free -= need
    return this.#giveBack(need)
  }

  /** Takes without waiting, even more than is free: for what is there already. */
  force(units: number): () => void {
    this.#free -= units
    return this.#giveBack(units)
  }

  /** Units that are taken now. */
  get taken(): number {
    return this.#size - this.#free
  }

  #giveBack(units: number): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#free += units
      this.#serve()
    }
  }

  #wait(need: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(signal.reason as Error)
        this.#serve()
      }
      const entry = {
        need,
        take: () => {
          signal.removeEventListener('abort', stop)
          resolve()
        },
      }
      signal.addEventListener('abort', stop, { once: true })
      this.#waiting.push(entry)
    })
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first !== undefined && first.need <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= first.need
      first.take()
    }
  }
}

/** One holder per name at a time: two pieces of work on one stream follow each other. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Runs `work` when earlier holders of `name` have ended. */
  async run<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const mine = before.then(async () => {
      signal.throwIfAborted()
      return work()
    })
    const ended = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(name, ended)
    void this.#forget(name, ended)
    return mine
  }

  async #forget(name: string, ended: Promise<void>): Promise<void> {
    await ended
    if (this.#last.get(name) === ended) this.#last.delete(name)
  }
}

/**
 * Starts work on items ahead of whoever takes the results, at most `windowMax` at once, and gives the results in order.
 * When the taker leaves, no more is started, and `discard` gets what was made and not taken.
 */
export async function* ahead<T, U>(
  source: AsyncIterable<T>,
  windowMax: number,
  start: (item: T) => Promise<U>,
  discard: (made: U) => void,
): AsyncGenerator<U, void, undefined> {
  const queue: Promise<{ readonly value: U } | null>[] = []
  const taker = { left: false }
  let changed = Promise.withResolvers<void>()
  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const add = (entry: Promise<{ readonly value: U } | null>): void => {
    // Awaited in order by the taker; until then a failure must not count as unhandled.
    entry.catch(() => undefined)
    queue.push(entry)
    wake()
  }
  const feed = async (): Promise<void> => {
    try {
      for await (const item of source) {
        if (taker.left) return
        add(start(item).then((value) => ({ value })))
        while (!taker.left && queue.length >= windowMax) await changed.promise
      }
      add(Promise.resolve(null))
    } catch (error) {
      add(Promise.reject(error as Error))
    }
  }
  void feed()
  try {
    for (;;) {
      while (queue.length === 0) await changed.promise
      const next = await queue[0]!
      queue.shift()
      wake()
      if (next === null) return
      yield next.value
    }
  } finally {
    taker.left = true
    wake()
    for (const left of queue) {
      left.then(
        (made) => made !== null && discard(made.value),
        () => undefined,
      )
    }
  }
}
