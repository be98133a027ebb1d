import { mountDataset } from '@huitong/contract/curation'
import { readFrontMarks, setFrontPolicy } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { CONVENTION, useFollowed } from '../../../../../tests/harness/follow.ts'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('set the clean-up of a push table', () => {
  const followed = useFollowed()
  const { platform } = followed
  const officer = () => platform.as('civil-officer')
  const params = () => ({ id: followed.datasetId })
  let mapping: { item: string; field: string }[]
  beforeAll(async () => {
    const mounted = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ mapping: typeof mapping }>(
        sql`select mapping from distribution where dataset_id = ${followed.datasetId}`,
      ),
    )
    mapping = mounted.mapping.map(({ item, field }) => ({ item, field }))
    await mount({ mark: 'exchanged_at' })
  })
  const mount = async (over: object) => {
    const body = { tableId: followed.ground.table.id, mapping, convention: { ...CONVENTION, ...over } }
    return (await officer()).call(mountDataset, { params: params(), body })
  }
  const set = async (cleanAfterDays: number | null, match: number) =>
    (await officer()).call(setFrontPolicy, { params: params(), body: { cleanAfterDays } }, { match })

  guards(platform, setFrontPolicy, {
    input: () => ({ params: params(), body: { cleanAfterDays: 30 } }),
    denied: ['operator', 'auditor'],
    allowed: 'civil-officer',
  })

  test('a table without a mark has nothing to say and takes no policy; nor does one without an operation', async () => {
    await mount({})
    expect(await (await officer()).call(readFrontMarks, { params: params() })).toEqual({ front: null })
    await refused(set(30, 1), 'object.state')
    await refused(mount({ mark: 'op' }), 'request.invalid')
    await mount({ operation: null, mark: 'exchanged_at' })
    await refused(set(30, 1), 'object.state')
    await mount({ mark: 'exchanged_at' })
  })

  test('200: kept with a version of its own; 400 out of bounds, 403 to another department', async () => {
    const { front } = await (await officer()).call(readFrontMarks, { params: params() })
    expect(front).toMatchObject({
      mark: 'exchanged_at',
      cleanAfterDays: null,
      cleanable: true,
      cleaned: '0',
      tasks: [],
    })
    const { version } = front!
    expect(await set(30, version)).toMatchObject({ front: { cleanAfterDays: 30, version: version + 1 } })
    await refused(set(10, version), 'object.changed')
    await refused(set(0, version + 1), 'request.invalid')
    expect(await set(null, version + 1)).toMatchObject({ front: { cleanAfterDays: null } })
    const works = await platform.as('works-officer')
    const body = { cleanAfterDays: 1 }
    await refused(works.call(setFrontPolicy, { params: params(), body }, { match: version + 2 }), 'permission.denied')
  })
})
