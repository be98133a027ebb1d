import { readHome } from '@huitong/contract/portal'
import { Client } from 'pg'
import { afterAll, expect, test } from 'vitest'
import { testClusterUrl, testUrl } from '../../tests/harness/database.ts'
import { usePlatform } from '../../tests/harness/platform.ts'
import { openProgress } from './progress.ts'

const OWNER = { name: `t_owner_${process.pid}`, password: 'of-a-test' }
const platform = usePlatform({ jobs: false })

/** The tests' superuser passes over row-level security; the platform's owner, who writes the progress, does not. */
async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

afterAll(async () => {
  await asSuperuser(platform.url, `drop owned by ${OWNER.name}`)
  await asSuperuser(testClusterUrl(), `drop role ${OWNER.name}`)
})

test('people see on the home page how far the city is', async () => {
  await asSuperuser(platform.url, `create role ${OWNER.name} login password '${OWNER.password}'`)
  await asSuperuser(platform.url, `grant select, insert, update on setting to ${OWNER.name}`)
  const home = async () => (await platform.as('civil-officer')).call(readHome)
  const progress = openProgress(testUrl(new URL(platform.url).pathname.slice(1), OWNER))
  await progress.say(40, '正在建立', 'Building')
  expect((await home()).demo).toEqual({ percent: 40, words: { zh: '正在建立', en: 'Building' } })
  await progress.say(100, '已就绪', 'Ready')
  expect((await home()).demo).toBeNull()
  await progress.end()
})
