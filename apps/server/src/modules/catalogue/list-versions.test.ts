import { listDatasetVersions, updateDataset } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { publishDataset, villages } from './testing/content.ts'
import { createDataset, reviewDataset, signDataset, submitDataset } from '@huitong/contract/catalogue'

describe('versions of a dataset', () => {
  const platform = usePlatform()
  const versions = async (account: Account, id: string) =>
    (await (await platform.as(account)).call(listDatasetVersions, { params: { id } })).items

  test('200: newest first, with who changed it; the pending one for its department only', async () => {
    const live = await publishDataset(platform, villages('版本'))
    const officer = await platform.as('civil-officer')
    const body = villages('版本', { updateCycle: 'daily' })
    await officer.call(updateDataset, { params: { id: live.id }, body }, { match: live.version })
    expect(await versions('civil-head', live.id)).toMatchObject([
      { number: 2, state: 'draft', changedBy: 'civil-officer' },
      { number: 1, state: 'published' },
    ])
    for (const account of ['works-officer', 'authority', 'centre'] as const)
      expect(
        (await versions(account, live.id)).map((one) => one.number),
        account,
      ).toEqual([1])
  })

  test('200: what the head wrote at signing stays in the department', async () => {
    const officer = await platform.as('civil-officer')
    const draft = await officer.call(createDataset, { body: villages('内部意见') })
    const params = { id: draft.id }
    const submitted = await officer.call(submitDataset, { params }, { match: 1 })
    const signed = await (
      await platform.as('civil-head')
    ).call(
      signDataset,
      { params, body: { decision: 'agree', opinion: '同意，注意口径' } },
      { match: submitted.version },
    )
    expect((await versions('authority', draft.id))[0]!.opinion).toBe('同意，注意口径')
    const authority = await platform.as('authority')
    await authority.call(reviewDataset, { params, body: { decision: 'publish' } }, { match: signed.version })
    expect((await versions('civil-officer', draft.id))[0]!.opinion).toBe('同意，注意口径')
    expect((await versions('works-officer', draft.id))[0]!.opinion).toBeNull()
  })

  test('401, 403, 404', async () => {
    const anyone = clientOf(platform.server)
    await expect(anyone.call(listDatasetVersions, { params: { id: NO_ID } })).rejects.toMatchObject({ status: 401 })
    await expect(versions('sysadmin', NO_ID)).rejects.toMatchObject({ status: 403 })
    await expect(versions('civil-officer', NO_ID)).rejects.toMatchObject({ status: 404 })
    const officer = await platform.as('civil-officer')
    const draft = await officer.call(createDataset, { body: villages('草稿') })
    await expect(versions('works-officer', draft.id)).rejects.toMatchObject({ status: 404 })
  })
})
