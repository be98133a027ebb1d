import { readChannel } from '@huitong/contract/exchange'
import { reportProgress } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { startRun, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'

describe('read a channel', () => {
  const prepared = useChannel({ engine: false })
  const { platform } = prepared
  const read = async (account: Account, id = prepared.channel.id) =>
    (await platform.as(account)).call(readChannel, { params: { id } })
  guards(platform, readChannel, {
    input: () => ({ params: { id: prepared.channel.id } }),
    denied: ['sysadmin', 'works-developer'],
  })

  test('200: each party sees its own end; the names of the provider’s tables and fields stay with the provider', async () => {
    const provider = await read('civil-officer')
    expect(provider.source).toMatchObject({ schema: 'public', table: 'villages' })
    expect(provider.columns[0]).toMatchObject({ item: 'code', field: 'code' })
    const consumer = await read('works-officer')
    expect(consumer.source).toMatchObject({ schema: '', table: '', name: { zh: '前置推送库' } })
    expect(consumer.columns[0]).toMatchObject({ item: 'code', field: '' })
    expect(consumer.target.table).toBe(provider.target.table)
  })

  test('what is forbidden says why', async () => {
    const actions = Object.fromEntries((await read('works-officer')).actions.map((one) => [one.name, one]))
    expect(actions['start']).toMatchObject({ allowed: false, reason: { zh: '没有运行交换任务的权限' } })
    expect((await read('centre')).actions.find((one) => one.name === 'start')).toEqual({
      name: 'start',
      allowed: true,
      reason: null,
    })
  })

  test('404: for a department that is no party, with the true id; and what does not exist', async () => {
    await refused(read('police-officer'), 'object.not_found')
    await refused(read('centre', NOBODY), 'object.not_found')
  })

  test('progress that the nodes report shows at once', async () => {
    const run = await startRun(platform, prepared.ground, prepared.channel)
    const progress = { rowsSealed: '620573', segmentsSealed: 12, segmentsUploaded: 3, complete: true }
    await prepared.ground.provider.call(reportProgress, {
      params: { id: run.read.id },
      body: { fence: run.read.fence, progress },
    })
    expect((await read('works-officer')).progress).toMatchObject({
      rowsSealed: '620573',
      segmentsSealed: 12,
      segmentsReceived: 0,
      sealedComplete: true,
    })
  })
})
