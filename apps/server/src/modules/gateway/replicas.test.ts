import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { changeOpening, revokeApplication } from '@huitong/contract/gateway'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential, type Served } from '../../../../../tests/harness/gateway.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { usePlatform, type TestPlatform } from '../../../../../tests/harness/platform.ts'
import { createServer, type Server } from '../../server.ts'
import { createLog } from '../../kernel/log.ts'

const BASE = '/api/v1/services/people'

describe('two server processes on one database', () => {
  const platform = usePlatform({ centre: true })
  let other: Server
  let second: TestPlatform
  let served: Served
  let app: Credential
  beforeAll(async () => {
    served = await serve(platform, { perSecondMax: 10_000, perDayMax: 60 })
    app = await credential(platform)
    const { settings } = platform.server
    other = await createServer(settings, { jobs: false, log: createLog(settings.logLevel) })
    second = { ...platform, server: other }
  })
  afterAll(async () => {
    await other.stop()
  })
  const both = [() => platform, () => second] as const
  const row = (on: TestPlatform, given: Parameters<typeof callService>[3] = {}) =>
    callService(on, app, `${BASE}/row`, { query: { id: '2' }, ...given })

  test('one nonce is good once, whichever process it comes to first', async () => {
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, at) => row(both[at % 2]!(), { nonce: 'one-and-the-same-nonce' })),
    )
    expect(replies.map((one) => one.status).sort()).toEqual([200, ...Array<number>(9).fill(409)])
  })

  test('they share a quota exactly, while both of them are asked at once', async () => {
    const replies = await Promise.all(Array.from({ length: 100 }, (_, at) => row(both[at % 2]!())))
    // One call was answered by the test before.
    expect(replies.filter((one) => one.status === 200).length).toBe(59)
    expect(new Set(replies.filter((one) => one.status !== 200).map((one) => one.code))).toEqual(
      new Set(['service.over_quota']),
    )
  })

  test('what one process was told the other keeps to with its next call: suspension, revocation of grant and credential', async () => {
    const centre = await platform.as('centre')
    const { id, version } = served.service.openings[0]!
    const quota = { perSecondMax: 10_000, perDayMax: 10_000 }
    const change = (body: { suspended: boolean; reason?: string }, match: number) =>
      centre.call(changeOpening, { params: { id }, body: { ...quota, ...body } }, { match })
    await change({ suspended: false }, version)
    await eventually(
      () => row(second),
      (one) => one.status === 200,
    )
    await change({ suspended: true, reason: '核查' }, version + 1)
    expect(await row(second)).toMatchObject({ code: 'service.suspended' })
    await change({ suspended: false }, version + 2)
    await eventually(
      () => row(second),
      (one) => one.status === 200,
    )
    const head = await platform.as('civil-head')
    const of = { params: { id: served.request.grantId! } }
    const grant = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: grant.version })
    expect(await row(second)).toMatchObject({ status: 403, code: 'service.grant_revoked' })
    const developer = await platform.as('works-developer')
    await developer.call(
      revokeApplication,
      { params: { id: app.id }, body: { reason: '停用' } },
      { match: app.version },
    )
    expect(await row(second)).toMatchObject({ status: 401, code: 'service.app_revoked' })
  })
})
