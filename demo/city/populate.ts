import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CallError, type Endpoint, type ReplyOf } from '@huitong/contract'
import {
  assignRoles,
  changePassword,
  createDepartment,
  createPerson,
  listDepartments,
  listPeople,
  setup,
  setupState,
} from '@huitong/contract/identity'
import { openClient, type DemoClient } from '../client.ts'
import type { City } from './city.ts'

/** What the builder works with. */
export interface Site {
  readonly city: City
  readonly platformUrl: string
  readonly dataDir: string
  /** A client that is signed in as one of the city's people; one session per account. */
  as(account: string): Promise<DemoClient>
}

export function openSite(city: City, platformUrl: string, dataDir: string): Site {
  const sessions = new Map<string, Promise<DemoClient>>()
  const open = async (account: string): Promise<DemoClient> => {
    const client = openClient(platformUrl)
    await client.signIn(account, city.password)
    return client
  }
  return {
    city,
    platformUrl,
    dataDir,
    as(account) {
      const known = sessions.get(account) ?? open(account)
      sessions.set(account, known)
      return known
    },
  }
}

type Paged = Endpoint & { reply: { static?: { items: unknown[]; next: string | null } } }

/** All items of a list that pages by key. */
export async function listAll<E extends Endpoint>(
  client: DemoClient,
  endpoint: E,
): Promise<ReplyOf<E> extends { items: (infer T)[] } ? T[] : never> {
  const items: unknown[] = []
  let after: string | null = null
  do {
    const query = after === null ? { limit: '200' } : { limit: '200', after }
    const page = (await client.call(endpoint as Paged, { query } as never)) as {
      items: unknown[]
      next: string | null
    }
    items.push(...page.items)
    after = page.next
  } while (after !== null)
  return items as never
}

/** Names the city, its data bureau and the three administrators, with the one-time token of the data folder. */
export async function setUp(site: Site): Promise<void> {
  await nameAdministrators(site)
  for (const account of ['secadmin', 'auditor'])
    // Asked by their own password first: wrong ones at each start of the demo would lock them out.
    if (!(await opens(site, account, site.city.password))) await choosePassword(site, account)
}

async function nameAdministrators({ city, platformUrl, dataDir }: Site): Promise<void> {
  const anyone = openClient(platformUrl)
  const bureau = city.departments.find((one) => one.kind === 'bureau')!
  const administrator = (account: string) => {
    const person = city.people.find((one) => one.account === account)!
    return { account, name: person.name, password: account === 'sysadmin' ? city.password : firstPassword(city) }
  }
  const body = {
    division: city.division.code,
    department: { name: { zh: bureau.name, en: bureau.english }, creditCode: bureau.creditCode },
    administrators: {
      system: administrator('sysadmin'),
      security: administrator('secadmin'),
      audit: administrator('auditor'),
    },
  }
  for (let attempt = 1; ; attempt++) {
    if (!(await anyone.call(setupState)).open) return
    try {
      // Each start of the server makes a new token, so it is read at each attempt.
      const token = readFileSync(join(dataDir, 'secrets', 'setup-token'), 'utf8').trim()
      await anyone.call(setup, { body: { token, ...body } })
      return
    } catch (error) {
      const again = !(error instanceof CallError) || error.code === 'setup.token' || error.code === 'setup.closed'
      if (attempt >= 20 || !again) throw error
      await sleep(500)
    }
  }
}

/** Departments by their keys, made where they are not there yet. Answers their ids. */
export async function makeDepartments(site: Site): Promise<Map<string, string>> {
  const client = await site.as('sysadmin')
  const known = new Map((await listAll(client, listDepartments)).map((one) => [one.creditCode, one.id]))
  const ids = new Map<string, string>()
  for (const one of site.city.departments) {
    const body = {
      name: { zh: one.name, en: one.english },
      creditCode: one.creditCode,
      division: site.city.division.code,
      kind: one.kind,
      validFrom: '2024-01-01',
    }
    ids.set(one.key, known.get(one.creditCode) ?? (await client.call(createDepartment, { body })).id)
  }
  return ids
}

const AT_ONCE = 4

/** What the system administrator gives out with an account. */
const firstPassword = (city: City) => `${city.password}-first`

/** A client that is signed in with the password; null when it is not the account's. */
async function opens({ platformUrl }: Site, account: string, password: string): Promise<DemoClient | null> {
  const client = openClient(platformUrl)
  try {
    await client.signIn(account, password)
    return client
  } catch (error) {
    if (error instanceof CallError && error.code === 'session.credentials') return null
    throw error
  }
}

/** At his first sign-in everybody exchanges the password that he was given; one who has is left alone. */
async function choosePassword(site: Site, account: string): Promise<void> {
  const { city } = site
  const client = await opens(site, account, firstPassword(city))
  await client?.call(changePassword, { body: { current: firstPassword(city), next: city.password } })
}

/** Everybody's account (by the system administrator) and role (by the security administrator). */
export async function makePeople(site: Site, departments: Map<string, string>): Promise<void> {
  const system = await site.as('sysadmin')
  const security = await site.as('secadmin')
  const known = new Map((await listAll(system, listPeople)).map((one) => [one.account, one]))
  const waiting = site.city.people.filter((one) => {
    const there = known.get(one.account)
    return there === undefined || !there.roles.some((role) => role.name === one.role)
  })
  const makeOne = async ({ account, name, department, role }: City['people'][number]): Promise<void> => {
    const body = { account, name, departmentId: departments.get(department)!, password: firstPassword(site.city) }
    const person = known.get(account) ?? (await system.call(createPerson, { body }))
    await choosePassword(site, account)
    await security.call(assignRoles, { params: { id: person.id }, body: { roles: [role] } }, { match: person.version })
  }
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await makeOne(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
