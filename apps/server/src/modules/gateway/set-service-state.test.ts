import { setServiceState } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential, type Served } from '../../../../../tests/harness/gateway.ts'
import { eventually, guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('stop and resume a service', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  let app: Credential
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
  })
  const set = async (body: { state: 'running' | 'stopped'; reason?: string }, match: number) =>
    (await platform.as('centre')).call(setServiceState, { params: { id: served.service.id }, body }, { match })
  const ask = () => callService(platform, app, '/api/v1/services/people/row', { query: { id: '2' } })
  guards(platform, setServiceState, {
    input: () => ({ params: { id: served.service.id }, body: { state: 'stopped' as const, reason: '维护' } }),
    denied: ['civil-officer', 'authority', 'works-developer', 'operator'],
    allowed: 'centre',
  })

  test('200: calls are refused from the next one on, and answered again when it runs', async () => {
    expect((await ask()).status).toBe(200)
    const stopped = await set({ state: 'stopped', reason: '数据核查' }, served.service.version)
    expect(stopped.actions.map((one) => [one.name, one.allowed])).toEqual([
      ['stop', false],
      ['resume', true],
      ['open', true],
    ])
    expect(await ask()).toMatchObject({ status: 403, code: 'service.stopped' })
    await set({ state: 'running' }, stopped.version)
    // What was refused a moment ago is not looked up again for a second.
    await eventually(ask, (one) => one.status === 200)
  })

  test('400 without a reason, 409 when it is so already, 404 for none', async () => {
    const version = served.service.version + 2
    expect(pathsOf(await refused(set({ state: 'stopped' }, version), 'request.reason_required'))).toEqual(['/reason'])
    await refused(set({ state: 'running' }, version), 'object.state')
    const centre = await platform.as('centre')
    const none = { params: { id: NOBODY }, body: { state: 'stopped' as const, reason: '无' } }
    await refused(centre.call(setServiceState, none, { match: 1 }), 'object.not_found')
  })
})
