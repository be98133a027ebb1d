import { readService, releaseOpening } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential, type Served } from '../../../../../tests/harness/gateway.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { openingSuspended } from '../operations/rules/opening-suspended.ts'
import { findOwner } from '../operations/alert-rule.ts'
import { watchCallsJob } from './watch-calls.job.ts'

describe('unusual calls: suspended by the platform, released by whose data it is', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  let app: Credential
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
  })
  const turn = { fence: '1', signal: new AbortController().signal }
  const watch = () => watchCallsJob.run(platform.server.services, turn)
  const row = (id: string) => callService(platform, app, '/api/v1/services/people/row', { query: { id } })
  const opening = async (account: 'civil-officer' | 'works-officer' | 'centre' = 'centre') =>
    (await (await platform.as(account)).call(readService, { params: { id: served.service.id } })).openings[0]!
  const release = async (account: 'civil-officer' | 'works-officer', id = served.service.openings[0]!.id) =>
    (await platform.as(account)).call(
      releaseOpening,
      { params: { id }, body: { reason: '已核实，属批量核查' } },
      { match: (await opening()).version },
    )
  const alerts = () =>
    platform.server.services.db.read(SYSTEM_ROWS, async (db) => {
      const { services } = platform.server
      return openingSuspended.find({ db, services, now: services.clock.now(), owner: (await findOwner(db))! })
    })
  guards(platform, releaseOpening, {
    input: () => ({ params: { id: served.service.openings[0]!.id }, body: { reason: '核实' } }),
    denied: ['works-developer', 'operator', 'auditor'],
    allowed: 'civil-officer',
  })

  test('409: nothing to release', async () => {
    await row('2')
    await watch()
    expect(await opening()).toMatchObject({ state: 'active', suspension: null, releasable: false })
    await refused(release('civil-officer'), 'object.state')
  })

  test('keys that are tried out suspend the opening from the next call on, in words for both sides', async () => {
    await Promise.all(Array.from({ length: 320 }, (_, at) => row(String(5_000 + at))))
    await watch()
    const refusal = await row('2')
    expect(refusal).toMatchObject({ status: 403, code: 'service.suspended' })
    expect(JSON.stringify(refusal.body)).toContain('调用异常')
    const seen = await opening('civil-officer')
    expect(seen).toMatchObject({ state: 'suspended', releasable: true, suspension: { cause: 'misses', reason: null } })
    expect(seen.suspension!.seen!.zh).toBe('10 分钟内 321 次调用中有 320 次查无此行，疑似逐个试探主键')
    expect((await opening('works-officer')).releasable).toBe(false)
    expect(await alerts()).toMatchObject([
      { subjectId: seen.id, departmentId: platform.departments.civil, detail: seen.suspension!.seen },
    ])
  })

  test('403 for the department that calls; released by the provider, it answers again and stays so', async () => {
    await refused(release('works-officer'), 'permission.denied')
    await refused(release('civil-officer', NOBODY), 'object.not_found')
    await release('civil-officer')
    await eventually(
      () => row('2'),
      (one) => one.status === 200,
    )
    await watch()
    expect(await opening()).toMatchObject({ state: 'active', suspension: null })
    expect(await alerts()).toEqual([])
  })
})
