import type { AddressInfo } from 'node:net'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { renewSecret } from '@huitong/contract/gateway'
import * as oauth from 'oauth4webapi'
import { beforeAll, describe, expect, test } from 'vitest'
import { credential, MATTER, serve, type Credential, type Served } from '../../../../../tests/harness/gateway.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { makeToken, readToken } from './token.ts'

const ROW = '/api/v1/services/people/row?id=2&items=name'

describe('access tokens (OAuth 2.0 client credentials), asked for by a library of others', () => {
  let bent = 0
  const clock = { now: () => new Date(Date.now() + bent) }
  const platform = usePlatform({ centre: true, clock })
  let served: Served
  let app: Credential
  let server: oauth.AuthorizationServer
  const plain = { [oauth.allowInsecureRequests]: true }
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    const issuer = `http://127.0.0.1:${(platform.server.http.server.address() as AddressInfo).port}`
    server = { issuer, token_endpoint: `${issuer}/api/v1/oauth2/token` }
  })
  const ask = async (auth: oauth.ClientAuth, scope = MATTER) => {
    const client = { client_id: app.appId }
    const reply = await oauth.clientCredentialsGrantRequest(server, client, auth, { scope }, plain)
    return oauth.processClientCredentialsResponse(server, client, reply)
  }
  const call = (token: string, address = ROW, headers?: Headers) =>
    oauth.protectedResourceRequest(token, 'GET', new URL(server.issuer + address), headers, undefined, plain)
  const refusalOf = async (reply: Response) => ((await reply.json()) as { error: { code: string } }).error.code

  test.each([
    ['Basic', oauth.ClientSecretBasic],
    ['in the form', oauth.ClientSecretPost],
  ])('a token by the secret %s, and a call with it', async (_name, auth) => {
    const issued = await ask(auth(app.secret))
    expect(issued).toMatchObject({ token_type: 'bearer', expires_in: 600, scope: MATTER })
    const reply = await call(issued.access_token)
    expect([reply.status, await reply.json()]).toEqual([200, { row: { name: '李梅' } }])
  })

  test('refusals as RFC 6749 writes them', async () => {
    const errorOf = (asked: Promise<unknown>) =>
      asked.then(
        () => null,
        (error: oauth.ResponseBodyError) => error,
      )
    const wrong = oauth.ClientSecretPost('x'.repeat(43))
    expect(await errorOf(ask(wrong))).toMatchObject({ error: 'invalid_client', status: 401 })
    const header = ask(oauth.ClientSecretBasic('x'.repeat(43)))
    expect(await errorOf(header)).toMatchObject({ status: 401, code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' })
    const post = oauth.ClientSecretPost(app.secret)
    expect(await errorOf(ask(post, ''))).toMatchObject({ error: 'invalid_scope', status: 400 })
    expect(await errorOf(ask(post, 'M-1 M-2'))).toMatchObject({ error: 'invalid_scope', status: 400 })
    const posted = (body: string, type = 'application/x-www-form-urlencoded') =>
      fetch(server.token_endpoint!, { method: 'POST', body, headers: { 'content-type': type } })
    const credentials = `client_id=${app.appId}&client_secret=${app.secret}`
    const password = await posted(`grant_type=password&scope=${MATTER}&${credentials}`)
    expect([password.status, await password.json()]).toMatchObject([400, { error: 'unsupported_grant_type' }])
    const twice = await posted(`grant_type=client_credentials&scope=a&scope=b&${credentials}`)
    expect([twice.status, await twice.json()]).toMatchObject([400, { error: 'invalid_request' }])
    const json = await posted('{}', 'application/json')
    expect([json.status, await json.json()]).toMatchObject([400, { error: 'invalid_request' }])
    const large = await posted(`${credentials}&x=${'x'.repeat(5_000)}`)
    expect(large.status).toBe(413)
  })

  test('a token opens no other matter than it was issued for, whatever a header says', async () => {
    const { access_token } = await ask(oauth.ClientSecretBasic(app.secret), 'M-OTHER')
    const reply = await call(access_token, ROW, new Headers({ 'x-huitong-matter': MATTER }))
    expect([reply.status, await refusalOf(reply)]).toEqual([403, 'service.matter_not_granted'])
  })

  test('a token that was made up, changed or is over opens nothing', async () => {
    const { access_token: token } = await ask(oauth.ClientSecretBasic(app.secret))
    const changed = `${token.slice(0, 10)}${token[10] === 'A' ? 'B' : 'A'}${token.slice(11)}`
    for (const one of ['x', 'e30.e30', changed])
      await expect(call(one)).rejects.toMatchObject({ status: 401, code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' })
    expect((await call(token)).status).toBe(200)
    bent = 601_000
    await expect(call(token)).rejects.toMatchObject({ status: 401 })
    bent = 0
    const facts = { appId: app.appId, version: app.version, matter: MATTER }
    expect(readToken(platform.server.services, makeToken(platform.server.services, facts))).toEqual(facts)
  })

  test('a revoked grant and a renewed secret end the tokens that were issued before', async () => {
    const { access_token: token } = await ask(oauth.ClientSecretBasic(app.secret))
    const developer = await platform.as('works-developer')
    const renewed = await developer.call(renewSecret, { params: { id: app.id } }, { match: app.version })
    await expect(call(token)).rejects.toMatchObject({ status: 401 })
    const { access_token: next } = await ask(oauth.ClientSecretBasic(renewed.secret))
    expect((await call(next)).status).toBe(200)
    const head = await platform.as('civil-head')
    const of = { params: { id: served.request.grantId! } }
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    const reply = await call(next)
    expect([reply.status, await refusalOf(reply)]).toEqual([403, 'service.grant_revoked'])
  })
})
