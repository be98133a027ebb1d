/** Settles one thing together with whatever else comes while earlier ones are under way. */
export type Gathered<T, R> = (one: T) => Promise<R>

interface Waiting<T, R> {
  readonly one: T
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * While a batch is on its way, what comes meanwhile gathers for the next, up to `most` of them: one statement, or one
 * fsync, serves many. Who comes alone does not wait. When a batch takes longer than `patienceMs`, others may go beside it, up
 * to `atOnce`. `settle` answers one result per thing, in their order; when it fails, all of its batch fail.
 */
export function gathering<T, R>(
  settle: (batch: readonly T[]) => Promise<readonly R[]>,
  { most, atOnce = 1, patienceMs = 0 }: { most: number; atOnce?: number; patienceMs?: number },
): Gathered<T, R> {
  let waiting: Waiting<T, R>[] = []
  let running = 0
  let timer: NodeJS.Timeout | null = null
  const run = async (): Promise<void> => {
    running++
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      try {
        const results = await settle(batch.map((one) => one.one))
        batch.forEach((one, at) => one.resolve(results[at]!))
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    running--
  }
  const another = (): void => {
    timer = null
    if (waiting.length > 0 && running < atOnce) void run()
  }
  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, resolve, reject })
      if (running === 0) void run()
      else if (running < atOnce) timer ??= setTimeout(another, patienceMs)
    })
}
