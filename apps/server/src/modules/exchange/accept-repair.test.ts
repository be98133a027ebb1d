import { acceptRepair, readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import type { ApplyInput, ReadInput } from '@huitong/contract/work'
import { beforeAll, describe, expect, test } from 'vitest'
import { acknowledge, receiptFor, runWhole, seal, useChannel } from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'

describe('accept a repair', () => {
  const prepared = useChannel()
  const { platform } = prepared
  beforeAll(() =>
    runWhole(prepared, prepared.channel, [
      ['1', 'a', '33'],
      ['2', 'b', '33'],
    ]),
  )
  const provider = () => prepared.ground.provider
  const consumer = () => prepared.ground.consumer
  const read = async (id: string) => (await platform.as('works-officer')).call(readReconciliation, { params: { id } })
  const decide = async (
    id: string,
    match: number,
    decision: 'accept' | 'decline' = 'accept',
    account: Account = 'works-officer',
  ) => (await platform.as(account)).call(acceptRepair, { params: { id }, body: { decision } }, { match })
  /** A reconciliation that found row 2 altered and row 9 too many. */
  const differing = async () => {
    const { id } = await (
      await platform.as('centre')
    ).call(startReconciliation, { params: { id: prepared.channel.id } })
    const at = new Date().toISOString()
    for (const rowDigests of [false, true]) {
      const rows = (keys: [string, string][]) =>
        rowDigests ? keys.map(([key, digest]) => ({ key: [key], digest })) : []
      const sum = (value: string) => [{ bucket: 1, rows: '2', sum: value }]
      await provider().finish(await provider().work('reconcile', id), {
        rows: '2',
        buckets: sum('3'),
        rowDigests: rows([
          ['1', '1'],
          ['2', '2'],
        ]),
        at,
      })
      await consumer().finish(await consumer().work('reconcile', id), {
        rows: '3',
        buckets: sum('4'),
        rowDigests: rows([
          ['1', '1'],
          ['2', '7'],
          ['9', '9'],
        ]),
        at,
      })
    }
    return eventually(
      () => read(id),
      (one) => one.state === 'different',
    )
  }
  guards(platform, acceptRepair, {
    input: () => ({ params: { id: NOBODY }, body: { decision: 'accept' as const } }),
    denied: ['centre', 'works-head', 'authority', 'operator'],
  })

  test('404: what does not exist, or is no party’s; 403: the provider cannot accept for the consumer', async () => {
    const { id, version } = await differing()
    await refused(decide(NOBODY, 1), 'object.not_found')
    await refused(decide(id, version, 'accept', 'police-officer'), 'object.not_found')
    await refused(decide(id, version, 'accept', 'civil-officer'), 'permission.denied')
    await refused(decide(id, version + 1), 'object.changed')
    expect(await decide(id, version, 'decline')).toMatchObject({ state: 'different', repair: { state: 'declined' } })
    await refused(decide(id, version + 1), 'object.state')
    expect((await provider().poll()).work).toEqual([])
  })

  test('200: just the differing rows flow, sealed, under the grant; applied, it is repaired', async () => {
    const { id, version } = await differing()
    expect(await decide(id, version)).toMatchObject({
      state: 'repairing',
      repair: { state: 'running', upserts: 1, deletes: 1 },
    })
    const reading = await provider().work('read', id)
    const applying = await consumer().work('apply', id)
    const input = reading.input as ReadInput
    expect(input).toMatchObject({ stream: id, generation: 1, payload: 'changes', keys: [['2']] })
    expect(applying.input as ApplyInput).toMatchObject({ stream: id, payload: 'changes', deleteKeys: [['9']] })
    const segment = await seal(input, provider().signing, [['2', 'b', '33']])
    await provider().upload(segment)
    const acknowledged = () =>
      acknowledge(consumer(), receiptFor(segment, consumer().signing)).then(
        () => true,
        () => false,
      )
    await eventually(acknowledged, (done) => done)
    await provider().finish(reading, { rows: '1', segments: 1, finalDigest: segment.signed.manifest.sealedDigest })
    await consumer().finish(applying, { generation: 1, sequence: 1, rows: '2' })
    expect(
      await eventually(
        () => read(id),
        (one) => one.state !== 'repairing',
      ),
    ).toMatchObject({ state: 'repaired', repair: { state: 'done' } })
  })

  test('a repair whose node fails is shown as failed, and the other end is told to drop it', async () => {
    const { id, version } = await differing()
    await decide(id, version)
    const reading = await provider().work('read', id)
    const applying = await consumer().work('apply', id)
    await consumer().fail(applying, 'source.unreachable')
    expect(
      await eventually(
        () => read(id),
        (one) => one.state !== 'repairing',
      ),
    ).toMatchObject({ state: 'different', repair: { state: 'failed' }, problem: { zh: '失败' } })
    expect((await provider().poll({ running: [reading.id] })).revoked).toEqual([reading.id])
  })

  test('a segment of the repair that is rejected fails the repair, not the channel', async () => {
    const { id, version } = await differing()
    await decide(id, version)
    const reading = await provider().work('read', id)
    await consumer().work('apply', id)
    const bad = await seal(reading.input as ReadInput, provider().signing, [['2', 'b', '33']], {
      plain: Buffer.from('2\n'),
    })
    await provider().upload(bad)
    expect(
      await eventually(
        () => read(id),
        (one) => one.state !== 'repairing',
      ),
    ).toMatchObject({ state: 'different', repair: { state: 'failed' } })
  })

  test('a snapshot lost in a repair begins its second generation', async () => {
    const { id, version } = await differing()
    await decide(id, version)
    await provider().fail(await provider().work('read', id), 'snapshot.lost')
    const again = await provider().work('read', id)
    expect(again.input).toMatchObject({ stream: id, generation: 2, keys: [['2']] })
  })
})
