import { searchDatasets, rebuildSearch } from '@huitong/contract/search'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { publishDataset, VILLAGES } from './testing/content.ts'

describe('rebuild search', () => {
  const platform = usePlatform()
  beforeAll(async () => void (await publishDataset(platform, VILLAGES)))
  const left = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select from dataset_search where scheme = 0 or title = 'spoiled'`),
    )

  test('202: every row is made anew, and answers meanwhile', async () => {
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update dataset_search set title = 'spoiled'`),
    )
    const reply = await (await platform.as('sysadmin')).call(rebuildSearch)
    expect(reply).toEqual({ datasets: 1 })
    await expect.poll(left).toEqual([])
    const { items } = await (
      await platform.as('works-officer')
    ).call(searchDatasets, { query: { q: VILLAGES.name.zh } })
    expect(items).toHaveLength(1)
  })

  test('401 without a session, 403 without the permission', async () => {
    await expect(clientOf(platform.server).call(rebuildSearch)).rejects.toMatchObject({ status: 401 })
    await expect((await platform.as('centre')).call(rebuildSearch)).rejects.toMatchObject({ status: 403 })
  })
})
