import type { Services } from '../../kernel/services.ts'
import { openAccount, type Account } from './account.ts'
import { openKeyedReads, type KeyedReads } from './keyed.ts'
import { openRefusals, type Refusals } from './refusals.ts'
import { openRegistry, type Registry } from './registry.ts'

/** What this process keeps for the calls that it answers. */
export interface Gateway {
  readonly registry: Registry
  readonly account: Account
  readonly keyed: KeyedReads
  readonly refusals: Refusals
  /** Writes down what is still counted in memory. */
  stop(): Promise<void>
}

export function openGateway(services: Services): Gateway {
  const registry = openRegistry(services)
  const refusals = openRefusals(services, registry)
  return {
    registry,
    account: openAccount(services),
    keyed: openKeyedReads(services),
    refusals,
    stop: () => refusals.stop(),
  }
}
