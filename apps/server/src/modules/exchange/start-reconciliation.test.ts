import { readChannel, readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import type { ReconcileInput, ReconcileResult } from '@huitong/contract/work'
import { openBox } from '@huitong/segment'
import { beforeAll, describe, expect, test } from 'vitest'
import { anotherChannel, runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { DIGEST_SECRET_INFO } from './reconcile-work.ts'

describe('start a reconciliation', () => {
  const prepared = useChannel()
  const { platform } = prepared
  beforeAll(() => runWhole(prepared, prepared.channel, [['1', 'a', '33']]))
  const start = async (id = prepared.channel.id) =>
    (await platform.as('centre')).call(startReconciliation, { params: { id } })
  guards(platform, startReconciliation, {
    input: () => ({ params: { id: prepared.channel.id } }),
    denied: ['operator', 'works-head', 'authority'],
  })

  test('404 for who is no party; 409 before the exchange is complete', async () => {
    await refused(
      (await platform.as('police-officer')).call(startReconciliation, { params: { id: prepared.channel.id } }),
      'object.not_found',
    )
    await refused(start(NOBODY), 'object.not_found')
    const fresh = await anotherChannel(prepared)
    await refused(start(fresh.id), 'reconciliation.position')
  })

  test('202: both ends get the same question and the same secret, each sealed to its own key; once at a time', async () => {
    const started = await start()
    expect(started).toMatchObject({ state: 'running', bucketsCompared: 16, report: null, repair: null })
    await refused(start(), 'object.state')
    const { provider, consumer } = prepared.ground
    const [source, target] = [
      await provider.work('reconcile', started.id),
      await consumer.work('reconcile', started.id),
    ]
    const [left, right] = [source.input as ReconcileInput, target.input as ReconcileInput]
    expect(left).toMatchObject({
      side: 'source',
      table: { schema: 'public', name: 'villages' },
      key: ['code'],
      buckets: 16,
      drill: null,
    })
    expect(right).toMatchObject({ side: 'target', key: ['code'], grant: null })
    expect(left.grant).not.toBeNull()
    const open = async (input: ReconcileInput, privateKey: string) =>
      openBox(
        privateKey,
        JSON.parse(Buffer.from(input.secret, 'base64').toString()) as { enc: string; sealed: string },
        { info: DIGEST_SECRET_INFO },
      )
    const secret = await open(left, provider.sealing.privateKey)
    expect(secret.equals(await open(right, consumer.sealing.privateKey))).toBe(true)
    await expect(open(left, consumer.sealing.privateKey)).rejects.toMatchObject({ code: 'decrypt_failed' })
    const result: ReconcileResult = {
      rows: '1',
      buckets: [{ bucket: 3, rows: '1', sum: '5' }],
      rowDigests: [],
      at: new Date().toISOString(),
    }
    await provider.finish(source, result)
    await consumer.finish(target, result)
    const read = async () =>
      (await platform.as('works-officer')).call(readReconciliation, { params: { id: started.id } })
    await eventually(read, (one) => one.state === 'equal')
    await start()
  })

  test('the consumer may start it too, without learning the name of the provider’s table', async () => {
    const channel = await anotherChannel(prepared)
    await runWhole(prepared, channel, [['1', 'a', '33']])
    const officer = await platform.as('works-officer')
    const started = await officer.call(startReconciliation, { params: { id: channel.id } })
    expect(started.state).toBe('running')
    expect(JSON.stringify(started)).not.toContain('"villages"')
    const { input } = await prepared.ground.provider.work('reconcile', started.id)
    expect(input).toMatchObject({ table: { schema: 'public', name: 'villages' } })
    const { source } = await officer.call(readChannel, { params: { id: channel.id } })
    expect(source).toMatchObject({ schema: '', table: '' })
  })

  test('two at the same time: one begins', async () => {
    const channel = await anotherChannel(prepared)
    await runWhole(prepared, channel, [['1', 'a', '33']])
    const results = await Promise.allSettled([start(channel.id), start(channel.id), start(channel.id)])
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })
})
