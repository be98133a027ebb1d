import { Readable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  grantTo,
  prepareGround,
  publishMounted,
  readyChannel,
  seal,
  startRun,
  type Ground,
  type Run,
} from '../../../../../tests/harness/exchange.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('announce a segment', () => {
  const platform = usePlatform()
  let ground: Ground
  let run: Run
  beforeAll(async () => {
    ground = await prepareGround(platform)
    const dataset = await publishMounted(platform, ground.table)
    run = await startRun(platform, ground, await readyChannel(platform, ground, await grantTo(platform, dataset)))
  })

  test('again after a kill: what came is kept, and a whole segment gets its receipt without another byte', async () => {
    const segment = await seal(run.read.input, ground.provider.signing, [['1', '甲', '33']])
    const { objects } = platform.server.services
    const { sealedDigest } = segment.signed.manifest
    expect(await ground.provider.announce(segment)).toEqual({ offset: 0, receipt: null })
    // The bytes are on disk, the transaction that would have acknowledged them was not committed.
    await objects.append(sealedDigest, 0, Readable.from([segment.sealed.subarray(0, 10)]))
    expect(await ground.provider.announce(segment)).toEqual({ offset: 10, receipt: null })
    await objects.append(sealedDigest, 10, Readable.from([segment.sealed.subarray(10)]))
    const whole = await ground.provider.announce(segment)
    expect(whole.offset).toBe(segment.sealed.length)
    expect(JSON.parse(whole.receipt!)).toMatchObject({ receipt: { hop: 'platform', sealedDigest, rows: '1' } })
    expect(await ground.provider.announce(segment)).toEqual(whole)
  })
})
