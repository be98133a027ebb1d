import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { appendUpload, createUpload, FRAME_BYTES, readUpload } from '@huitong/contract/nodes'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { append, digestOf, openedBy, uploadWhole, useUploads } from '../../../../../tests/harness/uploads.ts'

describe('upload the bytes of a file', () => {
  const platform = usePlatform({ jobs: false })
  const made = useUploads(platform)
  const begin = async (content: Buffer, over: object = {}) =>
    (await platform.as('civil-officer')).call(createUpload, {
      params: { id: made.sourceId },
      body: { fileName: 'x.bin', bytes: String(content.length), ...over },
    })
  const send = (id: string, offset: number, bytes: Buffer) => append(platform, 'civil-officer', id, offset, bytes)
  guards(platform, appendUpload, {
    input: async () => ({ params: { id: (await begin(Buffer.from('x'))).id }, query: { offset: '0' } }),
    denied: ['centre', 'civil-head'],
  })

  test('in pieces of any size, also across frames: the node opens just these bytes, and nobody else', async () => {
    const content = randomBytes(2 * FRAME_BYTES + 12_345)
    const { id } = await begin(content, { digest: digestOf(content) })
    let at = 0
    for (const size of [1, 1000, FRAME_BYTES - 500, FRAME_BYTES, 7, content.length]) {
      const piece = content.subarray(at, Math.min(at + size, content.length))
      const view = await send(id, at, piece)
      at += piece.length
      expect(view).toMatchObject({ received: String(at), state: at === content.length ? 'kept' : 'receiving' })
    }
    const whole = await (await platform.as('civil-officer')).call(readUpload, { params: { id } })
    expect(whole).toMatchObject({ digest: digestOf(content), checked: true })
    expect((await openedBy(made.node, id, content.length)).equals(content)).toBe(true)
  })

  test('what is kept is sealed: no byte of it can be read in the store, also not while it is unfinished', async () => {
    const word = '张三的身份证号码是机密'.repeat(1000)
    const { id } = await begin(Buffer.alloc(FRAME_BYTES * 2))
    await send(id, 0, Buffer.from(word))
    await uploadWhole(platform, made.sourceId, 'sealed.txt', Buffer.from(word))
    const folder = platform.dataDir
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (one) => one.isFile() && readFileSync(join(one.parentPath, one.name)).includes('身份证号码是机密'),
    )
    expect(found).toEqual([])
  })

  test('409 at a wrong offset, before and beyond, and nothing of it is kept; twice at once, one is taken', async () => {
    const content = randomBytes(100)
    const { id } = await begin(content)
    await send(id, 0, content.subarray(0, 40))
    await refused(send(id, 0, content.subarray(0, 40)), 'upload.offset')
    await refused(send(id, 60, content.subarray(60)), 'upload.offset')
    const both = await Promise.allSettled([
      send(id, 40, content.subarray(40, 70)),
      send(id, 40, content.subarray(40, 70)),
    ])
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await send(id, 70, content.subarray(70))).toMatchObject({ state: 'kept' })
    expect((await openedBy(made.node, id, 100)).equals(content)).toBe(true)
    await refused(send(id, 100, Buffer.alloc(0)), 'object.state')
  })

  test('400 beyond what was announced; refused in the end when it is not what was announced', async () => {
    const content = randomBytes(50)
    const { id } = await begin(content, { digest: digestOf(content) })
    await refused(send(id, 0, randomBytes(51)), 'request.invalid')
    content[7]! ^= 1
    expect(await send(id, 0, content)).toMatchObject({ state: 'refused', checked: false })
    await expect(openedBy(made.node, id, 50)).rejects.toThrow('404')
  })

  test('a newer file takes the place of the older one of its name when it is whole, and the node is told', async () => {
    const first = await uploadWhole(platform, made.sourceId, '名单.csv', Buffer.from('a,b\n1,2\n'))
    const officer = await platform.as('civil-officer')
    const second = await officer.call(createUpload, {
      params: { id: made.sourceId },
      body: { fileName: '名单.csv', bytes: '8' },
    })
    expect(await officer.call(readUpload, { params: { id: first.id } })).toMatchObject({ state: 'kept' })
    await send(second.id, 0, Buffer.from('a,b\n3,4\n'))
    expect(await officer.call(readUpload, { params: { id: first.id } })).toMatchObject({ state: 'replaced' })
    const work = await made.node.work('discover', made.sourceId)
    expect(work.input).toMatchObject({ source: { kind: 'uploads' } })
  })

  test('404: by another department, and for none', async () => {
    const { id } = await begin(Buffer.from('x'))
    await refused(append(platform, 'works-officer', id, 0, Buffer.from('x')), 'object.not_found')
    await refused(send(NOBODY, 0, Buffer.from('x')), 'object.not_found')
  })
})
