import { readRequest } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { agreeUpTo, askFor, decide, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

describe('read a request', () => {
  const platform = usePlatform()
  const read = async (account: Account, id: string) =>
    (await platform.as(account)).call(readRequest, { params: { id } })

  test('200: parties see who decided what, and each what he may do and why not', async () => {
    const { id } = await publishDataset(platform, VILLAGES)
    const checked = await agreeUpTo(platform, await askFor(platform, requestFor(id)), 'authority_accept')
    const seen = await read('works-officer', checked.id)
    expect(seen.steps.slice(0, 3).map((one) => [one.state, one.actor, one.departmentName?.zh])).toEqual([
      ['agreed', 'works-head', '住房和城乡建设局'],
      ['agreed', 'centre', '大数据中心'],
      ['current', null, undefined],
    ])
    const may = async (account: Account) =>
      (await read(account, checked.id)).actions.flatMap((one) => (one.allowed ? [one.name] : []))
    expect(await may('works-officer')).toEqual(['withdraw'])
    expect(await may('authority')).toEqual(['agree', 'return'])
    expect(await may('centre')).toEqual([])
    for (const one of (await read('centre', checked.id)).actions) expect(one.reason?.zh).toBeTruthy()
    const at = await decide(platform, checked, { decision: 'agree' })
    expect((await read('civil-officer', at.id)).actions.map((one) => [one.name, one.allowed])).toEqual([
      ['agree', true],
      ['refuse', true],
      ['return', true],
      ['supplement', false],
      ['withdraw', false],
      ['extend', false],
    ])
    expect(await may('authority')).toEqual(['extend'])
  })

  test('404: for the provider until the request reaches it, for third departments always', async () => {
    const { id } = await publishDataset(platform, { ...VILLAGES, name: { zh: '另一目录' } })
    const request = await askFor(platform, requestFor(id))
    for (const account of ['civil-officer', 'civil-head', 'police-officer'] as const)
      await expect(read(account, request.id), account).rejects.toMatchObject({ code: 'object.not_found', status: 404 })
    await agreeUpTo(platform, request, 'provider_answer')
    await read('civil-officer', request.id)
    await expect(read('police-officer', request.id)).rejects.toMatchObject({ status: 404 })
    await expect(read('authority', NO_ID)).rejects.toMatchObject({ status: 404 })
  })

  test('400, 401, 403', async () => {
    await expect(read('authority', 'SQ20260929-0001')).rejects.toMatchObject({ places: [{ path: '#/params/id' }] })
    const anyone = clientOf(platform.server)
    await expect(anyone.call(readRequest, { params: { id: NO_ID } })).rejects.toMatchObject({ status: 401 })
    await expect(read('sysadmin', NO_ID)).rejects.toMatchObject({ status: 403 })
  })
})
