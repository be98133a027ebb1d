import { readDepartment, renameDepartment } from '@huitong/contract/identity'
import { searchDatasets } from '@huitong/contract/search'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { refreshSearchJob } from './refresh-search.job.ts'
import { publishDataset, villages } from './testing/content.ts'

describe('refresh search', () => {
  const platform = usePlatform({ jobs: false })
  const turn = { fence: '1', signal: new AbortController().signal }
  const run = async () => {
    let turns = 0
    while (await refreshSearchJob.run(platform.server.services, turn)) turns++
    return turns
  }
  const write = (statement: ReturnType<typeof sql>) =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) => db.run(statement))
  const found = async (q: string) =>
    (await (await platform.as('works-officer')).call(searchDatasets, { query: { q } })).items.length
  /** The index as it stands, without its own bookkeeping. */
  const index = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select * from dataset_search order by dataset_id`),
    )

  beforeAll(async () => {
    for (let at = 0; at < 3; at++) await publishDataset(platform, villages(`名录${at}`))
  })

  test('an index that its verbs wrote is never stale', async () => {
    expect(await run()).toBe(0)
  })

  test('what was there before the index is filled in, exactly as verbs write it; a second turn changes nothing', async () => {
    const before = await index()
    await write(sql`update dataset_search set scheme = -1, title = '', items = '', rest = ''`)
    expect(await found('名录')).toBe(0)
    expect(await run()).toBe(1)
    expect(await index()).toEqual(before)
    expect(await run()).toBe(0)
  })

  test('a renamed department is found by its new name and no more by the old one', async () => {
    const id = platform.departments.civil
    const system = await platform.as('sysadmin')
    const { version } = await system.call(readDepartment, { params: { id } })
    await system.call(renameDepartment, { params: { id }, body: { name: { zh: '社会救助局' } } }, { match: version })
    await run()
    expect(await found('社会救助局')).toBe(3)
    expect(await found('民政局')).toBe(0)
  })

  test('a dataset that is being changed is left to the one who changes it', async () => {
    await write(sql`update dataset_search set scheme = -1`)
    await platform.server.services.db.write(SYSTEM_ROWS, async (db) => {
      await db.many(sql`select from dataset for update`)
      expect(await run()).toBe(0)
    })
    expect(await run()).toBe(1)
  })
})
