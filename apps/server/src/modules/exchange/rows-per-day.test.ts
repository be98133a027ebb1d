import { describe, expect, test } from 'vitest'
import { grantTo, readyChannel, seal, startRun, useChannel } from '../../../../../tests/harness/exchange.ts'
import { refused } from '../../../../../tests/harness/guards.ts'

describe('rows that a grant lets out in a day', () => {
  const prepared = useChannel({ engine: false })
  const { platform } = prepared
  const rows = (count: number) => Array.from({ length: count }, (_, i) => [String(i), 'a', '33'])

  test('are counted over all channels and runs under it; one row more is refused before its content is taken', async () => {
    const { ground, dataset } = prepared
    const channel = await readyChannel(platform, ground, await grantTo(platform, dataset, {}, { rowsPerDayMax: 5 }))
    const { provider } = ground
    const run = await startRun(platform, ground, channel)
    const first = await seal(run.read.input, provider.signing, rows(3), { final: false })
    await provider.upload(first)
    const over = await seal(run.read.input, provider.signing, rows(3), { previous: first.signed })
    await refused(provider.announce(over), 'grant.rows_per_day')
    const last = await seal(run.read.input, provider.signing, rows(2), { previous: first.signed })
    await provider.upload(last)
    // What is announced again is not counted again.
    expect((await provider.announce(first)).receipt).not.toBeNull()
  })

  test('a grant without a bound has none, and another grant’s rows do not count', async () => {
    const { ground, dataset } = prepared
    const channel = await readyChannel(platform, ground, await grantTo(platform, dataset))
    const run = await startRun(platform, ground, channel)
    await ground.provider.upload(await seal(run.read.input, ground.provider.signing, rows(50)))
  })
})
