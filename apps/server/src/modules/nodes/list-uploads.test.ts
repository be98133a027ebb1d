import { listUploads, removeUpload } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { uploadWhole, useUploads } from '../../../../../tests/harness/uploads.ts'

describe('list uploaded files', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)
  guards(platform, listUploads, {
    input: () => ({ params: { id: made.sourceId } }),
    denied: ['sysadmin', 'civil-head'],
  })

  test('200: what is there first, with the room that it takes; 404 for other departments', async () => {
    const gone = await uploadWhole(platform, made.sourceId, 'gone.csv', Buffer.from('a\n1\n'))
    const kept = await uploadWhole(platform, made.sourceId, 'kept.csv', Buffer.from('a\n12\n'))
    const officer = await platform.as('civil-officer')
    await officer.call(removeUpload, { params: { id: gone.id } })
    const list = await officer.call(listUploads, { params: { id: made.sourceId } })
    expect(list.items.map((one) => [one.id, one.state])).toEqual([
      [kept.id, 'kept'],
      [gone.id, 'removed'],
    ])
    // What is removed takes room until its bytes are gone.
    expect(list.usedBytes).toBe('9')
    await refused(
      (await platform.as('works-officer')).call(listUploads, { params: { id: made.sourceId } }),
      'object.not_found',
    )
  })
})
