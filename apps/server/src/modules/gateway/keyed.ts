import type { Times } from '@huitong/policy'
import { Refusal } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { gathering, type Gathered } from './gather.ts'
import { compileCall } from './plan.ts'
import type { KnownService, Opening } from './registry.ts'
import { keyReader, type AnswerRow } from './statements.ts'

/** What a call by key reads under: the opening, who asks, and the items that it wants; null for all that are granted. */
export interface KeyedUse {
  readonly service: KnownService
  readonly opening: Opening
  readonly departmentId: string
  readonly times: Times
  readonly items: readonly string[] | null
}

/** Rows by key. Calls under one opening for the same items that come together are read by one statement. */
export type KeyedReads = (use: KeyedUse, key: readonly string[]) => Promise<AnswerRow | null>

type Read = PromiseSettledResult<AnswerRow | null>
type Reader = Gathered<readonly string[], Read>

const BATCH_MAX = 200
/** Statements under way at one time for one opening, and after how long another goes: a slow one must not hold up the rest. */
const AT_ONCE = 3
const PATIENCE_MS = 10
/** Different lists of items that are remembered for one service: the callers choose them. */
const LISTS_MAX = 500

export function openKeyedReads(services: Services): KeyedReads {
  const known = new WeakMap<KnownService, Map<string, Reader>>()
  return async (use, key) => {
    const readers = known.get(use.service) ?? new Map<string, Reader>()
    known.set(use.service, readers)
    const name = `${use.opening.id}/${use.items?.join(',') ?? ''}`
    let reader = readers.get(name)
    if (!reader) {
      reader = readerOf(services, use)
      if (readers.size >= LISTS_MAX) readers.clear()
      readers.set(name, reader)
    }
    const read = await reader(key)
    if (read.status === 'rejected') throw read.reason
    return read.value
  }
}

/** The plan holds for the service as it was read; that the grant is in force was seen by whoever found the opening. */
function readerOf(services: Services, { service, opening, departmentId, times, items }: KeyedUse): Reader {
  const plan = compileCall(opening, { departmentId, times, items })
  const read = keyReader(services, service, plan, items === null)
  return gathering<readonly string[], Read>(
    async (keys) => {
      try {
        return (await read(keys)).map((value) => ({ status: 'fulfilled', value }))
      } catch (error) {
        if (keys.length === 1 || !isOfValue(error)) throw error
        // One of them is no value of its type: each is answered for itself.
        return Promise.allSettled(keys.map(async (one) => (await read([one]))[0]!))
      }
    },
    { most: BATCH_MAX, atOnce: AT_ONCE, patienceMs: PATIENCE_MS },
  )
}

const isOfValue = (error: unknown): boolean => error instanceof Refusal && error.code === 'request.invalid'
