import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type CallError, type Client } from '@huitong/contract'
import { assignRoles, createDepartment, createPerson, listPeople, login, setup } from '@huitong/contract/identity'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { centreDatabaseOf } from '../../apps/server/src/kernel/centre-database.ts'
import type { Clock } from '../../apps/server/src/kernel/clock.ts'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { SESSION_COOKIE } from '../../apps/server/src/kernel/http.ts'
import { createLog } from '../../apps/server/src/kernel/log.ts'
import { readSettings } from '../../apps/server/src/kernel/settings.ts'
import { startSession } from '../../apps/server/src/modules/identity/sessions.ts'
import { createServer, type Server } from '../../apps/server/src/server.ts'
import { createDatabase, dropDatabase, templateDatabase } from './database.ts'

/** The people of the test city; every one has the password {@link PASSWORD}. */
export const PEOPLE = {
  sysadmin: { department: 'bureau', roles: ['system_admin'] },
  secadmin: { department: 'bureau', roles: ['security_admin'] },
  auditor: { department: 'bureau', roles: ['audit_admin'] },
  authority: { department: 'bureau', roles: ['authority'] },
  centre: { department: 'centre', roles: ['data_centre'] },
  operator: { department: 'centre', roles: ['operator'] },
  'centre-officer': { department: 'centre', roles: ['data_officer'] },
  'centre-head': { department: 'centre', roles: ['department_head'] },
  'civil-officer': { department: 'civil', roles: ['data_officer'] },
  'civil-head': { department: 'civil', roles: ['department_head'] },
  'works-officer': { department: 'works', roles: ['data_officer'] },
  'works-head': { department: 'works', roles: ['department_head'] },
  'police-officer': { department: 'police', roles: ['data_officer'] },
  'works-developer': { department: 'works', roles: ['developer'] },
} as const
export type Account = keyof typeof PEOPLE
export const PASSWORD = 'Correct-Horse-7'

const DEPARTMENTS = {
  centre: { name: '大数据中心', creditCode: '12330100MB00000018', kind: 'data_centre' },
  civil: { name: '民政局', creditCode: '11330100MB00000025', kind: 'department' },
  works: { name: '住房和城乡建设局', creditCode: '11330100MB00000033', kind: 'department' },
  police: { name: '公安局', creditCode: '11330100MB00000041', kind: 'department' },
} as const
export const DIVISION = '330100'
/** The same root key for all test databases: the database roles and their passwords belong to the whole cluster. */
const ROOT_KEY = `${Buffer.alloc(32, 7).toString('base64')}\n`

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-platform-'))
  mkdirSync(join(folder, 'secrets'), { recursive: true })
  writeFileSync(join(folder, 'secrets', 'root.key'), ROOT_KEY, { mode: 0o600 })
  return folder
}

export function settingsFor(
  databaseUrl: string,
  dataDir: string,
  demo: boolean,
  centre = false,
  env: Readonly<Record<string, string>> = {},
) {
  return readSettings({
    ...env,
    DATABASE_URL: databaseUrl,
    HUITONG_DATA: dataDir,
    HUITONG_DEMO: demo ? '1' : '0',
    // Most tests have no resource centre; those that have get one beside the platform's database, as in operation.
    HUITONG_CENTRE_DATABASE_URL: centre ? '' : `${databaseUrl}_no_centre`,
    HUITONG_RESERVE_BYTES: '0',
    // No work is given out twice only because the machine is slow.
    HUITONG_LEASE_SECONDS: '60',
    HUITONG_LOG_LEVEL: process.env['HUITONG_LOG_LEVEL'] ?? 'silent',
  })
}

/** A client that speaks to the server in-process, with its own cookie. */
export function clientOf(server: Server, cookie = ''): Client & { cookie: string; last: { headers: Headers } | null } {
  const state = { cookie, last: null as { headers: Headers } | null }
  const client = createClient(async ({ method, path, headers, body }) => {
    const reply = await server.http.inject({
      method: method as 'GET',
      url: path,
      headers: { ...headers, ...(state.cookie ? { cookie: state.cookie } : {}) },
      ...(body === null ? {} : { payload: body }),
    })
    const set = reply.headers['set-cookie']
    if (typeof set === 'string') state.cookie = set.split(';')[0]!
    const kept = new Headers(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]))
    state.last = { headers: kept }
    return new Response(reply.rawPayload.length === 0 ? null : reply.rawPayload, {
      status: reply.statusCode,
      headers: kept,
    })
  })
  // Accessors, because the state changes with each reply; Object.assign would copy the values of now.
  return Object.defineProperties(client, {
    cookie: { get: () => state.cookie },
    last: { get: () => state.last },
  }) as Client & { cookie: string; last: { headers: Headers } | null }
}

async function buildCity(databaseUrl: string): Promise<void> {
  const folder = dataFolder()
  const server = await createServer(settingsFor(databaseUrl, folder, true), { jobs: true, log: createLog('silent') })
  try {
    await foundCity(server, folder)
    await settle(server)
  } finally {
    // Also after a failure, or its connections would keep the next try from the database.
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  await forgetLedger(databaseUrl)
}

async function foundCity(server: Server, folder: string): Promise<void> {
  const anyone = clientOf(server)
  const token = readFileSync(join(folder, 'secrets', 'setup-token'), 'utf8').trim()
  const administrator = (account: string, name: string) => ({ account, name, password: PASSWORD })
  const { departmentId } = await anyone.call(setup, {
    body: {
      token,
      division: DIVISION,
      department: { name: { zh: '数据资源管理局' }, creditCode: '11330100MB0000005X' },
      administrators: {
        system: administrator('sysadmin', '系统管理员'),
        security: administrator('secadmin', '安全管理员'),
        audit: administrator('auditor', '审计管理员'),
      },
    },
  })
  await ownPasswords(server)
  await populate(server, departmentId)
}

/** The tiles stay behind in the builder's folder, so copies of the template begin a ledger of their own. */
async function forgetLedger(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(
    "truncate audit, audit_leaf, ledger_checkpoint; delete from event_cursor where subscriber = 'ledger'",
  )
  await client.end()
}

/** Their passwords count as chosen by these people themselves, so that tests need no change of password each. */
export async function ownPasswords(server: Server): Promise<void> {
  await server.services.db.write(SYSTEM_ROWS, (db) =>
    db.run(sql`update credential set must_change = false where must_change`),
  )
}

async function populate(server: Server, bureau: string): Promise<void> {
  const system = await signIn(server, 'sysadmin')
  const ids: Record<string, string> = { bureau }
  for (const [key, one] of Object.entries(DEPARTMENTS)) {
    const body = {
      name: { zh: one.name },
      creditCode: one.creditCode,
      division: DIVISION,
      kind: one.kind,
      validFrom: '2020-01-01',
    }
    ids[key] = (await system.call(createDepartment, { body })).id
  }
  const others = Object.entries(PEOPLE).filter(([account]) => !['sysadmin', 'secadmin', 'auditor'].includes(account))
  for (const [account, one] of others)
    await system.call(createPerson, {
      body: { account, name: account, departmentId: ids[one.department]!, password: PASSWORD },
    })
  const security = await signIn(server, 'secadmin')
  const { items } = await security.call(listPeople, { query: { limit: '200' } })
  for (const [account, one] of others) {
    const person = items.find((row) => row.account === account)!
    await security.call(
      assignRoles,
      { params: { id: person.id }, body: { roles: [...one.roles] } },
      { match: person.version },
    )
  }
  await ownPasswords(server)
}

/** Waits until every event was handled and every audit row is in the ledger. */
export async function settle(server: Server, timeoutMs = 15_000): Promise<void> {
  const until = Date.now() + timeoutMs
  for (;;) {
    const { left } = await server.services.db.tick((db) =>
      db.one<{ left: number }>(sql`select (
        (select count(*) from audit a where not exists (select from audit_leaf l where l.audit_id = a.id))
        + (select count(*) from event e where e.type in ('platform.set_up') and not exists (
            select from event_cursor c where c.subscriber = 'catalogue_of_jurisdiction' and (c.xid, c.id) >= (e.xid, e.id))))::int as left`),
    )
    if (left === 0 && (await isPublished(server))) return
    if (Date.now() > until) throw new Error(`${left} facts are still on their way`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Tiles and checkpoint are written a moment after the leaves are counted. */
async function isPublished(server: Server): Promise<boolean> {
  const checkpoint = await server.http.inject({ method: 'GET', url: '/api/v1/ledger/checkpoint' })
  const { leaves } = await server.services.db.tick((db) =>
    db.one<{ leaves: string }>(sql`select count(*) as leaves from audit_leaf`),
  )
  return checkpoint.payload.split('\n')[1] === leaves
}

/** A client that is signed in. */
export async function signIn(server: Server, account: Account): Promise<ReturnType<typeof clientOf>> {
  const client = clientOf(server)
  await client.call(login, { body: { account, password: PASSWORD } })
  return client
}

/** A client with a session that was opened behind the door: no password is checked, nothing comes into the audit. */
export async function openSession(server: Server, account: Account): Promise<ReturnType<typeof clientOf>> {
  const { token } = await server.services.db.write(SYSTEM_ROWS, async (db) => {
    const person = await db.one<{ id: string }>(sql`select id from person where account = ${account}`)
    return startSession(db, server.services, person, { agent: null })
  })
  return clientOf(server, `${SESSION_COOKIE}=${token}`)
}

export interface TestPlatform {
  readonly server: Server
  readonly dataDir: string
  /** A client with a session; one per account and file. Its opening is no act: who tests sign-ins takes {@link signIn}. */
  as(account: Account): Promise<ReturnType<typeof clientOf>>
  /** Ids of the departments by the keys of the test city, and `bureau`. */
  departments: Record<'bureau' | keyof typeof DEPARTMENTS, string>
  url: string
}

/**
 * A platform of the test file's own: database copied from the test city, server in-process, jobs running.
 * Call at the top of a test file. `empty`: not set up yet, without the city. `portal`: serves the built pages as well.
 * `centre`: has a database of the resource centre.
 */
export function usePlatform(
  options: {
    jobs?: boolean
    demo?: boolean
    clock?: Clock
    empty?: boolean
    portal?: boolean
    centre?: boolean
    env?: Record<string, string>
  } = {},
): TestPlatform {
  const sessions = new Map<Account, Promise<ReturnType<typeof clientOf>>>()
  let server: Server | null = null
  let drop: (() => Promise<void>) | null = null
  const state = {
    dataDir: '',
    url: '',
    departments: {} as TestPlatform['departments'],
    get server() {
      if (!server) throw new Error('the platform is not up yet: use it inside a test')
      return server
    },
    as(account: Account) {
      const known = sessions.get(account) ?? openSession(state.server, account)
      sessions.set(account, known)
      return known
    },
  }
  beforeAll(async () => {
    const database = await createDatabase(options.empty ? {} : { template: await templateDatabase('city', buildCity) })
    drop = async () => {
      if (options.centre) await dropDatabase(centreDatabaseOf(database.name))
      await database.drop()
    }
    state.url = database.url
    state.dataDir = dataFolder()
    const settings = settingsFor(database.url, state.dataDir, options.demo ?? true, options.centre, options.env)
    const rest = {
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
      ...(options.clock ? { clock: options.clock } : {}),
      ...(options.portal ? { portal: true } : {}),
    }
    server = await createServer(settings, { log: createLog(settings.logLevel), ...rest })
    if (!options.empty) state.departments = await departmentIds(server)
  })
  afterAll(async () => {
    await server?.stop()
    await drop?.()
    rmSync(state.dataDir, { recursive: true, force: true })
  })
  return state as TestPlatform
}

async function departmentIds(server: Server): Promise<TestPlatform['departments']> {
  const rows = await server.services.db.read(SYSTEM_ROWS, (db) =>
    db.many<{ id: string; name: string }>(sql`select id, name->>'zh' as name from department`),
  )
  const idOf = (name: string) => rows.find((row) => row.name === name)!.id
  const named = Object.fromEntries(Object.entries(DEPARTMENTS).map(([key, one]) => [key, idOf(one.name)]))
  return { bureau: idOf('数据资源管理局'), ...named } as TestPlatform['departments']
}

export type { CallError }
