import { currentSession, disablePerson } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID, personOf } from './testing/people.ts'

describe('suspend person', () => {
  const platform = usePlatform()

  test('200: the sessions end at once, signing in is refused, and a restored account works again', async () => {
    const person = await hire(platform, 'leaver', platform.departments.civil, ['data_officer'])
    const session = await enter(platform, 'leaver')
    const system = await platform.as('sysadmin')
    const params = { id: person.id }
    const gone = await system.call(disablePerson, { params, body: { disabled: true } }, { match: person.version })
    expect(gone.disabled).toBe(true)
    await expect(session.call(currentSession)).rejects.toMatchObject({ code: 'session.required' })
    await expect(enter(platform, 'leaver')).rejects.toMatchObject({ code: 'session.credentials', status: 401 })
    await system.call(disablePerson, { params, body: { disabled: false } }, { match: gone.version })
    await expect(session.call(currentSession)).rejects.toMatchObject({ code: 'session.required' })
    await enter(platform, 'leaver')
  })

  test('409: the system administrator cannot lock himself out', async () => {
    const own = await personOf(platform, 'sysadmin')
    const system = await platform.as('sysadmin')
    await expect(
      system.call(disablePerson, { params: { id: own.id }, body: { disabled: true } }, { match: own.version }),
    ).rejects.toMatchObject({ code: 'request.same_person', status: 409 })
  })

  test('400, 401, 403, 404, 412', async () => {
    const { id, version } = await personOf(platform, 'operator')
    const call = (client: ReturnType<typeof clientOf>, to: string, match: number, disabled: unknown = true) =>
      client.call(disablePerson, { params: { id: to }, body: { disabled } as never }, { match })
    const system = await platform.as('sysadmin')
    await expect(call(system, id, version, 'yes')).rejects.toMatchObject({ places: [{ path: '/disabled' }] })
    await expect(call(clientOf(platform.server), id, version)).rejects.toMatchObject({ status: 401 })
    await expect(call(await platform.as('secadmin'), id, version)).rejects.toMatchObject({ status: 403 })
    await expect(call(system, NO_ID, 1)).rejects.toMatchObject({ status: 404 })
    await expect(call(system, id, version + 1)).rejects.toMatchObject({ status: 412 })
    expect((await personOf(platform, 'operator')).disabled).toBe(false)
  })
})
