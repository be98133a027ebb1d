import { createProxiedService, openService, readService } from '@huitong/contract/gateway'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agreed } from '../../../../../tests/harness/centre.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { OPERATIONS, registerUpstream, startUpstream, type Upstream } from '../../../../../tests/harness/upstream.ts'

describe('put a department’s own service behind the gateway', () => {
  const platform = usePlatform({ centre: true, env: { HUITONG_UPSTREAM_ALLOW: '127.0.0.1' } })
  let upstream: Upstream
  let made: Awaited<ReturnType<typeof registerUpstream>>
  beforeAll(async () => {
    upstream = await startUpstream()
    made = await registerUpstream(platform, upstream)
  })
  afterAll(() => upstream.stop())
  const create = async (over: object) =>
    (await platform.as('centre')).call(createProxiedService, { body: { ...made.given, code: 'another', ...over } })
  guards(platform, createProxiedService, {
    input: () => ({ body: made.given }),
    denied: ['civil-officer', 'works-developer', 'operator'],
  })

  test('201: its operations are seen by all who see services, its address by the centre and its own department alone', async () => {
    expect(made.service).toMatchObject({
      kind: 'proxied',
      state: 'running',
      key: [],
      providerDepartmentId: platform.departments.civil,
      proxied: { baseUrl: upstream.url, timeoutMs: 1_000 },
    })
    expect(made.service.items.map((one) => one.code)).toEqual(['id', 'name', 'phone'])
    const seenBy = async (account: 'civil-officer' | 'works-developer') =>
      (await (await platform.as(account)).call(readService, { params: { id: made.service.id } })).proxied
    expect((await seenBy('civil-officer'))?.baseUrl).toBe(upstream.url)
    const foreign = await seenBy('works-developer')
    expect([foreign?.baseUrl, foreign?.operations.length]).toEqual([null, OPERATIONS.length])
    expect(JSON.stringify([made.service, foreign])).not.toContain('key-of-the-gateway')
  })

  test('400: what is wrong is named by its place', async () => {
    const one = OPERATIONS[0]!
    const cases: [object, string][] = [
      [{ baseUrl: 'http://169.254.169.254/latest' }, '/baseUrl'],
      [{ baseUrl: 'http://[::1]:8080' }, '/baseUrl'],
      [{ credential: { header: 'Host', value: 'x' } }, '/credential/header'],
      [{ credential: { header: 'X-Key', value: 'a\r\nb: c' } }, '/credential/value'],
      [{ operations: [one, one] }, '/operations/1/code'],
      [{ operations: [{ ...one, method: 'POST' }] }, '/operations/0/body'],
      [{ operations: [{ ...one, items: ['salary'] }] }, '/operations/0/items'],
      [{ operations: [{ ...one, reply: { type: 'object' } }] }, '/operations/0/reply/properties'],
      [{ operations: [{ ...one, reply: { type: 'string', pattern: '(a+)+$' } }] }, '/operations/0/reply/pattern'],
      [{ operations: [{ ...one, reply: { $ref: 'http://127.0.0.1/' } }] }, '/operations/0/reply/type'],
    ]
    for (const [over, path] of cases) expect(pathsOf(await refused(create(over), 'request.invalid'))).toEqual([path])
    await refused(create({ operations: [{ ...one, path: '/a/../b' }] }), 'request.invalid')
  })

  test('409: the code is taken; 404: no such dataset', async () => {
    await refused(create({ code: made.given.code }), 'object.exists')
    await refused(create({ datasetId: NOBODY }), 'object.not_found')
  })

  test('409: a grant with masks or rows is not opened, because nothing here could keep to it', async () => {
    const masks = [{ item: 'name', mask: 'name' as const }]
    const request = await agreed(
      platform,
      made.dataset,
      'works',
      { items: ['id', 'name'], method: 'service' },
      { masks },
    )
    const centre = await platform.as('centre')
    const body = { grantId: request.grantId!, perSecondMax: 10, perDayMax: 100 }
    const opened = centre.call(openService, { params: { id: made.service.id }, body })
    expect(pathsOf(await refused(opened, 'object.state'))).toEqual(['/grantId'])
  })
})
