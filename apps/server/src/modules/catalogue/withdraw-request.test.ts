import { listObligations, withdrawRequest } from '@huitong/contract/catalogue'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { agreeUpTo, askFor, decide, grantRequest, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

describe('withdraw a request', () => {
  const platform = usePlatform()
  let datasetId = ''
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
  })
  const ask = () => askFor(platform, requestFor(datasetId))
  const withdraw = (client: ReturnType<typeof clientOf>, id: string, match: number) =>
    client.call(withdrawRequest, { params: { id } }, { match })

  test('200: it ends, and the provider owes nothing more', async () => {
    const officer = await platform.as('works-officer')
    const at = await agreeUpTo(platform, await ask(), 'provider_answer')
    expect(await withdraw(officer, at.id, at.version)).toMatchObject({ state: 'withdrawn', step: null, deadline: null })
    const { items } = await (await platform.as('civil-officer')).call(listObligations, { query: {} })
    expect(items.map((one) => one.subjectId)).not.toContain(at.id)
    await expect(withdraw(officer, at.id, at.version + 1)).rejects.toMatchObject({ code: 'object.state' })
  })

  test('200: while it waits to be supplemented too', async () => {
    const returned = await decide(platform, await ask(), { decision: 'return', reason: '范围过宽' })
    expect((await withdraw(await platform.as('works-officer'), returned.id, returned.version)).state).toBe('withdrawn')
  })

  test('409: not after the grant', async () => {
    const granted = await grantRequest(platform, requestFor(datasetId))
    expect(granted.actions.find((one) => one.name === 'withdraw')?.allowed).toBe(false)
    await expect(withdraw(await platform.as('works-officer'), granted.id, granted.version)).rejects.toMatchObject({
      code: 'object.state',
      status: 409,
    })
  })

  test('401, 403, 404, 412', async () => {
    const at = await agreeUpTo(platform, await ask(), 'provider_answer')
    await expect(withdraw(clientOf(platform.server), at.id, at.version)).rejects.toMatchObject({ status: 401 })
    await expect(withdraw(await platform.as('civil-officer'), at.id, at.version)).rejects.toMatchObject({ status: 403 })
    await expect(withdraw(await platform.as('police-officer'), at.id, at.version)).rejects.toMatchObject({
      status: 404,
    })
    await expect(withdraw(await platform.as('works-officer'), at.id, 1)).rejects.toMatchObject({ status: 412 })
  })
})
