import { changePassword, currentSession, login } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, PASSWORD, signIn, usePlatform } from '../../../../../tests/harness/platform.ts'
import { enter, hire } from './testing/people.ts'

describe('change password', () => {
  const platform = usePlatform()

  test('200: the new password opens, the old one does not, and all other sessions end', async () => {
    await hire(platform, 'changer', platform.departments.civil, ['data_officer'])
    const [here, elsewhere] = [await enter(platform, 'changer'), await enter(platform, 'changer')]
    await here.call(changePassword, { body: { current: PASSWORD, next: 'Another-Horse-8' } })
    await expect(here.call(currentSession)).resolves.toMatchObject({ person: { account: 'changer' } })
    await expect(elsewhere.call(currentSession)).rejects.toMatchObject({ code: 'session.required' })
    await expect(enter(platform, 'changer')).rejects.toMatchObject({ code: 'session.credentials' })
    await enter(platform, 'changer', 'Another-Horse-8')
  })

  test('400: none of the last five passwords comes back, the one before them may', async () => {
    await hire(platform, 'rotator', platform.departments.civil, [])
    const client = await enter(platform, 'rotator')
    const passwords = [PASSWORD, ...[1, 2, 3, 4, 5].map((n) => `Fresh-Horse-${n}`)]
    for (let n = 1; n < passwords.length; n++) {
      for (const earlier of passwords.slice(0, n))
        await expect(
          client.call(changePassword, { body: { current: passwords[n - 1]!, next: earlier } }),
        ).rejects.toMatchObject({ code: 'password.weak', places: [{ path: '/next' }] })
      await client.call(changePassword, { body: { current: passwords[n - 1]!, next: passwords[n]! } })
    }
    await client.call(changePassword, { body: { current: passwords[5]!, next: PASSWORD } })
  })

  test('400: what is too weak is named; an administrator needs ten characters', async () => {
    const officer = await signIn(platform.server, 'civil-officer')
    const change = (next: string) => officer.call(changePassword, { body: { current: PASSWORD, next } })
    for (const next of ['Aa1-', 'alllowercase1', 'Civil-Officer-1'])
      await expect(change(next), next).rejects.toMatchObject({ code: 'password.weak', places: [{ path: '/next' }] })
    const administrator = await signIn(platform.server, 'auditor')
    await expect(
      administrator.call(changePassword, { body: { current: PASSWORD, next: 'Nine-Chr9' } }),
    ).rejects.toMatchObject({ code: 'password.weak' })
  })

  test('401: a wrong current password changes nothing and counts towards the lockout', async () => {
    await hire(platform, 'stolen', platform.departments.civil, [])
    const thief = await enter(platform, 'stolen')
    const guess = (current: string) => thief.call(changePassword, { body: { current, next: 'Another-Horse-8' } })
    for (let n = 0; n < 5; n++)
      await expect(guess(`Wrong-Horse-${n}`)).rejects.toMatchObject({ code: 'session.credentials', status: 401 })
    await expect(guess(PASSWORD)).rejects.toMatchObject({ code: 'session.credentials' })
    await expect(enter(platform, 'stolen')).rejects.toMatchObject({ code: 'session.credentials' })
    await expect(
      clientOf(platform.server).call(changePassword, { body: { current: PASSWORD, next: 'Another-Horse-8' } }),
    ).rejects.toMatchObject({ code: 'session.required', status: 401 })
  })

  test('of two changes at once one takes effect', async () => {
    await hire(platform, 'twice', platform.departments.civil, [])
    const client = await enter(platform, 'twice')
    const nexts = ['First-Horse-1', 'Second-Horse-2']
    const results = await Promise.allSettled(
      nexts.map((next) => client.call(changePassword, { body: { current: PASSWORD, next } })),
    )
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    const winner = nexts[results.findIndex((one) => one.status === 'fulfilled')]!
    await expect(
      clientOf(platform.server).call(login, { body: { account: 'twice', password: winner } }),
    ).resolves.toBeDefined()
  })
})
