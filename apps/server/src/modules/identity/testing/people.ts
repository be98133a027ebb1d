import { assignRoles, createPerson, listPeople, type PersonView } from '@huitong/contract/identity'
import type { Static } from 'typebox'
import { clientOf, ownPasswords, PASSWORD, type TestPlatform } from '../../../../../../tests/harness/platform.ts'
import { login } from '@huitong/contract/identity'

type Person = Static<typeof PersonView>

/** Id of nobody and nothing. */
export const NO_ID = '00000000-0000-4000-8000-000000000000'

/** A person of the test city by account. */
export async function personOf(platform: TestPlatform, account: string): Promise<Person> {
  const system = await platform.as('sysadmin')
  const { items } = await system.call(listPeople, { query: { limit: '200' } })
  return items.find((one) => one.account === account)!
}

/** Opens an account and gives it roles, each by the administrator whose task it is. */
export async function hire(
  platform: TestPlatform,
  account: string,
  departmentId: string,
  roles: string[],
): Promise<Person> {
  const system = await platform.as('sysadmin')
  const body = { account, name: account, departmentId, password: PASSWORD }
  const person = await system.call(createPerson, { body })
  const security = await platform.as('secadmin')
  const hired = await security.call(
    assignRoles,
    { params: { id: person.id }, body: { roles } },
    { match: person.version },
  )
  await ownPasswords(platform.server)
  return hired
}

/** Signs in with an account and password of one's own choice. */
export async function enter(platform: TestPlatform, account: string, password = PASSWORD) {
  const client = clientOf(platform.server)
  await client.call(login, { body: { account, password } })
  return client
}
