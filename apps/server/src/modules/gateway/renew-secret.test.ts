import { renewSecret } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, serve, type Credential } from '../../../../../tests/harness/gateway.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('renew a secret', () => {
  const platform = usePlatform({ centre: true })
  let app: Credential
  beforeAll(async () => {
    await serve(platform)
    app = await credential(platform)
  })
  const ask = (secret: string) =>
    callService(platform, { ...app, secret }, '/api/v1/services/people/row', { query: { id: '2' } })
  guards(platform, renewSecret, {
    input: () => ({ params: { id: app.id } }),
    denied: ['works-officer', 'centre', 'operator'],
    allowed: 'works-developer',
  })

  test('201: the new secret signs, the old one does not any more', async () => {
    expect((await ask(app.secret)).status).toBe(200)
    const developer = await platform.as('works-developer')
    const renewed = await developer.call(renewSecret, { params: { id: app.id } }, { match: app.version })
    expect(renewed.secret).not.toBe(app.secret)
    // What was looked up a moment ago is not looked up again for a second.
    await eventually(
      () => ask(renewed.secret),
      (one) => one.status === 200,
    )
    expect(await ask(app.secret)).toMatchObject({ status: 401, code: 'service.signature_wrong' })
  })

  test('404: no such credential', async () => {
    const developer = await platform.as('works-developer')
    await refused(developer.call(renewSecret, { params: { id: NOBODY } }, { match: 1 }), 'object.not_found')
  })
})
