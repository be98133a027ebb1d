import { createUpload, listNodeUploads, removeUpload } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { append, uploadWhole, useUploads } from '../../../../../tests/harness/uploads.ts'

describe('remove an uploaded file', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)
  const remove = async (id: string, account: 'civil-officer' | 'works-officer' = 'civil-officer') =>
    (await platform.as(account)).call(removeUpload, { params: { id } })
  guards(platform, removeUpload, { input: () => ({ params: { id: NOBODY } }), denied: ['centre', 'civil-head'] })

  test('200: the node no longer has it; 409 a second time; 404 for others', async () => {
    const { id } = await uploadWhole(platform, made.sourceId, 'x.csv', Buffer.from('a\n1\n'))
    const files = async () => (await made.node.call(listNodeUploads, { params: { id: made.sourceId } })).items.length
    expect(await files()).toBe(1)
    await refused(remove(id, 'works-officer'), 'object.not_found')
    expect(await remove(id)).toMatchObject({ state: 'removed' })
    expect(await files()).toBe(0)
    await refused(remove(id), 'object.state')
    await refused(remove(NOBODY), 'object.not_found')
  })

  test('200: an unfinished one takes no more bytes', async () => {
    const { id } = await (
      await platform.as('civil-officer')
    ).call(createUpload, { params: { id: made.sourceId }, body: { fileName: 'y.csv', bytes: '9' } })
    await remove(id)
    await refused(append(platform, 'civil-officer', id, 0, Buffer.from('123')), 'object.state')
  })
})
