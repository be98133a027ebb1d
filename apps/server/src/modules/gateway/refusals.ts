import type { ErrorCode } from '@huitong/contract'
import { sql } from 'kysely'
import type { Services } from '../../kernel/services.ts'
import type { KnownApplication, Registry } from './registry.ts'

/** A refused call that leaves no row of its own: its caller is not proven, or was told a moment ago that the quota is used up. */
export interface RefusedCall {
  readonly serviceCode: string
  /** As far as it is known; of a wrong signature it is what the caller claims. */
  readonly application: KnownApplication | { readonly appId: string } | null
  readonly matter?: string
  readonly outcome: ErrorCode
}

export interface Refusals {
  add(call: RefusedCall): void
  stop(): Promise<void>
}

const FLUSH_MS = 1_000
/** A flood of made-up names must not fill the memory: beyond this many different ones they count without a name. */
const DIFFERENT_MAX = 2_000

interface Counter {
  readonly call: RefusedCall
  readonly minute: number
  calls: number
}

/**
 * Counts refused calls in memory and adds them to their minute once a second. A killed process loses at most that
 * second of refusals; calls that were answered are accounted for before the reply (`account.ts`).
 */
export function openRefusals(services: Services, registry: Registry): Refusals {
  let counters = new Map<string, Counter>()
  let timer: NodeJS.Timeout | null = null
  let flushing: Promise<void> = Promise.resolve()
  const flush = (): void => {
    timer = null
    const counted = [...counters.values()]
    counters = new Map()
    flushing = flushing
      .then(() => write(services, registry, counted))
      .catch((error: unknown) => services.log.warn({ err: error }, 'refused calls could not be counted'))
  }
  return {
    add(call) {
      const minute = Math.floor(services.clock.now().getTime() / 60_000)
      const named = counters.size < DIFFERENT_MAX ? call : { ...call, serviceCode: '', application: null }
      const key = [minute, named.serviceCode, named.application?.appId ?? '', named.matter ?? '', named.outcome].join(
        '\n',
      )
      const known = counters.get(key)
      if (known) known.calls++
      else counters.set(key, { call: named, minute, calls: 1 })
      timer ??= setTimeout(flush, FLUSH_MS)
      timer.unref()
    },
    async stop() {
      if (timer) clearTimeout(timer)
      flush()
      await flushing
    },
  }
}

async function write(services: Services, registry: Registry, counted: readonly Counter[]): Promise<void> {
  if (counted.length === 0) return
  const rows = await Promise.all(
    counted.map(async ({ call, minute, calls }) => {
      const isCode = /^[a-z][a-z0-9-]{2,62}$/.test(call.serviceCode)
      const service = isCode ? await registry.service(call.serviceCode, true) : null
      const application = call.application && 'id' in call.application ? call.application : null
      return { call, calls, service, application, minute: new Date(minute * 60_000) }
    }),
  )
  await services.db.tick(async (db) => {
    for (const { call, calls, service, application, minute } of rows)
      await db.run(sql`insert into service_refusal as r (minute, jurisdiction, service_id, application_id, department_id,
          provider_department_id, matter_code, outcome, calls)
        values (${minute}, ${service?.jurisdiction ?? application?.jurisdiction ?? ''}, ${service?.id ?? null},
          ${application?.id ?? null}, ${application?.departmentId ?? null}, ${service?.providerDepartmentId ?? null},
          ${call.matter ?? null}, ${call.outcome}, ${calls})
        on conflict (minute, service_id, application_id, matter_code, outcome)
          do update set calls = r.calls + excluded.calls`)
  })
}
