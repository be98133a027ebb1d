import { approveTruncation, readChannel } from '@huitong/contract/exchange'
import { finishWork } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { channelIn, useChannel, type Channel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { at, copiedLog, logChannel, streamOf } from '../../../../../tests/harness/logged.ts'

describe('approve a truncation', () => {
  const prepared = useChannel()
  let channel: Channel
  const logging = () => ({ platform: prepared.platform, ground: prepared.ground, dataset: prepared.dataset })
  beforeAll(async () => {
    channel = await copiedLog(logging(), await logChannel(logging()))
  })
  const position = at(48).since
  const approve = async (id: string, match: number, at = position) =>
    (await prepared.platform.as('centre')).call(
      approveTruncation,
      { params: { id }, body: { position: at } },
      { match },
    )
  guards(prepared.platform, approveTruncation, {
    input: () => ({ params: { id: channel.id }, body: { position } }),
    denied: ['civil-officer', 'operator', 'works-head'],
  })

  test('404 and 409: not there, nothing was truncated', async () => {
    await refused(approve(NOBODY, 1), 'object.not_found')
    await refused(approve(channel.id, channel.version), 'object.state')
  })

  test('200: the channel stops with the reason, takes only this very truncation, and goes on with it', async () => {
    const { capture } = await streamOf(logging(), channel.id)
    const problem = {
      code: 'connector.log_truncated',
      message: { zh: '源表被清空', en: 'truncated' },
      detail: `source: ${position}`,
    }
    const body = { fence: capture.fence, state: 'failed' as const, problem }
    await prepared.ground.provider.call(finishWork, { params: { id: capture.id }, body })
    const stopped = await channelIn(prepared.platform, channel.id, 'failed')
    expect(stopped.log).toMatchObject({ state: 'truncated', truncatedAt: position })
    expect(stopped.log!.releaseAt).not.toBeNull()
    await refused(approve(channel.id, stopped.version, at(49).since), 'object.state')
    expect(await approve(channel.id, stopped.version)).toEqual({ position })
    const again = await prepared.ground.provider.work('capture', channel.id)
    expect(again.input).toMatchObject({ approved: [position], from: { since: at(16).since } })
    const read = await (await prepared.platform.as('centre')).call(readChannel, { params: { id: channel.id } })
    expect(read).toMatchObject({ state: 'following', problem: null, log: { state: 'reading', truncatedAt: null } })
  })
})
