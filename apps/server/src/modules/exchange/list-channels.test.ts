import { listChannels } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { anotherChannel, startRun, useChannel, type Channel } from '../../../../../tests/harness/exchange.ts'
import { guards } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'

describe('list channels', () => {
  const prepared = useChannel({ engine: false })
  const { platform } = prepared
  let second: Channel
  beforeAll(async () => {
    second = await anotherChannel(prepared)
    await startRun(platform, prepared.ground, second)
  })
  const list = async (account: Account, query = {}) => (await platform.as(account)).call(listChannels, { query })
  guards(platform, listChannels, { input: () => ({}), denied: ['sysadmin', 'auditor', 'works-developer'] })

  test('200: newest first for both parties and those who oversee; nothing for others', async () => {
    for (const account of ['civil-officer', 'works-head', 'centre', 'operator', 'authority'] as const)
      expect((await list(account)).items.map((one) => one.id)).toEqual([second.id, prepared.channel.id])
    expect((await list('police-officer')).items).toEqual([])
  })

  test('by state, and page by page', async () => {
    expect((await list('centre', { state: 'running' })).items.map((one) => one.id)).toEqual([second.id])
    expect((await list('centre', { state: 'failed' })).items).toEqual([])
    const first = await list('centre', { limit: '1' })
    const rest = await list('centre', { limit: '1', after: first.next! })
    expect([...first.items, ...rest.items].map((one) => one.id)).toEqual([second.id, prepared.channel.id])
    expect(rest.next).toBeNull()
  })
})
