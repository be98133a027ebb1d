import { createUpload, readUpload } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { append, useUploads } from '../../../../../tests/harness/uploads.ts'

describe('read how far an upload has come', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)
  const begin = async () =>
    (await platform.as('civil-officer')).call(createUpload, {
      params: { id: made.sourceId },
      body: { fileName: 'x.csv', bytes: '10' },
    })
  guards(platform, readUpload, { input: async () => ({ params: { id: (await begin()).id } }), denied: ['centre'] })

  test('200: its own department alone; 404 for others', async () => {
    const { id } = await begin()
    await append(platform, 'civil-officer', id, 0, Buffer.from('1234'))
    const read = async (account: 'civil-officer' | 'works-officer', of = id) =>
      (await platform.as(account)).call(readUpload, { params: { id: of } })
    expect(await read('civil-officer')).toMatchObject({
      received: '4',
      state: 'receiving',
      uploadedBy: 'civil-officer',
    })
    await refused(read('works-officer'), 'object.not_found')
    await refused(read('civil-officer', NOBODY), 'object.not_found')
  })
})
