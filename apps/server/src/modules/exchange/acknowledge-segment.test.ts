import { acknowledgeSegment, readChannel } from '@huitong/contract/exchange'
import type { SealedSegment } from '@huitong/segment'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { acknowledge, receiptFor, seal, startRun, useChannel, verified } from '../../../../../tests/harness/exchange.ts'
import { refused } from '../../../../../tests/harness/guards.ts'
import { enrol } from '../../../../../tests/harness/node.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'

describe('the consumer acknowledges a segment', () => {
  const prepared = useChannel()
  const { platform } = prepared
  let segment: SealedSegment
  beforeAll(async () => {
    const run = await startRun(platform, prepared.ground, prepared.channel)
    segment = await seal(run.read.input, prepared.ground.provider.signing, [['1', 'a', '33']])
    await prepared.ground.provider.upload(segment)
    await verified(platform, prepared.channel.id, 1)
  })
  const consumer = () => prepared.ground.consumer
  const receipt = (over: Parameters<typeof receiptFor>[2] = {}, signing = consumer().signing) =>
    receiptFor(segment, signing, over)
  const row = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ state: string; consumer_receipt: string | null }>(
        sql`select state, consumer_receipt from segment where digest = ${segment.signed.manifest.sealedDigest}`,
      ),
    )

  test('422: of other content, of another hop, signed by another', async () => {
    await refused(acknowledge(consumer(), receipt({ rows: '2' })), 'segment.signature')
    await refused(acknowledge(consumer(), receipt({ sealedDigest: '0'.repeat(64) })), 'segment.signature')
    await refused(acknowledge(consumer(), receipt({ hop: 'platform' })), 'segment.signature')
    await refused(acknowledge(consumer(), receipt({}, prepared.ground.provider.signing)), 'segment.signature')
    await refused(acknowledge(consumer(), receipt().replace('"rows":"1"', '"rows":"7"')), 'segment.signature')
    await refused(acknowledge(consumer(), '{}'), 'segment.signature')
    expect(await row()).toEqual({ state: 'verified', consumer_receipt: null })
  })

  test('404: another node, another place in the stream; 401: nobody', async () => {
    const other = await enrol(platform, platform.departments.works)
    await refused(acknowledge(other, receipt({ by: other.signing.keyId }, other.signing)), 'object.not_found')
    await refused(acknowledge(consumer(), receipt({ sequence: 9 })), 'object.not_found')
    await refused(
      clientOf(platform.server).call(acknowledgeSegment, { body: { receipt: receipt() } }),
      'signature.invalid',
    )
  })

  test('201: it is applied; a repeated or later receipt is harmless and the first one is kept', async () => {
    const first = receipt()
    await acknowledge(consumer(), first)
    await acknowledge(consumer(), first)
    await acknowledge(consumer(), receipt({ at: '2027-01-01T00:00:00.000Z' }))
    expect(await row()).toEqual({ state: 'applied', consumer_receipt: first })
    const channel = await (
      await platform.as('works-officer')
    ).call(readChannel, { params: { id: prepared.channel.id } })
    expect(channel.progress).toMatchObject({ segmentsApplied: 1, rowsApplied: '1' })
  })
})

describe('acknowledging what is not verified yet', () => {
  const prepared = useChannel({ engine: false })
  test('409: a node cannot have applied what the platform has not given out', async () => {
    const run = await startRun(prepared.platform, prepared.ground, prepared.channel)
    const segment = await seal(run.read.input, prepared.ground.provider.signing, [['1', 'a', '33']])
    await prepared.ground.provider.announce(segment)
    await refused(
      acknowledge(prepared.ground.consumer, receiptFor(segment, prepared.ground.consumer.signing)),
      'object.state',
    )
  })
})
