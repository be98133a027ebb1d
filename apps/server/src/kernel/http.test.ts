import { request as httpRequest } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { ALL_ENDPOINTS } from '@huitong/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, PASSWORD, usePlatform } from '../../../../tests/harness/platform.ts'

describe('HTTP', () => {
  const platform = usePlatform({ jobs: false })
  let port = 0
  let cookie = ''
  beforeAll(async () => {
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    port = (platform.server.http.server.address() as AddressInfo).port
    cookie = (await platform.as('sysadmin')).cookie
  })

  interface Sent {
    method?: string
    path?: string
    headers?: Record<string, string | string[]>
    body?: string | Buffer
  }
  interface Answer {
    status: number
    headers: Record<string, string | string[] | undefined>
    text: string
    code: string | null
  }
  const send = ({ method = 'POST', path = '/api/v1/departments', headers = {}, body }: Sent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const asking = httpRequest({ port, method, path, headers: { ...type, cookie, ...headers } }, (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const parsed = text.startsWith('{') ? (JSON.parse(text) as { error?: { code: string } }) : {}
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text, code: parsed.error?.code ?? null })
        })
      })
      asking.on('error', reject)
      asking.end(body)
    })
  const expectRefusal = async (sent: Sent, status: number, code: string) => {
    const answer = await send(sent)
    expect({ status: answer.status, code: answer.code }).toEqual({ status, code })
    return answer
  }

  describe('bad input gets a clear answer that names the place', () => {
    const good = {
      name: { zh: '卫健委' },
      creditCode: '11330100MB00000114',
      division: '330100',
      kind: 'department',
      validFrom: '2024-01-01',
    }
    const places = (answer: Answer) =>
      (JSON.parse(answer.text) as { error: { places: { path: string }[] } }).error.places.map((one) => one.path)

    test('unknown keys, missing keys and wrong types, each by its own place', async () => {
      const { kind: _kind, ...rest } = good
      const body = JSON.stringify({ ...rest, name: { zh: 7, fr: 'x' }, 'a/b~c': 1 })
      const answer = await expectRefusal({ body }, 400, 'request.invalid')
      expect(places(answer).sort()).toEqual(['/a~1b~0c', '/kind', '/name/fr', '/name/zh'])
    })

    test('nothing is coerced: numbers as texts and texts as numbers are refused', async () => {
      for (const [name, value] of [
        ['validFrom', 20240101],
        ['division', 330100],
        ['kind', ['department']],
        ['name', null],
      ] as const)
        expect(
          places(await expectRefusal({ body: JSON.stringify({ ...good, [name]: value }) }, 400, 'request.invalid')),
        ).toContain(`/${name}`)
    })

    test('a body that is no object', async () => {
      for (const body of ['null', '[]', '"x"', '7', 'true', '[[]]'])
        await expectRefusal({ body }, 400, 'request.invalid')
    })

    test('broken UTF-8 and NUL are refused as encoding; Han beyond the BMP passes the schema', async () => {
      const broken = Buffer.concat([Buffer.from('{"name":{"zh":"'), Buffer.from([0xd6, 0xd0]), Buffer.from('"}}')])
      await expectRefusal({ body: broken }, 400, 'request.encoding')
      await expectRefusal({ body: JSON.stringify({ ...good, name: { zh: 'a\u0000b' } }) }, 400, 'request.encoding')
      const rare = await send({ body: JSON.stringify({ ...good, name: { zh: '𠮷𪚥局㐀' } }) })
      expect(rare.status).toBe(201)
      expect(rare.text).toContain('𠮷𪚥局㐀')
    })

    test('control characters in a name are refused at their place', async () => {
      const answer = await expectRefusal(
        { body: JSON.stringify({ ...good, name: { zh: 'a\u001b[31m' } }) },
        400,
        'request.invalid',
      )
      expect(places(answer)).toEqual(['/name/zh'])
    })

    test('deep, repeated and __proto__ JSON', async () => {
      await expectRefusal({ body: '['.repeat(100_000) }, 400, 'request.malformed')
      await expectRefusal({ body: '{"kind":"department","kind":"bureau"}' }, 400, 'request.malformed')
      await expectRefusal({ body: '{"__proto__":{"permissions":["x"]}}' }, 400, 'request.malformed')
      await expectRefusal({ body: '{"a":1e400}' }, 400, 'request.malformed')
      await expectRefusal({ body: '{"a":' }, 400, 'request.malformed')
    })

    test('a hundred thousand unknown keys get a short answer, quickly', async () => {
      const body = JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [`k${n}`, 1])))
      const begun = performance.now()
      const answer = await expectRefusal({ body }, 400, 'request.invalid')
      expect(performance.now() - begun).toBeLessThan(8_000)
      expect(places(answer).length).toBeLessThanOrEqual(20)
      const long = await expectRefusal({ body: JSON.stringify({ ['k'.repeat(500_000)]: 1 }) }, 400, 'request.invalid')
      expect(long.text.length).toBeLessThan(5_000)
    })

    test('a body over its limit is refused before it is read to its end, also without a length', async () => {
      const body = Buffer.alloc(2 * 1024 * 1024, 0x20)
      await expectRefusal({ body }, 413, 'request.too_large')
      await expectRefusal({ body, headers: { 'transfer-encoding': 'chunked' } }, 413, 'request.too_large')
    })

    test('other kinds of content are refused: forms, XML, plain text', async () => {
      for (const type of [
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain',
        'application/xml',
        'x',
      ])
        await expectRefusal({ body: 'a=1', headers: { 'content-type': type } }, 415, 'request.unsupported_media')
    })

    test('query: unknown, repeated, too large and forged page positions', async () => {
      const get = (path: string) => send({ method: 'GET', path: `/api/v1/departments?${path}` })
      for (const bad of [
        'color=red',
        'limit=1&limit=2',
        'limit=0',
        'limit=201',
        'limit=1e9',
        'limit=-1',
        'after=xx',
        'after=WyJ4Il0',
        'after=%00',
        'q=%00',
      ])
        expect([bad, (await get(bad)).code]).toEqual([bad, 'request.invalid'])
    })

    test('text that looks like SQL is only text', async () => {
      for (const bad of [
        "'; drop table person; --",
        "' or 1=1 --",
        '%',
        '_',
        '\\',
        "x' union select password from credential --",
        '$(pg_sleep(5))',
      ]) {
        const answer = await send({ method: 'GET', path: `/api/v1/departments?q=${encodeURIComponent(bad)}` })
        expect([bad, answer.status, (JSON.parse(answer.text) as { items: unknown[] }).items]).toEqual([bad, 200, []])
      }
    })

    test('a path parameter that is no identifier, or breaks the address', async () => {
      for (const id of ['1', 'x', '..%2f..', '%00', 'A'.repeat(400), "'"])
        expect([id, (await send({ method: 'GET', path: `/api/v1/departments/${id}` })).code]).toEqual([
          id,
          'request.invalid',
        ])
      expect((await send({ method: 'GET', path: '/api/v1/departments/%ff%fe' })).status).toBe(400)
      expect((await send({ method: 'GET', path: '/api/v1/departments/%zz' })).status).toBe(400)
    })

    test('If-Match: missing 428, weak or foreign forms 412', async () => {
      const path = `/api/v1/departments/${platform.departments.civil}`
      const body = JSON.stringify({ name: { zh: '民政局' } })
      await expectRefusal({ method: 'PATCH', path, body }, 428, 'object.match_required')
      for (const match of ['*', 'W/"1"', '1', '"x"', '"1", "2"', '"-1"'])
        await expectRefusal({ method: 'PATCH', path, body, headers: { 'if-match': match } }, 412, 'object.changed')
    })

    test('an Idempotency-Key of a wrong form is named', async () => {
      for (const key of ['short', 'x'.repeat(129), 'with space in it'])
        expect(
          places(
            await expectRefusal(
              { body: JSON.stringify(good), headers: { 'idempotency-key': key } },
              400,
              'request.invalid',
            ),
          ),
        ).toEqual(['#/headers/idempotency-key'])
    })
  })

  describe('who asks', () => {
    test('a cookie alone is not enough: writes from another site are refused', async () => {
      const body = JSON.stringify({})
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ])
        await expectRefusal({ body, headers: headers as Record<string, string> }, 403, 'request.origin_refused')
      const own = { origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' }
      await expectRefusal({ body, headers: own }, 400, 'request.invalid')
    })

    test('forged headers give nobody rights or another address', async () => {
      const headers = {
        cookie: 'huitong_session=forged-forged-forged-forged-forged',
        'x-dept-id': platform.departments.bureau,
        'x-user-id': 'sysadmin',
        authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.',
        'x-forwarded-for': '127.0.0.1',
        'x-http-method-override': 'DELETE',
      }
      await expectRefusal({ method: 'GET', headers }, 401, 'session.required')
    })

    test('the session cookie is unreachable for scripts and other sites', async () => {
      const client = clientOf(platform.server)
      const reply = await platform.server.http.inject({
        method: 'POST',
        url: '/api/v1/sessions',
        payload: { account: 'auditor', password: PASSWORD },
      })
      expect(client.cookie).toBe('')
      expect(String(reply.headers['set-cookie'])).toMatch(
        /^huitong_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
      )
    })
  })

  describe('addresses and methods', () => {
    test('an unknown address and an unknown method answer in our form', async () => {
      await expectRefusal({ method: 'GET', path: '/api/v1/nothing' }, 404, 'route.not_found')
      await expectRefusal({ method: 'GET', path: '/api/v1/roles/' }, 404, 'route.not_found')
      await expectRefusal({ method: 'GET', path: '/API/v1/departments' }, 404, 'route.not_found')
      const answer = await expectRefusal({ method: 'DELETE' }, 405, 'request.method_not_allowed')
      expect(answer.headers['allow']).toBe('GET, POST')
      for (const method of ['TRACE', 'OPTIONS', 'PROPFIND'])
        expect([method, (await send({ method })).status]).toEqual([method, 404])
    })

    test('every endpoint of the contract is served, and nothing else under /api', async () => {
      const served = new Set<string>()
      for (const { method, path } of ALL_ENDPOINTS) served.add(`${method} ${path}`)
      for (const { method, path } of ALL_ENDPOINTS)
        expect([path, platform.server.http.hasRoute({ method: method as 'GET', url: path })]).toEqual([path, true])
      expect(platform.server.http.printRoutes({ commonPrefix: false })).not.toContain('debug')
    })

    test('security headers stand on every answer, also on errors', async () => {
      for (const sent of [{ method: 'GET' }, { method: 'GET', path: '/nothing' }, { method: 'GET', path: '/livez' }]) {
        const { headers } = await send(sent)
        expect(headers['x-content-type-options']).toBe('nosniff')
        expect(headers['x-frame-options']).toBe('DENY')
        expect(headers['content-security-policy']).toContain("default-src 'self'")
        expect(headers['access-control-allow-origin']).toBeUndefined()
      }
    })

    test('what a person reads is never cached', async () => {
      expect((await send({ method: 'GET' })).headers['cache-control']).toBe('no-store')
    })

    test('an object carries its version as ETag', async () => {
      const { headers, text } = await send({ method: 'GET', path: `/api/v1/departments/${platform.departments.civil}` })
      expect(headers['etag']).toBe(`"${(JSON.parse(text) as { version: number }).version}"`)
    })
  })

  test('live, ready, metrics', async () => {
    expect((await send({ method: 'GET', path: '/livez' })).status).toBe(200)
    expect(JSON.parse((await send({ method: 'GET', path: '/readyz' })).text)).toEqual({ ready: true })
    const metrics = await send({ method: 'GET', path: '/metrics' })
    expect(metrics.text).toMatch(
      /huitong_request_seconds_count\{endpoint="identity\.department\.list",status="200"\} \d+/,
    )
    const from = await platform.server.http.inject({ method: 'GET', url: '/metrics', remoteAddress: '10.1.2.3' })
    expect(from.statusCode).toBe(404)
  })

  test('broken requests on the wire end with an answer, and the server goes on', async () => {
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(text))
        let got = ''
        socket.on('data', (chunk) => (got += chunk.toString()))
        socket.on('close', () => resolve(got))
        socket.on('error', () => resolve(got))
      })
    expect(await raw('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/)
    expect(
      await raw(
        'POST /api/v1/departments HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1\.1 400/)
    expect(await raw(`GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    )
    expect((await send({ method: 'GET', path: '/livez' })).status).toBe(200)
  })
})
