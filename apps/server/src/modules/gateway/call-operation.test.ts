import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { countCalls, setServiceState } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  callService,
  credential,
  signedRequest,
  type CallGiven,
  type Credential,
} from '../../../../../tests/harness/gateway.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { sendJson, serveUpstream, startUpstream, type Upstream } from '../../../../../tests/harness/upstream.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

const BASE = '/api/v1/services/people-live'

describe('operations of a proxied service', () => {
  const platform = usePlatform({ centre: true, env: { HUITONG_UPSTREAM_ALLOW: '127.0.0.1' } })
  let upstream: Upstream
  let app: Credential
  let made: Awaited<ReturnType<typeof serveUpstream>>
  beforeAll(async () => {
    upstream = await startUpstream()
    made = await serveUpstream(platform, upstream)
    app = await credential(platform)
  })
  afterAll(() => upstream.stop())
  beforeEach(() => {
    upstream.seen.length = 0
    upstream.answer = (_request, reply) => sendJson(reply, '[{"id":"2","name":"李梅"}]')
  })
  const call = (operation: string, given: CallGiven = {}) =>
    callService(platform, app, `${BASE}/operations/${operation}`, given)
  const find = (query: Record<string, string> = { id: '2' }, given: CallGiven = {}) => call('find', { ...given, query })

  test('what was checked is asked, made anew: nothing of the caller’s headers, the gateway’s own key', async () => {
    const spoil = (headers: Record<string, string>) =>
      Object.assign(headers, { cookie: 'c=1', 'x-forwarded-for': '9.9.9.9', 'x-api-key': 'own', connection: 'close' })
    const reply = await find({ id: '2', q: '李 & 梅=' }, { spoil })
    expect([reply.status, reply.body]).toEqual([200, [{ id: '2', name: '李梅' }]])
    expect(upstream.seen.map((one) => [one.method, one.url])).toEqual([
      ['GET', `/base/people?id=2&q=${encodeURIComponent('李 & 梅=')}`],
    ])
    const { headers } = upstream.seen[0]!
    expect(Object.keys(headers).sort()).toEqual(
      ['accept', 'accept-encoding', 'connection', 'host', 'user-agent', 'x-api-key', 'x-request-id'].sort(),
    )
    expect([headers['x-api-key'], headers.connection]).toEqual(['key-of-the-gateway', 'keep-alive'])
  })

  test('the reply goes out byte for byte, without any header of the other system', async () => {
    const text = '[ {"id":"2","amount":9007199254740993.10} ]'
    upstream.answer = (_request, reply) => sendJson(reply, text)
    const { method, url, headers } = signedRequest(platform, app, `${BASE}/operations/find`, { query: { id: '2' } })
    const reply = await platform.server.http.inject({ method, url, headers })
    expect([reply.statusCode, reply.payload]).toEqual([200, text])
    for (const name of ['set-cookie', 'x-internal']) expect(reply.headers[name]).toBeUndefined()
  })

  test('a body of the agreed form; another one never reaches the other system', async () => {
    upstream.answer = (request, reply) =>
      sendJson(
        reply,
        JSON.stringify({ people: (JSON.parse(request.body) as { ids: string[] }).ids.map((id) => ({ id })) }),
      )
    const good = await call('batch', { method: 'POST', body: { ids: ['1', '2'] } })
    expect(good.body).toEqual({ people: [{ id: '1' }, { id: '2' }] })
    upstream.seen.length = 0
    for (const body of [{}, { ids: [1] }, { ids: ['1'], more: true }, { ids: ['1', '2', '3', '4', '5', '6'] }])
      expect(await call('batch', { method: 'POST', body })).toMatchObject({ status: 400, code: 'request.invalid' })
    expect(upstream.seen).toEqual([])
  })

  test('parameters: unknown, missing, of another type, too long', async () => {
    for (const query of [{}, { id: 'x' }, { id: '2', page: '1' }, { id: '2', q: 'x'.repeat(21) }])
      expect(await find(query as Record<string, string>)).toMatchObject({ status: 400, code: 'request.invalid' })
    expect(upstream.seen).toEqual([])
  })

  test('an operation that gives an item which is not granted, one that is none, a way of another kind', async () => {
    expect(await call('phone')).toMatchObject({ status: 403, code: 'service.item_not_granted' })
    expect(await call('nothing')).toMatchObject({ status: 404, code: 'service.way_unknown' })
    expect(await call('batch')).toMatchObject({ code: 'service.way_unknown' })
    const row = await callService(platform, app, `${BASE}/row`, { query: { id: '2' } })
    expect(row).toMatchObject({ status: 404, code: 'service.way_unknown' })
    expect(upstream.seen).toEqual([])
  })

  test.each([
    ['a property that was not agreed', '[{"id":"2","phone":"139"}]', 'service.reply_invalid'],
    ['another form', '{"id":"2"}', 'service.reply_invalid'],
    ['no JSON', '<html>', 'service.reply_invalid'],
    ['bytes that are no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), 'service.reply_invalid'],
    ['more bytes than were agreed', `[${'{"id":"2"},'.repeat(500)}{"id":"2"}]`, 'service.reply_invalid'],
  ])('a reply is withheld: %s', async (_name, text, code) => {
    upstream.answer = (_request, reply) => {
      reply.writeHead(200, { 'content-type': 'application/json' })
      reply.end(text)
    }
    const reply = await find()
    expect(reply).toMatchObject({ status: 502, code })
    expect(JSON.stringify(reply.body)).not.toContain('139')
    upstream.answer = (_request, ok) => sendJson(ok, '[]')
    expect((await find()).status).toBe(200)
  })

  test('what another system may say: no such record, an error, a redirect that is not followed, compressed bytes', async () => {
    const asks = async (status: number, headers: Record<string, string>) => {
      upstream.answer = (_request, reply) => void reply.writeHead(status, headers).end('[]')
      const { code } = await find()
      upstream.answer = (_request, reply) => sendJson(reply, '[]')
      await find()
      return code
    }
    expect(await asks(404, {})).toBe('service.row_not_found')
    expect(await asks(500, {})).toBe('service.upstream_failed')
    expect(await asks(302, { location: 'http://127.0.0.1:1/' })).toBe('service.upstream_failed')
    expect(await asks(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })).toBe(
      'service.reply_invalid',
    )
    expect(await asks(200, { 'content-type': 'text/html' })).toBe('service.reply_invalid')
    expect(upstream.seen.length).toBe(10)
  })

  test('a reply that may be kept is asked for once; another question is another one', async () => {
    for (let at = 0; at < 3; at++) expect((await call('kept', { query: { id: '1' } })).status).toBe(200)
    await call('kept', { query: { id: '2' } })
    expect(upstream.seen.map((one) => one.url)).toEqual(['/base/kept?id=1', '/base/kept?id=2'])
  })

  test('each call is in the account like any other, with the rows of its reply; a replay is refused', async () => {
    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
    const count = async () =>
      (
        await (
          await platform.as('centre')
        ).call(countCalls, { query: { from: day, until: day, by: 'service,outcome', serviceId: made.service.id } })
      ).items.find((one) => one.outcome === 'ok')!
    const before = await count()
    upstream.answer = (_request, reply) => sendJson(reply, '[{"id":"2"},{"id":"3"}]')
    const nonce = 'a-proxied-call-once-0001'
    expect((await find({ id: '2' }, { nonce })).status).toBe(200)
    expect(await find({ id: '2' }, { nonce })).toMatchObject({ status: 409, code: 'service.replayed' })
    const after = await count()
    expect([Number(after.calls) - Number(before.calls), Number(after.rows) - Number(before.rows)]).toEqual([1, 2])
  })

  test('too late is 504; after five failures nothing is asked for a while, and one question decides how it goes on', async () => {
    upstream.answer = () => undefined
    const late = await Promise.all(Array.from({ length: 5 }, () => find()))
    expect(new Set(late.map((one) => one.code))).toEqual(new Set(['service.upstream_timeout']))
    upstream.seen.length = 0
    const resting = await find()
    expect(resting).toMatchObject({ status: 503, code: 'service.upstream_resting' })
    expect(Number(resting.retryAfter)).toBeGreaterThan(0)
    expect(upstream.seen).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 10_100))
    upstream.answer = (_request, reply) => sendJson(reply, '[]')
    expect((await find()).status).toBe(200)
  }, 30_000)

  test('nobody listens: 502, and stopped or revoked it is refused without asking', async () => {
    await platform.server.services.db.write(SYSTEM_ROWS, async (db) => {
      await db.run(sql`update proxied_service set base_url = 'http://127.0.0.1:9/base'`)
      await db.run(sql`update service set version = version + 1`)
    })
    await find()
    expect(await find()).toMatchObject({ status: 502, code: 'service.upstream_failed' })
    const head = await platform.as('civil-head')
    const of = { params: { id: made.request.grantId! } }
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    expect(await find()).toMatchObject({ status: 403, code: 'service.grant_revoked' })
    const centre = await platform.as('centre')
    const body = { state: 'stopped' as const, reason: '停用' }
    await centre.call(setServiceState, { params: { id: made.service.id }, body }, { match: made.service.version + 1 })
    expect((await find()).code).not.toBeNull()
  })
})
