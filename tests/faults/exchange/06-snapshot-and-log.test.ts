import { startReconciliation } from '@huitong/contract/exchange'
import { describe, expect, it } from 'vitest'
import { ledgerChannel, useLogWorld } from './log-world.ts'

describe('a channel that follows the log, with real agents', () => {
  const world = useLogWorld()

  it('copies while the ledger works, follows, compares at one position while changes flow, and goes on', async () => {
    const ledgered = await ledgerChannel(world)
    const { ledger, until, settle, id } = ledgered
    const working = new AbortController()
    const work = (async () => {
      while (!working.signal.aborted) await ledger.work()
    })()
    await ledgered.start()
    await until(({ state }) => state === 'following')
    await until(({ log }) => log !== null && BigInt(log.changes) > 20n)
    const centre = await world.platform.as('centre')
    await centre.call(startReconciliation, { params: { id } })
    const compared = await until(({ reconciliations: [last] }) => last?.finishedAt != null)
    expect(compared.reconciliations[0]).toMatchObject({ state: 'equal', bucketsDifferent: 0, inFlight: 0 })
    const before = BigInt((await ledgered.channel()).log!.changes)
    await until(({ log }) => log!.state === 'reading' && BigInt(log!.changes) > 0n && BigInt(log!.changes) !== before)
    working.abort()
    await work
    await settle()
  })
})
