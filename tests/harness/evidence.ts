import { listEvidence } from '@huitong/contract/evidence'
import { renameDepartment, readDepartment } from '@huitong/contract/identity'
import { Client } from 'pg'
import type { ReplyOf } from '@huitong/contract'
import { settle, type TestPlatform } from './platform.ts'

export type Entry = ReplyOf<typeof listEvidence>['items'][number]

/** Renames a department: an act with a name in it, so an entry that can be looked for. */
export async function renameOnce(platform: TestPlatform, id: string, zh: string): Promise<void> {
  const system = await platform.as('sysadmin')
  const { version } = await system.call(readDepartment, { params: { id } })
  await system.call(renameDepartment, { params: { id }, body: { name: { zh } } }, { match: version })
}

/** The newest entry of an action, once it is in the log. */
export async function newestEntry(platform: TestPlatform, action: string): Promise<Entry> {
  await settle(platform.server)
  const { items } = await (await platform.as('auditor')).call(listEvidence, { query: { action, limit: '1' } })
  if (!items[0]) throw new Error(`no entry of ${action}`)
  return items[0]
}

/** Work with the rights of the database's superuser, behind the platform's back. */
export async function asSuperuser<T>(platform: TestPlatform, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(platform.url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
