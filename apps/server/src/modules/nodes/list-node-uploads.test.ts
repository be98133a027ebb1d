import { createUpload, listNodeUploads } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { digestOf, uploadWhole, useUploads } from '../../../../../tests/harness/uploads.ts'

describe('a node asks for uploaded files', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)

  test('200: those of its source that are whole; 404 for another node, also of the department; 401 unsigned', async () => {
    const content = Buffer.from('a\n1\n')
    const { id } = await uploadWhole(platform, made.sourceId, 'x.csv', content)
    const officer = await platform.as('civil-officer')
    await officer.call(createUpload, { params: { id: made.sourceId }, body: { fileName: 'y.csv', bytes: '9' } })
    const params = { id: made.sourceId }
    expect((await made.node.call(listNodeUploads, { params })).items).toEqual([
      { id, fileName: 'x.csv', bytes: '4', digest: digestOf(content) },
    ])
    const other = await enrol(platform, platform.departments.civil, '另一节点')
    await refused(other.call(listNodeUploads, { params }), 'object.not_found')
    await refused(made.node.call(listNodeUploads, { params: { id: NOBODY } }), 'object.not_found')
    await refused(officer.call(listNodeUploads, { params }), 'signature.invalid')
  })
})
