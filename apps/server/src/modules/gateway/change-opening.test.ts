import { changeOpening } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential, type Served } from '../../../../../tests/harness/gateway.ts'
import { eventually, guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('change an opening', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  let app: Credential
  let version = 1
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
  })
  const id = () => served.service.openings[0]!.id
  const quota = { perSecondMax: 1_000, perDayMax: 100_000 }
  const change = async (body: { suspended: boolean; reason?: string; totalMax?: string }) => {
    const centre = await platform.as('centre')
    const input = { params: { id: id() }, body: { ...quota, ...body } }
    const changed = await centre.call(changeOpening, input, { match: version })
    version = changed.openings[0]!.version
    return changed.openings[0]!
  }
  const ask = () => callService(platform, app, '/api/v1/services/people/row', { query: { id: '2' } })
  guards(platform, changeOpening, {
    input: () => ({ params: { id: id() }, body: { suspended: false, ...quota } }),
    denied: ['civil-officer', 'works-officer', 'works-developer', 'operator'],
    allowed: 'centre',
  })

  test('200: suspended, refused; resumed, answered', async () => {
    expect((await ask()).status).toBe(200)
    expect((await change({ suspended: true, reason: '调用异常' })).state).toBe('suspended')
    expect(await ask()).toMatchObject({ status: 403, code: 'service.suspended' })
    expect((await change({ suspended: false })).state).toBe('active')
    // What was refused a moment ago is not looked up again for a second.
    await eventually(ask, (one) => one.status === 200)
  })

  test('200: a smaller quota takes effect with the next call', async () => {
    const { totalMax, callsTotal } = await change({ suspended: false, totalMax: '3' })
    expect([totalMax, callsTotal]).toEqual(['3', '2'])
    expect((await ask()).status).toBe(200)
    const over = await ask()
    expect(over).toMatchObject({ status: 429, code: 'service.over_quota' })
    expect(Number(over.retryAfter)).toBeGreaterThan(0)
  })

  test('400: suspending without a reason; 404: no such opening', async () => {
    expect(pathsOf(await refused(change({ suspended: true }), 'request.reason_required'))).toEqual(['/reason'])
    const centre = await platform.as('centre')
    const none = { params: { id: NOBODY }, body: { suspended: false, ...quota } }
    await refused(centre.call(changeOpening, none, { match: 1 }), 'object.not_found')
  })
})
