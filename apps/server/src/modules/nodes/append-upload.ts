import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { appendUpload, FRAME_BYTES, framePlace } from '@huitong/contract/nodes'
import { sealFrame } from '@huitong/segment'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { command } from '../../kernel/verb.ts'
import { finishWhole } from './finish-upload.ts'
import { findUpload, frameKey, tailKey, type UploadRow, uploadView } from './upload-view.ts'

/**
 * Takes bytes of a file at an offset. Whole frames are sealed to the source's node, which alone opens them; what is less
 * than a frame waits, sealed to the platform. All of it is durable before the offset moves.
 */
export const appendUploadVerb = command<typeof appendUpload>({
  endpoint: appendUpload,
  audit: ({ params, query, bytes }, reply) => ({
    objectKind: 'upload',
    objectId: params.id,
    detail: { offset: query.offset, bytes: String(bytes.length), state: reply.state },
  }),
  async run({ db, actor, now, wake, services }, { params, query, bytes }) {
    const row = await findUpload(db, actor, params.id, true)
    if (row.state !== 'receiving')
      refuse('object.state', { places: [place('', '该文件已不在上传', 'this file is no longer being uploaded')] })
    if (query.offset !== row.received)
      refuse('upload.offset', { places: [place('#/query/offset', `应为 ${row.received}`, `is ${row.received}`)] })
    const offset = Number(row.received)
    const received = offset + bytes.length
    if (received > Number(row.bytes))
      refuse('request.invalid', { places: [place('', '超出声明的大小', 'longer than was announced')] })
    const { sealing_key } = await db.one<{ sealing_key: Buffer }>(sql`select n.sealing_key from node n
      join data_source s on s.node_id = n.id where s.id = ${row.source_id}`)
    const frames = await store(services, row, bytes, sealing_key.toString('base64'))
    await db.run(
      sql`update upload set received = ${received}, touched_at = ${now}, frames = ${frames} where id = ${row.id}`,
    )
    if (received === Number(row.bytes)) await finishWhole({ db, now, wake }, { ...row, frames })
    return uploadView(await findUpload(db, actor, row.id))
  },
})

/** Puts the bytes into the object store; answers the digests of all frames that are whole. */
async function store(services: Services, row: UploadRow, bytes: Buffer, sealingKey: string): Promise<Buffer> {
  const offset = Number(row.received)
  const before = offset % FRAME_BYTES
  await forgetTails(services, row)
  const waiting = before === 0 ? Buffer.alloc(0) : await readTail(services, row)
  let rest = Buffer.concat([waiting, bytes])
  let { frames } = row
  const end = offset + bytes.length
  // Of the last frame less than a whole one is all.
  const frameMin = end === Number(row.bytes) ? 1 : FRAME_BYTES
  for (let at = offset - before; rest.length >= frameMin; at += FRAME_BYTES) {
    const plain = rest.subarray(0, FRAME_BYTES)
    const frame = at / FRAME_BYTES
    await put(services, frameKey(row.id, frame), await sealFrame(sealingKey, plain, framePlace(row.id, frame)))
    frames = Buffer.concat([frames, createHash('sha256').update(plain).digest()])
    rest = rest.subarray(FRAME_BYTES)
  }
  if (rest.length > 0) {
    const key = tailKey(row.id, String(end))
    await put(services, key, services.secrets.seal(rest, key))
  }
  return frames
}

async function readTail(services: Services, row: UploadRow): Promise<Buffer> {
  const key = tailKey(row.id, row.received)
  return services.secrets.open(await buffer(await services.objects.get(key)), key)
}

/** The offset has moved past what waited before it. */
async function forgetTails(services: Services, row: UploadRow): Promise<void> {
  const { objects } = await services.objects.list({ prefix: tailKey(row.id, '') })
  for (const { key } of objects) if (key !== tailKey(row.id, row.received)) await services.objects.delete(key)
}

/** An attempt whose transaction did not commit may have left something here: nobody was told of it. */
async function put(services: Services, key: string, sealed: Buffer): Promise<void> {
  await services.objects.delete(key)
  const sha256 = createHash('sha256').update(sealed).digest('hex')
  await services.objects.putIfAbsent(key, Readable.from([sealed]), { sha256, bytes: sealed.length })
}
