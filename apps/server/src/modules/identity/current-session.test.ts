import { currentSession } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, signIn, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('current session', () => {
  const clock = { at: new Date('2026-09-29T01:00:00Z'), now: () => clock.at }
  const platform = usePlatform({ clock })
  const pass = (minutes: number) => {
    clock.at = new Date(clock.at.getTime() + minutes * 60_000)
  }

  test('200: person, roles, permissions and limits', async () => {
    const client = await signIn(platform.server, 'civil-officer')
    const session = await client.call(currentSession)
    expect(session.person).toMatchObject({ account: 'civil-officer', departmentId: platform.departments.civil })
    expect(session.permissions).toContain('dataset.compile')
    expect(session.permissions).not.toContain('dataset.sign')
    expect(session).toMatchObject({ idleMinutes: 30, expiresAt: '2026-09-29T13:00:00.000Z', demo: true })
  })

  test('401: a session ends after 30 idle minutes, and each request begins them anew', async () => {
    const client = await signIn(platform.server, 'civil-officer')
    for (let n = 0; n < 3; n++) {
      pass(29)
      await client.call(currentSession)
    }
    pass(31)
    await expect(client.call(currentSession)).rejects.toMatchObject({ code: 'session.required', status: 401 })
    pass(-31)
    await expect(client.call(currentSession)).rejects.toMatchObject({ code: 'session.required' })
  })

  test('401: a session ends after 12 hours, however busy', async () => {
    const client = await signIn(platform.server, 'civil-officer')
    for (let minutes = 20; minutes < 12 * 60; minutes += 20) {
      pass(20)
      await client.call(currentSession)
    }
    pass(20)
    await expect(client.call(currentSession)).rejects.toMatchObject({ code: 'session.required' })
  })

  test('401: no cookie, and a cookie that somebody made up', async () => {
    await expect(clientOf(platform.server).call(currentSession)).rejects.toMatchObject({ status: 401 })
    const reply = await platform.server.http.inject({
      method: 'GET',
      url: '/api/v1/sessions/current',
      headers: { cookie: `huitong_session=${'A'.repeat(43)}` },
    })
    expect(reply.statusCode).toBe(401)
  })
})
