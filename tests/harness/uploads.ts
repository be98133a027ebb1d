import { createHash } from 'node:crypto'
import { addressOf, createClient } from '@huitong/contract'
import { appendUpload, createSource, createUpload, fetchUpload, FRAME_BYTES, framePlace } from '@huitong/contract/nodes'
import { openFrame } from '@huitong/segment'
import { beforeAll } from 'vitest'
import { enrol, type TestNode } from './node.ts'
import type { Account, TestPlatform } from './platform.ts'

/** A node of the civil department with a source that takes uploads. */
export function useUploads(platform: TestPlatform): { node: TestNode; sourceId: string } {
  const made = {} as { node: TestNode; sourceId: string }
  beforeAll(async () => {
    made.node = await enrol(platform, platform.departments.civil)
    made.sourceId = await addUploadSource(platform, made.node.id)
  })
  return made
}

/** Registers such a source of a node. */
export async function addUploadSource(platform: TestPlatform, nodeId: string): Promise<string> {
  const { id } = await (
    await platform.as('centre')
  ).call(createSource, {
    body: {
      name: { zh: '民政上传文件' },
      nodeId,
      kind: 'uploads',
      settings: { encoding: 'auto', delimiter: 'auto' },
      usage: 'provide',
      frontDatabase: true,
    },
  })
  return id
}

/** The digest of a file as it is announced: of the digests of its frames. */
export function digestOf(content: Buffer): string {
  const whole = createHash('sha256')
  for (let at = 0; at < content.length; at += FRAME_BYTES)
    whole.update(
      createHash('sha256')
        .update(content.subarray(at, at + FRAME_BYTES))
        .digest(),
    )
  return whole.digest('hex')
}

/** Sends bytes at an offset as this person. @throws CallError. */
export async function append(platform: TestPlatform, account: Account, id: string, offset: number, bytes: Buffer) {
  const { cookie } = await platform.as(account)
  const input = { params: { id }, query: { offset: String(offset) } }
  const client = createClient(async () => {
    const reply = await platform.server.http.inject({
      method: 'PATCH',
      url: addressOf(appendUpload, input),
      headers: { cookie, 'content-type': 'application/octet-stream' },
      payload: bytes,
    })
    return new Response(reply.rawPayload, { status: reply.statusCode })
  })
  return client.call(appendUpload, input)
}

/** Uploads a whole file into the source. */
export async function uploadWhole(platform: TestPlatform, sourceId: string, fileName: string, content: Buffer) {
  const officer = await platform.as('civil-officer')
  const body = { fileName, bytes: String(content.length), digest: digestOf(content) }
  let view = await officer.call(createUpload, { params: { id: sourceId }, body })
  for (let at = 0; at < content.length; at += FRAME_BYTES)
    view = await append(platform, 'civil-officer', view.id, at, content.subarray(at, at + FRAME_BYTES))
  return view
}

/** What a node opens of a file. @throws when a frame is not there or does not open. */
export async function openedBy(node: TestNode, id: string, bytes: number): Promise<Buffer> {
  const frames: Buffer[] = []
  for (let frame = 0; frame * FRAME_BYTES < bytes; frame++) {
    const { status, bytes: sealed } = await node.bytes(fetchUpload, { params: { id, frame: String(frame) } })
    if (status !== 200) throw new Error(`frame ${frame}: ${status} ${sealed.toString('utf8').slice(0, 200)}`)
    frames.push(await openFrame(node.sealing.privateKey, sealed, framePlace(id, frame)))
  }
  return Buffer.concat(frames)
}
