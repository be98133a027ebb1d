import {
  createDataset,
  readDataset,
  reviewDataset,
  submitDataset,
  signDataset,
  updateDataset,
} from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { publishDataset, villages } from './testing/content.ts'

describe('read dataset', () => {
  const platform = usePlatform()
  const read = async (account: Account, id: string, version?: 'live' | 'pending') =>
    (await platform.as(account)).call(readDataset, { params: { id }, query: version ? { version } : {} })
  const sees = (account: Account, id: string) =>
    read(account, id).then(
      () => true,
      (refusal: { code: string }) => (refusal.code === 'object.not_found' ? false : Promise.reject(refusal)),
    )

  test('a draft is its department’s alone, until it is signed; then the authority sees it, published everybody', async () => {
    const officer = await platform.as('civil-officer')
    const head = await platform.as('civil-head')
    const authority = await platform.as('authority')
    const draft = await officer.call(createDataset, { body: villages('可见') })
    const params = { id: draft.id }
    const viewers = ['civil-officer', 'civil-head', 'authority', 'centre', 'works-officer', 'police-officer'] as const
    const whoSees = async () => {
      const answers = await Promise.all(viewers.map(async (one) => [one, await sees(one, draft.id)] as const))
      return answers.flatMap(([one, seen]) => (seen ? [one] : []))
    }
    expect(await whoSees()).toEqual(['civil-officer', 'civil-head'])
    const submitted = await officer.call(submitDataset, { params }, { match: 1 })
    expect(await whoSees()).toEqual(['civil-officer', 'civil-head'])
    const signed = await head.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
    expect(await whoSees()).toEqual(['civil-officer', 'civil-head', 'authority'])
    await authority.call(reviewDataset, { params, body: { decision: 'publish' } }, { match: signed.version })
    expect(await whoSees()).toEqual(viewers)
  })

  test('200: what the reader may do, and why not otherwise', async () => {
    const { id } = await publishDataset(platform, villages('能做什么'))
    const may = async (account: Account) =>
      (await read(account, id)).actions.flatMap((one) => (one.allowed ? [one.name] : []))
    expect(await may('civil-officer')).toEqual(['update', 'mount'])
    expect(await may('works-officer')).toEqual(['request'])
    expect(await may('works-head')).toEqual([])
    for (const one of (await read('works-head', id)).actions) expect(one.reason?.zh).toBeTruthy()
  })

  test('200: the live version and the pending one each on demand, for those who may see both', async () => {
    const live = await publishDataset(platform, villages('两版'))
    const officer = await platform.as('civil-officer')
    const params = { id: live.id }
    await officer.call(
      updateDataset,
      { params, body: villages('两版', { updateCycle: 'daily' }) },
      { match: live.version },
    )
    expect((await read('civil-officer', live.id, 'live')).content.updateCycle).toBe('yearly')
    expect((await read('civil-officer', live.id, 'pending')).content.updateCycle).toBe('daily')
    for (const account of ['works-officer', 'authority', 'centre'] as const) {
      const seen = await read(account, live.id, 'pending')
      expect(seen.content.updateCycle, account).toBe('yearly')
      expect(seen.pending, account).toBeNull()
    }
  })

  test('400, 401, 403, 404', async () => {
    await expect(read('civil-officer', NO_ID)).rejects.toMatchObject({ status: 404 })
    await expect(read('civil-officer', 'x')).rejects.toMatchObject({ places: [{ path: '#/params/id' }] })
    await expect(read('sysadmin', NO_ID)).rejects.toMatchObject({ status: 403 })
    const anyone = clientOf(platform.server)
    await expect(anyone.call(readDataset, { params: { id: NO_ID }, query: {} })).rejects.toMatchObject({ status: 401 })
  })
})
