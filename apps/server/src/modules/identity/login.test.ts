import { currentSession, login } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { clientOf, PASSWORD, usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { enter, hire } from './testing/people.ts'

const WRONG = 'Wrong-Horse-7'

describe('sign in', () => {
  const clock = { at: new Date('2026-09-29T01:00:00Z'), now: () => clock.at }
  const platform = usePlatform({ clock })
  const attempt = (account: string, password: string) =>
    clientOf(platform.server).call(login, { body: { account, password } })

  test('201: the cookie of the reply opens a session; scripts cannot read it', async () => {
    const client = clientOf(platform.server)
    const session = await client.call(login, { body: { account: 'civil-officer', password: PASSWORD } })
    expect(session.person.account).toBe('civil-officer')
    expect(client.last!.headers.get('set-cookie')).toMatch(
      /^huitong_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(JSON.stringify(session)).not.toContain(client.cookie.split('=')[1])
    await client.call(currentSession)
  })

  test('401: five failures lock the account for ten minutes, for the right password too; then it opens again', async () => {
    await hire(platform, 'locked-out', platform.departments.civil, [])
    for (let n = 0; n < 5; n++)
      await expect(attempt('locked-out', WRONG)).rejects.toMatchObject({ code: 'session.credentials', status: 401 })
    await expect(attempt('locked-out', PASSWORD)).rejects.toMatchObject({ code: 'session.credentials' })
    clock.at = new Date(clock.at.getTime() + 10 * 60_000 - 1)
    await expect(attempt('locked-out', PASSWORD)).rejects.toMatchObject({ code: 'session.credentials' })
    clock.at = new Date(clock.at.getTime() + 1)
    await attempt('locked-out', PASSWORD)
  })

  test('four failures lock nothing, and a success forgets them', async () => {
    await hire(platform, 'forgetful', platform.departments.civil, [])
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 4; n++) await expect(attempt('forgetful', WRONG)).rejects.toMatchObject({ status: 401 })
      await attempt('forgetful', PASSWORD)
    }
  })

  test('failures of many requests at once are all counted', async () => {
    await hire(platform, 'hammered', platform.departments.civil, [])
    await Promise.allSettled(Array.from({ length: 6 }, () => attempt('hammered', WRONG)))
    await expect(attempt('hammered', PASSWORD)).rejects.toMatchObject({ code: 'session.credentials' })
  })

  test('an unknown account, a wrong password and a locked account get one answer in one time', async () => {
    await hire(platform, 'timed', platform.departments.civil, [])
    await hire(platform, 'timed-locked', platform.departments.civil, [])
    for (let n = 0; n < 5; n++) await attempt('timed-locked', WRONG).catch(() => undefined)
    const cases = {
      unknown: ['no-such-account', WRONG],
      wrong: ['timed', WRONG],
      locked: ['timed-locked', PASSWORD],
    } as const
    const times: Record<string, number[]> = { unknown: [], wrong: [], locked: [] }
    for (let round = 0; round < 8; round++) {
      for (const [name, [account, password]] of Object.entries(cases)) {
        const begun = performance.now()
        const error = await attempt(account, password).catch((refusal: unknown) => refusal)
        times[name]!.push(performance.now() - begun)
        expect(error).toMatchObject({ code: 'session.credentials', status: 401, places: [] })
      }
      // A success forgets the failures, so that "wrong" stays wrong and does not become "locked".
      await enter(platform, 'timed')
    }
    const medians = Object.values(times).map((all) => all.sort((a, b) => a - b)[all.length >> 1]!)
    // Without the dummy hash an unknown account answers some ten times faster.
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(2)
  })

  test('a failed sign-in is recorded with the person whom it was tried for, and the answer does not tell', async () => {
    const person = await hire(platform, 'tried', platform.departments.civil, [])
    const refusal = await attempt('tried', WRONG).catch((error: unknown) => error)
    expect(JSON.stringify(refusal)).not.toContain(person.id)
    await attempt('no-such-account', WRONG).catch(() => undefined)
    const rows = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ object_id: string }>(sql`select object_id from audit
        where action = ${login.id} and outcome = 'denied' order by id desc limit 2`),
    )
    expect(rows.map((row) => row.object_id)).toEqual(['-', person.id])
  })

  test('400: a sign-in takes no Idempotency-Key, so that no reply of a session is kept for the next', async () => {
    const body = { account: 'civil-officer', password: PASSWORD }
    await expect(
      clientOf(platform.server).call(login, { body }, { idempotencyKey: 'key-of-a-sign-in' }),
    ).rejects.toMatchObject({ code: 'request.invalid', places: [{ path: '#/headers/idempotency-key' }] })
  })

  test('400: what is missing and what is too much are named', async () => {
    await expect(
      clientOf(platform.server).call(login, { body: { account: 'civil-officer', admin: true } as never }),
    ).rejects.toMatchObject({
      code: 'request.invalid',
      places: expect.arrayContaining(['/password', '/admin'].map((path) => expect.objectContaining({ path }))),
    })
  })
})
