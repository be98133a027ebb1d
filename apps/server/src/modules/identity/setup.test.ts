import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  assignRoles,
  changePassword,
  currentSession,
  listDepartments,
  login,
  readDepartment,
  setup,
  setupState,
} from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { clientOf, DIVISION, PASSWORD, usePlatform } from '../../../../../tests/harness/platform.ts'
import { isSetUp, renewSetupToken } from './setup.ts'

describe('set up the platform', () => {
  // 07:30 on 1 October in Shanghai; still 30 September in UTC.
  const clock = { now: () => new Date('2026-09-30T23:30:00Z') }
  const platform = usePlatform({ empty: true, demo: false, clock })
  const tokenFile = () => join(platform.dataDir, 'secrets', 'setup-token')
  const administrator = (account: string, password = PASSWORD) => ({ account, name: account, password })
  const bodyOf = (token: string, change: object = {}) => ({
    token,
    division: DIVISION,
    department: { name: { zh: '数据资源管理局' }, creditCode: '11330100MB0000005X' },
    administrators: {
      system: administrator('sysadmin'),
      security: administrator('secadmin'),
      audit: administrator('auditor'),
    },
    ...change,
  })
  const call = (body: ReturnType<typeof bodyOf>) => clientOf(platform.server).call(setup, { body })
  const token = () => readFileSync(tokenFile(), 'utf8').trim()

  test('the token lies in a file of the owner only', () => {
    expect(statSync(tokenFile()).mode & 0o777).toBe(0o600)
    expect(token()).toMatch(/^[\w-]{32}$/)
  })

  test('403: a wrong token', async () => {
    await expect(call(bodyOf('x'.repeat(32)))).rejects.toMatchObject({ code: 'setup.token', status: 403 })
  })

  test('400 and 409 leave the platform open and the token good', async () => {
    const weak = { system: administrator('sysadmin', 'short'), security: administrator('secadmin') }
    const administrators = { ...weak, audit: administrator('auditor') }
    await expect(call(bodyOf(token(), { administrators }))).rejects.toMatchObject({
      code: 'password.weak',
      places: expect.arrayContaining([expect.objectContaining({ path: '/administrators/system/password' })]),
    })
    await expect(call(bodyOf(token(), { division: '999999' }))).rejects.toMatchObject({
      places: [{ path: '/division' }],
    })
    const same = { ...bodyOf('').administrators, audit: administrator('sysadmin') }
    await expect(call(bodyOf(token(), { administrators: same }))).rejects.toMatchObject({
      code: 'object.exists',
      status: 409,
      places: [{ path: '/administrators/audit/account' }],
    })
    expect((await clientOf(platform.server).call(setupState)).open).toBe(true)
    const { db } = platform.server.services
    expect(await db.read(SYSTEM_ROWS, isSetUp)).toBe(false)
  })

  test('201: of two set-ups with the one token, one takes effect; then it is closed for ever', async () => {
    const used = token()
    const results = await Promise.allSettled([call(bodyOf(used)), call(bodyOf(used))])
    expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(call(bodyOf(used))).rejects.toMatchObject({ code: 'setup.closed', status: 409 })
    const { db } = platform.server.services
    expect(await db.write(SYSTEM_ROWS, renewSetupToken)).toBeNull()
  })

  test('the three administrators are three people, each with one role; founding counts in Shanghai days', async () => {
    for (const [account, permission] of [
      ['sysadmin', 'person.manage'],
      ['secadmin', 'role.assign'],
      ['auditor', 'audit.read'],
    ] as const) {
      const client = clientOf(platform.server)
      let session = await client.call(login, { body: { account, password: PASSWORD } })
      // Who sets up the platform types the passwords of the two others, and must not keep them.
      expect([account, session.mustChangePassword]).toEqual([account, account !== 'sysadmin'])
      if (session.mustChangePassword) {
        await expect(client.call(listDepartments)).rejects.toMatchObject({ code: 'password.must_change', status: 403 })
        await client.call(changePassword, { body: { current: PASSWORD, next: `${PASSWORD}-own` } })
        session = await client.call(currentSession)
      }
      expect(session.person.roles).toHaveLength(1)
      expect(session.permissions).toContain(permission)
      const department = await client.call(readDepartment, { params: { id: session.person.departmentId } })
      expect(department).toMatchObject({ kind: 'bureau', validFrom: '2026-10-01' })
      if (account !== 'secadmin')
        await expect(
          client.call(assignRoles, { params: { id: session.person.id }, body: { roles: [] } }, { match: 1 }),
        ).rejects.toMatchObject({ status: 403 })
    }
  })
})
