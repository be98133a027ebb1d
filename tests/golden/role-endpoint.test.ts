import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, ALL_ENDPOINTS, INITIAL_ROLES, type Endpoint, type RoleName } from '@huitong/contract'
import { assignRoles, createPerson, login } from '@huitong/contract/identity'
import { beforeAll, describe, expect, test } from 'vitest'
import { callService, credential } from '../harness/gateway.ts'
import { NOBODY } from '../harness/guards.ts'
import { enrol, type TestNode } from '../harness/node.ts'
import { clientOf, ownPasswords, PASSWORD, usePlatform } from '../harness/platform.ts'

/**
 * Who may call what, role by role and endpoint by endpoint: made from the roles and the contract, held against what the
 * server answers, and kept as a golden file so that a change of rights shows in review.
 * UPDATE_GOLDEN=1 npx vitest run tests/golden writes it anew.
 */
const GOLDEN = join(import.meta.dirname, 'role-endpoint.md')
const ROLES = Object.keys(INITIAL_ROLES) as RoleName[]
const COLUMNS = ['(nobody)', '(no role)', ...ROLES, '(node)', '(application)'] as const
type Column = (typeof COLUMNS)[number]

/** What the contract and the initial roles say. */
function mayCall(endpoint: Endpoint, column: Column): boolean {
  const { access } = endpoint
  if (access === 'public') return true
  if (access === 'node' || column === '(node)') return access === 'node' && column === '(node)'
  if (access === 'application' || column === '(application)')
    return access === 'application' && column === '(application)'
  if (column === '(nobody)') return false
  if (access === 'session') return true
  return column !== '(no role)' && (INITIAL_ROLES[column].permissions as readonly string[]).includes(access)
}

function matrix(): string {
  const rows = ALL_ENDPOINTS.map((endpoint) => {
    const marks = COLUMNS.map((column) => (mayCall(endpoint, column) ? '✓' : '·'))
    return `| \`${endpoint.id}\` | ${endpoint.method} ${endpoint.path} | ${endpoint.access} | ${marks.join(' | ')} |`
  })
  return [
    '# Who may call what',
    '',
    'Golden file, made and checked by `role-endpoint.test.ts`. ✓: passes the door; what it then finds is cut by department,',
    'grants and the state of the object. ·: 401 or 403.',
    '',
    `| endpoint | address | access | ${COLUMNS.join(' | ')} |`,
    `| --- | --- | --- | ${COLUMNS.map(() => ':-:').join(' | ')} |`,
    ...rows,
    '',
  ].join('\n')
}

describe('role × endpoint', () => {
  const platform = usePlatform({ jobs: false })
  const cookies = new Map<Column, string>()
  let node: TestNode

  beforeAll(async () => {
    node = await enrol(platform, platform.departments.police)
    const system = await platform.as('sysadmin')
    const security = await platform.as('secadmin')
    for (const role of ['(no role)', ...ROLES] as const) {
      const account = `matrix-${role.replace(/\W/g, '')}`
      const body = { account, name: account, departmentId: platform.departments.police, password: PASSWORD }
      const person = await system.call(createPerson, { body })
      if (role !== '(no role)')
        await security.call(
          assignRoles,
          { params: { id: person.id }, body: { roles: [role] } },
          { match: person.version },
        )
      await ownPasswords(platform.server)
      const client = clientOf(platform.server)
      await client.call(login, { body: { account, password: PASSWORD } })
      cookies.set(role, client.cookie)
    }
  })

  test('the golden file is fresh', () => {
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, matrix())
    expect(existsSync(GOLDEN) ? readFileSync(GOLDEN, 'utf8') : '').toBe(matrix())
  })

  const params: Record<string, string> = {
    id: NOBODY,
    index: '999999',
    year: '1900',
    digest: '0'.repeat(64),
    attribute: 'none',
    '*': 'none',
    code: 'none',
  }

  /** A call whose input cannot pass: whoever is let in is refused for another reason, and nothing changes. */
  async function knock(endpoint: Endpoint, column: Column): Promise<string> {
    const cookie = cookies.get(column)
    const reply = await platform.server.http.inject({
      method: endpoint.method as 'GET',
      url: addressOf(endpoint, { params } as never),
      headers: { ...(cookie ? { cookie } : {}), 'content-type': 'application/json', 'if-match': '"1"' },
      ...(endpoint.method === 'GET' ? {} : { payload: '{"no such key":1}' }),
    })
    return reply.statusCode < 400 ? 'passed' : (JSON.parse(reply.payload) as { error: { code: string } }).error.code
  }

  for (const column of COLUMNS.filter((one) => one !== '(node)' && one !== '(application)'))
    test(`${column} is answered as the table says, at every endpoint`, async () => {
      const wrong: string[] = []
      for (const endpoint of ALL_ENDPOINTS) {
        // Ends the session that the next calls need.
        if (endpoint.id === 'identity.session.end') continue
        const code = await knock(endpoint, column)
        const stranger = cookies.has(column) ? 'permission.denied' : 'session.required'
        const signed = { node: 'signature.invalid', application: 'service.signature_missing' } as Record<string, string>
        const door = signed[endpoint.access] ?? stranger
        const passed = code !== door
        if (passed !== mayCall(endpoint, column)) wrong.push(`${endpoint.id}: ${code}`)
      }
      expect(wrong).toEqual([])
    })

  test('(node): a signed request is answered as the table says, at every endpoint', async () => {
    const wrong: string[] = []
    for (const endpoint of ALL_ENDPOINTS) {
      const body = endpoint.method === 'GET' ? {} : { body: { 'no such key': 1 } }
      const code = await node.call(endpoint, { params, ...body } as never).then(
        () => 'passed',
        (error: { code: string | null }) => error.code ?? 'not an answer of ours',
      )
      const passed = !['session.required', 'permission.denied', 'signature.invalid', 'service.signature_missing'].includes(code)
      if (passed !== mayCall(endpoint, '(node)')) wrong.push(`${endpoint.id}: ${code}`)
    }
    expect(wrong).toEqual([])
  })

  test('(application): a signed call is answered as the table says, at every endpoint', async () => {
    const app = await credential(platform)
    const wrong: string[] = []
    for (const endpoint of ALL_ENDPOINTS.filter((one) => ['GET', 'POST'].includes(one.method))) {
      const method = endpoint.method as 'GET' | 'POST'
      const body = method === 'GET' ? {} : { body: { 'no such key': 1 } }
      const [path, query = ''] = addressOf(endpoint, { params } as never).split('?')
      const { code } = await callService(platform, app, path!, {
        method,
        query: Object.fromEntries(new URLSearchParams(query)),
        ...body,
      })
      const doors = ['session.required', 'permission.denied', 'signature.invalid', 'service.signature_missing']
      const passed = !doors.includes(code ?? 'passed')
      if (passed !== mayCall(endpoint, '(application)')) wrong.push(`${endpoint.id}: ${code}`)
    }
    expect(wrong).toEqual([])
  })

  test('what is no permission of any role, and any role that two administrators share, shows here', () => {
    const administrators = ['system_admin', 'security_admin', 'audit_admin'] as const
    for (const one of administrators)
      for (const other of administrators.filter((name) => name !== one)) {
        const shared = (INITIAL_ROLES[one].permissions as readonly string[]).filter((permission) =>
          (INITIAL_ROLES[other].permissions as readonly string[]).includes(permission),
        )
        expect([one, other, shared]).toEqual([one, other, ['directory.read']])
      }
    // The operator never reads data by default, and no administrator takes part in sharing.
    for (const name of ['operator', ...administrators] as const)
      expect([name, (INITIAL_ROLES[name].permissions as readonly string[]).filter((one) => /^(dataset|request|grant|repair)\./.test(one))]).toEqual([name, []])
  })
})
