import { fetchUpload, FRAME_BYTES, framePlace } from '@huitong/contract/nodes'
import { openFrame } from '@huitong/segment'
import { describe, expect, test } from 'vitest'
import { enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { openedBy, uploadWhole, useUploads } from '../../../../../tests/harness/uploads.ts'

describe('a node fetches a frame of an uploaded file', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)

  test('200: sealed to its key alone; 404 beyond the file and for another node', async () => {
    const content = Buffer.alloc(FRAME_BYTES + 1, 'x')
    const { id } = await uploadWhole(platform, made.sourceId, 'x.csv', content)
    expect((await openedBy(made.node, id, content.length)).equals(content)).toBe(true)
    const frame = (node = made.node, number = 0) => node.bytes(fetchUpload, { params: { id, frame: String(number) } })
    expect((await frame(made.node, 2)).status).toBe(404)
    const other = await enrol(platform, platform.departments.civil, '另一节点')
    expect((await frame(other)).status).toBe(404)
    const { bytes } = await frame()
    await expect(openFrame(other.sealing.privateKey, bytes, framePlace(id, 0))).rejects.toThrow()
    await expect(openFrame(made.node.sealing.privateKey, bytes, framePlace(id, 1))).rejects.toThrow()
  })
})
