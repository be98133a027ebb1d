import { currentSession, logout } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, signIn, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('sign out', () => {
  const platform = usePlatform()

  test('200: this session ends on the server, whoever kept its cookie; others go on', async () => {
    const [here, elsewhere] = [
      await signIn(platform.server, 'civil-officer'),
      await signIn(platform.server, 'civil-officer'),
    ]
    const kept = here.cookie
    await here.call(logout)
    expect(here.last!.headers.get('set-cookie')).toContain('Max-Age=0')
    const replay = await platform.server.http.inject({
      method: 'GET',
      url: '/api/v1/sessions/current',
      headers: { cookie: kept },
    })
    expect(replay.statusCode).toBe(401)
    await elsewhere.call(currentSession)
  })

  test('401: without a session', async () => {
    await expect(clientOf(platform.server).call(logout)).rejects.toMatchObject({ status: 401 })
  })
})
