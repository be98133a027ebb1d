import { countCalls } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential, MATTER, serve, type Credential } from '../../../../../tests/harness/gateway.ts'
import { eventually, guards, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

const shanghaiDay = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)

describe('count calls', () => {
  const platform = usePlatform({ centre: true })
  let app: Credential
  const span = () => ({ from: shanghaiDay(), until: shanghaiDay() })
  beforeAll(async () => {
    await serve(platform)
    app = await credential(platform)
    const row = (query: Record<string, string>, matter?: string) =>
      callService(platform, app, '/api/v1/services/people/row', { query, ...(matter ? { matter } : {}) })
    for (const id of ['2', '2', '9007199254740993', '4']) await row({ id })
    await row({ id: '2', items: 'phone' })
    await row({ id: '2' }, 'M-404')
  })
  const count = async (account: Parameters<typeof platform.as>[0], query: object) =>
    (await platform.as(account)).call(countCalls, { query: { ...span(), ...query } })
  guards(platform, countCalls, { input: () => ({ query: span() }), denied: ['sysadmin', 'auditor'] })

  test('200: by matter and outcome; the sums are those of the calls', async () => {
    const reply = await count('works-developer', { by: 'matter,outcome' })
    expect(reply.items.map((one) => [one.matter, one.outcome, one.calls, one.rows]).sort()).toEqual(
      [
        [MATTER, 'ok', '3', '3'],
        [MATTER, 'service.row_not_found', '1', '0'],
        [MATTER, 'service.item_not_granted', '1', '0'],
        ['M-404', 'service.matter_not_granted', '1', '0'],
      ].sort(),
    )
    expect(reply.items.every((one) => one.outcomeWords !== null && one.service === null)).toBe(true)
  })

  test('200: by application, department and service, with their names; the provider sees them too, others none', async () => {
    const by = { by: 'application,department,service' }
    const [mine] = (await count('works-developer', { ...by, matter: MATTER })).items
    expect(mine).toMatchObject({ calls: '5', application: { appId: app.appId }, service: { code: 'people' } })
    expect((await count('civil-officer', { ...by, matter: MATTER })).items[0]?.calls).toBe('5')
    expect((await count('police-officer', by)).items).toEqual([])
  })

  test('200: refusals without a proven caller are counted a moment later, for those who oversee', async () => {
    const spoil = (headers: Record<string, string>) => (headers['x-huitong-nonce'] = 'another-nonce-altogether')
    await callService(platform, app, '/api/v1/services/people/row', { query: { id: '2' }, spoil })
    const outcomes = async () => (await count('centre', { by: 'outcome' })).items
    const seen = await eventually(outcomes, (items) => items.some((one) => one.outcome === 'service.signature_wrong'))
    expect(seen.find((one) => one.outcome === 'service.signature_wrong')?.calls).toBe('1')
  })

  test('400: a span that ends before it begins, or is too long', async () => {
    await refused(count('centre', { from: '2026-02-02', until: '2026-02-01' }), 'request.invalid')
    await refused(count('centre', { from: '2020-01-01', until: '2026-02-01' }), 'request.invalid')
  })
})
