import { describe, expect, test } from 'vitest'
import { settingsFor, usePlatform } from '../../../../tests/harness/platform.ts'
import type { Refusal } from './errors.ts'
import { createLog } from './log.ts'
import { RateLimit } from './rate-limit.ts'
import { createServer } from '../server.ts'
import { listDepartments } from '@huitong/contract/identity'

describe('requests are counted by caller', () => {
  const refusalOf = (act: () => void): Refusal | null => {
    try {
      act()
      return null
    } catch (error) {
      return error as Refusal
    }
  }

  test('ten seconds’ worth at once, then as many a second as allowed, and each caller for itself', () => {
    let now = 0
    const limit = new RateLimit(2, () => now)
    const passed = (caller: string, tries: number) =>
      Array.from({ length: tries }, () => refusalOf(() => limit.take(caller))).filter((one) => one === null).length
    expect(passed('a', 50)).toBe(20)
    expect(passed('b', 5)).toBe(5)
    expect(refusalOf(() => limit.take('a'))).toMatchObject({ code: 'request.rate_limited', retryAfterSeconds: 1 })
    now += 3_000
    expect(passed('a', 50)).toBe(6)
    now += 3_600_000
    expect(passed('a', 50)).toBe(20)
  })

  test('one in ten seconds: the refusal says how long to wait', () => {
    let now = 0
    const limit = new RateLimit(0.1, () => now)
    limit.take('a')
    now += 4_000
    expect(refusalOf(() => limit.take('a'))?.retryAfterSeconds).toBe(6)
  })

  test('0 is no limit; memory is bounded by forgetting who was quiet longest', () => {
    const none = new RateLimit(0)
    for (let i = 0; i < 10_000; i++) none.take('a')
    const limit = new RateLimit(0.1, () => 0)
    limit.take('first')
    for (let i = 0; i < 10_000; i++) limit.take(String(i))
    expect(refusalOf(() => limit.take('first'))).toBeNull()
    expect(refusalOf(() => limit.take('9999'))).not.toBeNull()
  })
})

describe('the API', () => {
  const platform = usePlatform({ jobs: false })

  test('429 with Retry-After to the person who asks too often, and to an address without a session; to nobody else', async () => {
    const given = settingsFor(platform.url, platform.dataDir, true)
    const settings = { ...given, personRate: 1, addressRate: 1 }
    const server = await createServer(settings, { log: createLog('silent'), jobs: false })
    try {
      const ask = (cookie: string | null) =>
        server.http.inject({ method: 'GET', url: listDepartments.path, headers: cookie === null ? {} : { cookie } })
      const statuses = async (cookie: string | null) => {
        const replies = []
        for (let i = 0; i < 12; i++) replies.push(await ask(cookie))
        return replies
      }
      const eager = await statuses((await platform.as('centre')).cookie)
      expect(eager[0]!.statusCode).toBe(200)
      const last = eager.at(-1)!
      expect(last.statusCode).toBe(429)
      expect(last.json()).toMatchObject({
        error: { code: 'request.rate_limited', message: { zh: '请求过于频繁，请稍后再试' } },
      })
      expect(Number(last.headers['retry-after'])).toBeGreaterThanOrEqual(1)
      expect((await ask((await platform.as('sysadmin')).cookie)).statusCode).toBe(200)
      const strangers = await statuses(null)
      expect([strangers[0]!.statusCode, strangers.at(-1)!.statusCode]).toEqual([401, 429])
      const forged = await ask(`huitong_session=${'x'.repeat(43)}`)
      expect(forged.statusCode).toBe(429)
      expect((await ask((await platform.as('sysadmin')).cookie)).statusCode).toBe(200)
    } finally {
      await server.stop()
    }
  })
})
