import { pullSegments, stopChannel, startChannel } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { seal, startRun, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('stop a channel', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const body = { reason: '数据源维护' }
  const stop = async (id: string, match: number) =>
    (await platform.as('centre')).call(stopChannel, { params: { id }, body }, { match })
  guards(platform, stopChannel, {
    input: () => ({ params: { id: prepared.channel.id }, body }),
    denied: ['civil-officer', 'operator', 'works-head'],
  })

  test('409: what does not run cannot be stopped; 404: what does not exist', async () => {
    await refused(stop(prepared.channel.id, prepared.channel.version), 'object.state')
    await refused(stop(NOBODY, 1), 'object.not_found')
  })

  test('200: both nodes are told to drop it; what comes late is refused; the next start is a new generation', async () => {
    const { ground, channel } = prepared
    const run = await startRun(platform, ground, channel)
    const segment = await seal(run.read.input, ground.provider.signing, [['1', 'a', '33']], { final: false })
    await ground.provider.announce(segment)
    await refused(stop(channel.id, run.channel.version + 7), 'object.changed')
    expect(await stop(channel.id, run.channel.version)).toMatchObject({ state: 'stopped' })
    expect((await ground.provider.poll({ running: [run.read.id] })).revoked).toEqual([run.read.id])
    expect((await ground.consumer.poll({ running: [run.apply.id] })).revoked).toEqual([run.apply.id])
    await refused(ground.provider.announce(segment), 'node.fenced')
    await refused(ground.provider.append(segment.signed.manifest.sealedDigest, 0, segment.sealed), 'node.fenced')
    const query = { generation: '1', after: '0' }
    await refused(ground.consumer.call(pullSegments, { params: { id: channel.id }, query }), 'node.fenced')
    await refused(
      ground.provider.finish(run.read, { rows: '1', segments: 1, finalDigest: 'a'.repeat(64) }),
      'node.fenced',
    )
    const centre = await platform.as('centre')
    const again = await startRun(platform, ground, channel)
    expect(again.channel.progress.generation).toBe(2)
    expect(again.read.input.generation).toBe(2)
    await refused(
      centre.call(startChannel, { params: { id: channel.id } }, { match: again.channel.version }),
      'object.state',
    )
  })
})
