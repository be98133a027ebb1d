import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { CALL_HEADERS } from '@huitong/contract/application-signature'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { openService } from '@huitong/contract/gateway'
import { shiftLegalClock } from '@huitong/contract/standards'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  callService,
  credential,
  granted,
  MATTER,
  serve,
  type CallGiven,
  type Credential,
  type Served,
} from '../../../../../tests/harness/gateway.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

const BASE = '/api/v1/services/people'

describe('calls of a service', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  let app: Credential
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
  })
  const call = (way: string, given: CallGiven = {}) => callService(platform, app, `${BASE}/${way}`, given)
  const row = (query: Record<string, string>, given: CallGiven = {}) => call('row', { ...given, query })
  const calls = (where = sql`true`) =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ outcome: string; rows: string; matter_code: string }>(
        sql`select outcome, rows, matter_code from service_call where ${where} order by id`,
      ),
    )

  test('a row by its key: granted items only, masked, 64-bit numbers whole', async () => {
    const reply = await row({ id: '9007199254740993' })
    expect(reply).toMatchObject({ status: 200, code: null })
    expect(reply.body).toEqual({
      row: {
        id: '9007199254740993',
        name: '王小明',
        id_number: '330102********231X',
        village_code: '330102001001',
      },
    })
    expect((await row({ id: '2', items: 'name' })).body).toEqual({ row: { name: '李梅' } })
  })

  test('a row outside the grant’s filter is answered like one that is not there', async () => {
    const outside = await row({ id: '3' })
    const nowhere = await row({ id: '4' })
    expect(outside).toMatchObject({ status: 404, code: 'service.row_not_found' })
    const { requestId: _one, ...first } = outside.body['error'] as Record<string, unknown>
    const { requestId: _two, ...second } = nowhere.body['error'] as Record<string, unknown>
    expect(first).toEqual(second)
  })

  test('rows by a filter, page by page, and their count', async () => {
    const first = await call('rows', { query: { limit: '1', items: 'id,name' } })
    expect(first.body).toMatchObject({ items: [{ id: '2', name: '李梅' }] })
    const after = first.body['next'] as string
    expect(Buffer.from(after, 'base64url').toString('latin1')).not.toContain('"2"')
    const second = await call('rows', { query: { limit: '1', items: 'id,name', after } })
    expect(second.body).toEqual({ items: [{ id: '9007199254740993', name: '王小明' }], next: null })
    const named = await call('rows', { query: { 'name.startsWith': '李', items: 'name' } })
    expect(named.body).toEqual({ items: [{ name: '李梅' }], next: null })
    expect((await call('count')).body).toEqual({ count: '2' })
    expect((await call('count', { query: { 'id.gt': '2' } })).body).toEqual({ count: '1' })
    expect((await call('count', { query: { 'village_code.in': '330102001001,440102001002' } })).body).toEqual({
      count: '1',
    })
  })

  test('a batch of keys, in their order', async () => {
    const body = { keys: [{ id: '3' }, { id: '2' }, { id: '9007199254740993' }], items: ['name'] }
    expect((await call('batch', { method: 'POST', body })).body).toEqual({
      rows: [null, { name: '李梅' }, { name: '王小明' }],
    })
  })

  test('an item that is not granted, and a masked one as a condition, each have a code of their own', async () => {
    const refused = await row({ id: '2', items: 'name,phone' })
    expect(refused).toMatchObject({ status: 403, code: 'service.item_not_granted' })
    expect(JSON.stringify(refused.body)).toContain('phone')
    expect(await call('rows', { query: { phone: '13900005678' } })).toMatchObject({ code: 'service.item_not_granted' })
    const masked = await call('rows', { query: { 'id_number.startsWith': '3301' } })
    expect(masked).toMatchObject({ status: 403, code: 'service.item_masked' })
  })

  test('signature: missing, wrong, of another request, of another secret, late, replayed', async () => {
    const missing = await row({ id: '2' }, { spoil: (headers) => delete headers[CALL_HEADERS.signature] })
    expect(missing).toMatchObject({ status: 401, code: 'service.signature_missing' })
    const wrong = await row({ id: '2' }, { spoil: (headers) => (headers[CALL_HEADERS.matter] = 'M-OTHER') })
    expect(wrong).toMatchObject({ status: 401, code: 'service.signature_wrong' })
    const foreign = await callService(platform, { ...app, secret: 'x'.repeat(43) }, `${BASE}/row`, {
      query: { id: '2' },
    })
    expect(foreign).toMatchObject({ code: 'service.signature_wrong' })
    const unknown = await callService(platform, { ...app, appId: `ht${'a'.repeat(20)}` }, `${BASE}/row`)
    expect(unknown).toMatchObject({ status: 401, code: 'service.app_unknown' })
    const now = Math.floor(Date.now() / 1000)
    for (const timestamp of [now - 301, now + 302])
      expect(await row({ id: '2' }, { timestamp })).toMatchObject({ status: 401, code: 'service.clock_skew' })
    const nonce = 'once-and-never-again-0001'
    expect((await row({ id: '2' }, { nonce })).status).toBe(200)
    expect(await row({ id: '2' }, { nonce })).toMatchObject({ status: 409, code: 'service.replayed' })
    expect(await row({ id: '3' }, { nonce })).toMatchObject({ code: 'service.replayed' })
  })

  test('the same call at the same time is answered once, however the processes interleave', async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => row({ id: '2' }, { nonce: 'at-the-same-time-0001' })),
    )
    expect(replies.map((one) => one.status).sort()).toEqual([200, ...Array<number>(7).fill(409)])
  })

  test('matter: missing and foreign; a service that is none; a department without a grant', async () => {
    expect(await row({ id: '2' }, { matter: null })).toMatchObject({ status: 400, code: 'service.matter_missing' })
    expect(await row({ id: '2' }, { matter: 'M-404' })).toMatchObject({
      status: 403,
      code: 'service.matter_not_granted',
    })
    expect(await callService(platform, app, '/api/v1/services/nothing/row')).toMatchObject({
      status: 404,
      code: 'service.unknown',
    })
  })

  test('parameters that are wrong are named, and never reach the database as text', async () => {
    for (const query of [{ id: "1' or '1'='1" }, { id: '2', name: 'x' }, {}, { id: '99999999999999999999' }])
      expect(await row(query as Record<string, string>)).toMatchObject({ status: 400, code: 'request.invalid' })
    for (const query of [
      { limit: '0' },
      { limit: '201' },
      { after: 'bm90IG91cnM' },
      { 'name.like': '%' },
      { 'id.gt': '一' },
      { 'id.startsWith': '2' },
    ])
      expect(await call('rows', { query: query as Record<string, string> })).toMatchObject({ code: 'request.invalid' })
    const keys = Array.from({ length: 201 }, (_, at) => ({ id: String(at) }))
    expect(await call('batch', { method: 'POST', body: { keys } })).toMatchObject({ code: 'request.invalid' })
    expect(await call('batch', { method: 'POST', body: { keys: [{ id: '2', name: 'x' }] } })).toMatchObject({
      code: 'request.invalid',
    })
  })

  test('each answered or refused call of a known application is in the account, under its matter', async () => {
    const before = (await calls()).length
    await row({ id: '2' })
    await row({ id: '2', items: 'phone' })
    await row({ id: '2' }, { matter: 'M-404' })
    expect((await calls()).slice(before)).toEqual([
      { outcome: 'ok', rows: '1', matter_code: MATTER },
      { outcome: 'service.item_not_granted', rows: '0', matter_code: MATTER },
      { outcome: 'service.matter_not_granted', rows: '0', matter_code: 'M-404' },
    ])
    const kept = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ text: string }>(sql`select string_agg(c::text, '') as text from service_call c`),
    )
    for (const value of ['王小明', '李梅', '9007199254740993']) expect(kept.text).not.toContain(value)
  })

  test('quota: the call that is one too many is refused and says when to come back, also when all come at once', async () => {
    const body = { perSecondMax: 1_000, perDayMax: 3 }
    const request = await granted(platform, served.landed, { matter: { code: 'M-QUOTA', name: '配额测试' } })
    const centre = await platform.as('centre')
    await centre.call(openService, { params: { id: served.service.id }, body: { ...body, grantId: request.grantId! } })
    // What was looked up a moment ago is not looked up again for a second.
    await eventually(
      () => row({ id: '2', items: 'phone' }, { matter: 'M-QUOTA' }),
      (one) => one.code === 'service.item_not_granted',
    )
    const replies = await Promise.all(Array.from({ length: 6 }, () => row({ id: '2' }, { matter: 'M-QUOTA' })))
    expect(replies.filter((one) => one.status === 200).length).toBe(3)
    for (const one of replies.filter((reply) => reply.status !== 200)) {
      expect(one).toMatchObject({ status: 429, code: 'service.over_quota' })
      expect(Number(one.retryAfter)).toBeGreaterThan(0)
    }
    // Who is over quota still hears that the grant was revoked.
    const of = { params: { id: request.grantId! } }
    const head = await platform.as('civil-head')
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    const told = await eventually(
      () => row({ id: '2' }, { matter: 'M-QUOTA' }),
      (one) => one.code === 'service.grant_revoked',
    )
    expect(told.status).toBe(403)
  })

  test('openssl makes the same signature', async () => {
    let text = ''
    const spoil = (headers: Record<string, string>) => {
      const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
      text = [
        'HUITONG-HMAC-SHA256',
        'GET',
        `${BASE}/row`,
        'id=2&items=id%2Cname',
        empty,
        app.appId,
        headers[CALL_HEADERS.timestamp],
        headers[CALL_HEADERS.nonce],
        MATTER,
      ].join('\n')
      const made = spawnSync('openssl', ['dgst', '-sha256', '-hmac', app.secret, '-hex'], {
        input: text,
        encoding: 'utf8',
      })
      headers[CALL_HEADERS.signature] = made.stdout.trim().split(' ').at(-1)!
    }
    expect((await row({ id: '2', items: 'id,name' }, { spoil })).body).toEqual({ row: { id: '2', name: '李梅' } })
  })

  test('HMAC-SM3: as openssl makes it; the algorithm is part of what is signed, and an unknown one is refused', async () => {
    const reply = await row({ id: '2', items: 'name' }, { sm3: true })
    expect(reply.body).toEqual({ row: { name: '李梅' } })
    // GB/T 32905-2016, annex A.1, and what openssl says of the HMAC.
    expect(createHash('sm3').update('abc').digest('hex')).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    )
    let foreign = ''
    const spoil = (headers: Record<string, string>) => {
      const lines = ['HUITONG-HMAC-SM3', 'GET', `${BASE}/row`, 'id=2&items=name', createHash('sm3').digest('hex')]
      const [timestamp, nonce] = [headers[CALL_HEADERS.timestamp]!, headers[CALL_HEADERS.nonce]!]
      const input = [...lines, app.appId, timestamp, nonce, MATTER].join('\n')
      const made = spawnSync('openssl', ['dgst', '-sm3', '-hmac', app.secret, '-hex'], { input, encoding: 'utf8' })
      foreign = made.stdout.trim().split(' ').at(-1) ?? ''
      headers[CALL_HEADERS.signature] = foreign
    }
    expect((await row({ id: '2', items: 'name' }, { sm3: true, spoil })).status).toBe(200)
    expect(foreign).toMatch(/^[0-9a-f]{64}$/)
    const batch = { keys: [{ id: '2' }], items: ['name'] }
    expect((await call('batch', { method: 'POST', body: batch, sm3: true })).status).toBe(200)
    for (const [change, code] of [
      [(headers: Record<string, string>) => delete headers['x-huitong-algorithm'], 'service.signature_wrong'],
      [
        (headers: Record<string, string>) => (headers['x-huitong-algorithm'] = 'HUITONG-HMAC-MD5'),
        'service.signature_missing',
      ],
    ] as const)
      expect(await row({ id: '2' }, { sm3: true, spoil: change })).toMatchObject({ status: 401, code })
  })

  test('a grant that is revoked, and one that has expired by legal time, is refused from the next call on', async () => {
    const head = await platform.as('civil-head')
    const of = { params: { id: served.request.grantId! } }
    expect((await row({ id: '2' })).status).toBe(200)
    const { version } = await head.call(readGrant, of)
    await head.call(revokeGrant, { ...of, body: { reason: '依据已废止' } }, { match: version })
    expect(await row({ id: '2' })).toMatchObject({ status: 403, code: 'service.grant_revoked' })

    const ended = { matter: { code: 'M-OLD', name: '已到期' }, from: '2020-01-01', until: '2027-01-31' }
    const request = await granted(platform, served.landed, ended)
    const centre = await platform.as('centre')
    const body = { perSecondMax: 1_000, perDayMax: 1_000, grantId: request.grantId! }
    await centre.call(openService, { params: { id: served.service.id }, body })
    const ask = () => row({ id: '2' }, { matter: 'M-OLD' })
    await eventually(ask, (one) => one.status === 200)
    const seconds = Math.ceil((Date.parse('2027-02-01T00:00:00+08:00') - Date.now()) / 1000)
    await centre.call(shiftLegalClock, { body: { offsetSeconds: seconds } })
    await eventually(ask, (one) => one.code === 'service.grant_expired')
    expect((await ask()).status).toBe(403)
  })
})
