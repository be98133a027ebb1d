import { renewSecret, revokeApplication } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential } from '../../../../../tests/harness/gateway.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('revoke a credential', () => {
  const platform = usePlatform({ centre: true })
  let app: Credential
  beforeAll(async () => {
    await serve(platform)
    app = await credential(platform)
  })
  guards(platform, revokeApplication, {
    input: () => ({ params: { id: app.id }, body: { reason: '密钥泄露' } }),
    denied: ['works-officer', 'centre', 'operator'],
    allowed: 'works-developer',
  })

  test('200: no call passes any more; it cannot be revoked or renewed again', async () => {
    const ask = () => callService(platform, app, '/api/v1/services/people/row', { query: { id: '2' } })
    expect((await ask()).status).toBe(200)
    const developer = await platform.as('works-developer')
    const input = { params: { id: app.id }, body: { reason: '密钥泄露' } }
    const revoked = await developer.call(revokeApplication, input, { match: app.version })
    expect(revoked.revokedAt).not.toBeNull()
    expect(await ask()).toMatchObject({ status: 401, code: 'service.app_revoked' })
    await refused(developer.call(revokeApplication, input, { match: revoked.version }), 'object.state')
    await refused(developer.call(renewSecret, { params: { id: app.id } }, { match: revoked.version }), 'object.state')
  })

  test('404: no such credential', async () => {
    const developer = await platform.as('works-developer')
    const none = { params: { id: NOBODY }, body: { reason: '无' } }
    await refused(developer.call(revokeApplication, none, { match: 1 }), 'object.not_found')
  })
})
