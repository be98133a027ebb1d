import { createUpload, listUploads, readUpload, removeUpload } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { asSuperuser } from '../../../../../tests/harness/evidence.ts'
import { refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { append, openedBy, uploadWhole, useUploads } from '../../../../../tests/harness/uploads.ts'
import { cleanUploadsJob } from './clean-uploads.job.ts'

describe('uploads that nobody needs', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)
  const turn = () => cleanUploadsJob.run(platform.server.services, { signal: new AbortController().signal } as never)
  const turns = async () => {
    let count = 0
    while (await turn()) count++
    return count
  }
  const left = async (id: string) => {
    const { objects } = await platform.server.services.objects.list({ prefix: `uploads/${id}/` })
    return objects.length
  }

  test('are given up when nobody goes on, and their bytes go; what is kept or goes on stays', async () => {
    const officer = await platform.as('civil-officer')
    const params = { id: made.sourceId }
    const begin = () => officer.call(createUpload, { params, body: { fileName: 'x.csv', bytes: '10' } })
    const [idle, going] = [await begin(), await begin()]
    for (const { id } of [idle, going]) await append(platform, 'civil-officer', id, 0, Buffer.from('123'))
    const kept = await uploadWhole(platform, made.sourceId, 'kept.csv', Buffer.from('a\n1\n'))
    const removed = await uploadWhole(platform, made.sourceId, 'removed.csv', Buffer.from('a\n2\n'))
    await officer.call(removeUpload, { params: { id: removed.id } })
    const replaced = await uploadWhole(platform, made.sourceId, 'twice.csv', Buffer.from('a\n3\n'))
    await uploadWhole(platform, made.sourceId, 'twice.csv', Buffer.from('a\n4\n'))
    expect(await turns()).toBe(1)
    expect([await left(idle.id), await left(going.id), await left(removed.id), await left(replaced.id)]).toEqual([
      1, 1, 0, 1,
    ])
    await asSuperuser(platform, (db) =>
      db.query(
        `update upload set touched_at = now() - interval '73 hours' where id in ('${idle.id}', '${kept.id}', '${replaced.id}')`,
      ),
    )
    expect(await turns()).toBe(2)
    expect([await left(idle.id), await left(going.id), await left(replaced.id)]).toEqual([0, 1, 0])
    expect(await officer.call(readUpload, { params: { id: idle.id } })).toMatchObject({ state: 'abandoned' })
    await refused(append(platform, 'civil-officer', idle.id, 3, Buffer.from('4')), 'object.state')
    await append(platform, 'civil-officer', going.id, 3, Buffer.from('4567890'))
    expect((await openedBy(made.node, going.id, 10)).toString()).toBe('1234567890')
    expect((await openedBy(made.node, kept.id, 4)).toString()).toBe('a\n1\n')
    expect((await officer.call(listUploads, { params })).usedBytes).toBe('18')
  })
})
