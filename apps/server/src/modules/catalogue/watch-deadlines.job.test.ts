import { listObligations, listRequests, readRequest } from '@huitong/contract/catalogue'
import { readHome } from '@huitong/contract/portal'
import { shiftLegalClock } from '@huitong/contract/standards'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { agreeUpTo, askFor, decide, publishDataset, requestFor, VILLAGES } from './testing/content.ts'
import { watchDeadlinesJob } from './watch-deadlines.job.ts'

describe('watch deadlines', () => {
  const NOW = new Date('2026-09-29T02:00:00Z')
  const platform = usePlatform({ clock: { now: () => NOW }, jobs: false })
  let datasetId = ''
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
  })
  const turn = { fence: '1', signal: new AbortController().signal }
  const run = async () => {
    let noted = 0
    while (await watchDeadlinesJob.run(platform.server.services, turn)) noted++
    return noted
  }
  const legalTime = async (to: string) => {
    const offsetSeconds = (Date.parse(to) - NOW.getTime()) / 1000
    await (await platform.as('centre')).call(shiftLegalClock, { body: { offsetSeconds } })
  }
  const facts = async () =>
    (
      await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
        db.many<{ id: string }>(
          sql`select payload->>'obligationId' as id from event where type = 'obligation.overdue'`,
        ),
      )
    ).map((one) => one.id)
  const asked = async () => agreeUpTo(platform, await askFor(platform, requestFor(datasetId)), 'provider_answer')

  test('a deadline that passes by legal time is noted once, as a fact and in the audit', async () => {
    const at = await asked()
    await legalTime('2026-10-19T15:59:59Z')
    expect(await run()).toBe(0)
    await legalTime('2026-10-19T16:00:00Z')
    const [one, other] = await Promise.all([run(), run()])
    expect(one + other).toBe(1)
    expect(await run()).toBe(0)
    expect(await facts()).toEqual([at.deadline!.id])
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select from audit where action = 'job.deadline_watch' and object_id = ${at.deadline!.id}`),
    )
    expect(audits).toHaveLength(1)
  })

  test('overdue is seen by the debtor, the authority and the applicant', async () => {
    const officer = await platform.as('civil-officer')
    const { items } = await officer.call(listObligations, { query: { state: 'overdue' } })
    expect(items).toHaveLength(1)
    const { subjectId } = items[0]!
    const works = await platform.as('works-officer')
    expect((await works.call(readRequest, { params: { id: subjectId } })).deadline?.overdue).toBe(true)
    const authority = await platform.as('authority')
    const late = await authority.call(listRequests, { query: { box: 'overdue' } })
    expect(late.items.map((one) => one.id)).toEqual([subjectId])
    expect((await authority.call(readHome)).counts.overdue).toBe(1)
    expect((await (await platform.as('works-officer')).call(readHome)).counts.overdue).toBe(0)
    await decide(platform, await officer.call(readRequest, { params: { id: subjectId } }), { decision: 'agree' })
  })

  test('an answer that came too late is noted, though the job did not run in between', async () => {
    const before = await facts()
    await legalTime(NOW.toISOString())
    const at = await asked()
    await legalTime('2026-10-20T02:00:00Z')
    const answered = await decide(platform, at, { decision: 'refuse', reason: '与事项无关' })
    await decide(platform, answered, { decision: 'agree' })
    expect(await run()).toBe(1)
    expect(await facts()).toEqual([...before, at.deadline!.id])
  })
})
