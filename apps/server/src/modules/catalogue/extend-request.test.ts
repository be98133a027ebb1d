import { extendRequest, readRequest } from '@huitong/contract/catalogue'
import { shiftLegalClock } from '@huitong/contract/standards'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { agreeUpTo, askFor, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

describe('extend the answer time', () => {
  const NOW = new Date('2026-09-29T02:00:00Z')
  const platform = usePlatform({ clock: { now: () => NOW } })
  let datasetId = ''
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
  })
  const asked = async () => agreeUpTo(platform, await askFor(platform, requestFor(datasetId)), 'provider_answer')
  const extend = (client: ReturnType<typeof clientOf>, id: string, match: number, workingDays: number) =>
    client.call(extendRequest, { params: { id }, body: { workingDays, reason: '数据量大，需分批核对' } }, { match })
  const legalTime = async (to: string) => {
    const offsetSeconds = (Date.parse(to) - NOW.getTime()) / 1000
    await (await platform.as('centre')).call(shiftLegalClock, { body: { offsetSeconds } })
  }

  test('200: ten working days more, counted from the end of the first limit; the applicant sees it', async () => {
    const at = await asked()
    const authority = await platform.as('authority')
    const extended = await extend(authority, at.id, at.version, 10)
    expect(extended.deadline).toMatchObject({
      dueAt: '2026-10-19T16:00:00.000Z',
      extendedTo: '2026-11-02T16:00:00.000Z',
      overdue: false,
    })
    const works = await platform.as('works-officer')
    expect((await works.call(readRequest, { params: { id: at.id } })).deadline).toEqual(extended.deadline)
    expect(extended.actions.find((one) => one.name === 'extend')?.allowed).toBe(false)
    await expect(extend(authority, at.id, extended.version, 1)).rejects.toMatchObject({
      code: 'deadline.extension',
      status: 409,
    })
  })

  test('400: more than ten working days, or no reason', async () => {
    const at = await asked()
    const authority = await platform.as('authority')
    await expect(extend(authority, at.id, at.version, 11)).rejects.toMatchObject({ places: [{ path: '/workingDays' }] })
    await expect(
      authority.call(
        extendRequest,
        { params: { id: at.id }, body: { workingDays: 3, reason: '' } },
        { match: at.version },
      ),
    ).rejects.toMatchObject({ places: [{ path: '/reason' }] })
  })

  test('409: before the provider owes an answer, and once the deadline has passed', async () => {
    const authority = await platform.as('authority')
    const early = await askFor(platform, requestFor(datasetId))
    await expect(extend(authority, early.id, early.version, 1)).rejects.toMatchObject({ code: 'object.state' })
    const [last, late] = [await asked(), await asked()]
    await legalTime('2026-10-19T15:59:59Z')
    expect((await extend(authority, last.id, last.version, 1)).deadline!.extendedTo).toBe('2026-10-20T16:00:00.000Z')
    await legalTime('2026-10-19T16:00:00Z')
    const seen = await authority.call(readRequest, { params: { id: late.id } })
    expect(seen.deadline).toMatchObject({ overdue: true, remainingMinutes: 0 })
    expect(seen.actions.find((one) => one.name === 'extend')?.allowed).toBe(false)
    await expect(extend(authority, late.id, late.version, 1)).rejects.toMatchObject({ code: 'deadline.extension' })
    await legalTime(NOW.toISOString())
  })

  test('401, 403, 412: the authority alone', async () => {
    const at = await asked()
    await expect(extend(clientOf(platform.server), at.id, at.version, 1)).rejects.toMatchObject({ status: 401 })
    for (const account of ['civil-officer', 'civil-head', 'centre'] as const)
      await expect(extend(await platform.as(account), at.id, at.version, 1)).rejects.toMatchObject({ status: 403 })
    await expect(extend(await platform.as('authority'), at.id, 1, 1)).rejects.toMatchObject({ status: 412 })
  })
})
