import { listWork } from '@huitong/contract/operations'
import { beforeAll, describe, expect, test } from 'vitest'
import { runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'

describe('list the work of nodes', () => {
  const prepared = useChannel()
  const { platform } = prepared
  beforeAll(async () => void (await runWhole(prepared, prepared.channel, [['1', '甲', '33', null]])))
  guards(platform, listWork, { input: () => ({ query: {} }), denied: ['auditor', 'works-developer'] })
  const list = async (account: Account, query: object = {}) => (await platform.as(account)).call(listWork, { query })

  test('200: newest first, page by page; what it is for, how far it came', async () => {
    const { items, counts } = await list('operator')
    expect(items.map((one) => one.kind).toSorted()).toEqual(['apply', 'discover', 'read'])
    expect(items.find((one) => one.kind === 'read')).toMatchObject({
      state: 'done',
      rows: '1',
      subject: { kind: 'channel', id: prepared.channel.id, name: { zh: prepared.channel.number } },
      departmentName: { zh: '民政局' },
    })
    expect(items.find((one) => one.kind === 'discover')?.subject).toMatchObject({
      kind: 'data_source',
      id: prepared.ground.sourceId,
    })
    expect(counts).toEqual({ queued: 0, leased: expect.any(Number) as number, failed: 0 })
    const walked: string[] = []
    for (let after: string | null = ''; after !== null;) {
      const page = await list('operator', { limit: '1', ...(after === '' ? {} : { after }) })
      walked.push(...page.items.map((one) => one.id))
      after = page.next
    }
    expect(walked).toEqual(items.map((one) => one.id))
  })

  test('200: by state and by node; a department sees the work of its own nodes', async () => {
    expect((await list('operator', { state: 'failed' })).items).toEqual([])
    const own = await list('works-officer')
    expect(own.items.map((one) => one.kind)).toEqual(['apply'])
    const byNode = await list('operator', { nodeId: prepared.ground.consumer.id })
    expect(byNode.items.map((one) => one.id)).toEqual(own.items.map((one) => one.id))
    expect((await list('police-officer')).items).toEqual([])
  })

  test('400: an unknown state', async () => {
    await refused(list('operator', { state: 'lost' }), 'request.invalid')
  })
})
