import type { Services } from '../../kernel/services.ts'
import { openAccount, type Account } from './account.ts'
import { openKeyedReads, type KeyedReads } from './keyed.ts'
import { openUpstream, type Upstream } from './upstream.ts'
import { openRefusals, type Refusals } from './refusals.ts'
import { openRegistry, type Registry } from './registry.ts'

/** What this process keeps for the calls that it answers. */
export interface Gateway {
  readonly registry: Registry
  readonly account: Account
  readonly keyed: KeyedReads
  readonly upstream: Upstream
  readonly refusals: Refusals
  /** Writes down what is still counted in memory. */
  stop(): Promise<void>
}

export function openGateway(services: Services): Gateway {
  const registry = openRegistry(services)
  const refusals = openRefusals(services, registry)
  const upstream = openUpstream(services)
  return {
    registry,
    account: openAccount(services),
    keyed: openKeyedReads(services),
    upstream,
    refusals,
    async stop() {
      await upstream.end()
      await refusals.stop()
    },
  }
}
