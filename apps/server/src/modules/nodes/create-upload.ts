import { randomUUID } from 'node:crypto'
import { createUpload } from '@huitong/contract/nodes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { finishWhole } from './finish-upload.ts'
import { findUpload, UPLOADS, uploadView } from './upload-view.ts'

/** Interrupted uploads of one source that wait to go on. */
const OPEN_MAX = 50
/** A file system counts bytes of a name, and a file that is being fetched has a longer one. */
const NAME_BYTES_MAX = 240

/** Begins an upload into a source of the officer's own department. Nothing is reserved: full is told when it is full. */
export const createUploadVerb = command<typeof createUpload>({
  endpoint: createUpload,
  audit: ({ body }, reply) => ({
    objectKind: 'upload',
    objectId: reply.id,
    detail: { source: reply.sourceId, bytes: body.bytes },
  }),
  async run({ db, actor, now, wake, services }, { params, body }) {
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'department_id'))
    const source = await db.one<{ kind: string; department_id: string; jurisdiction: string }>(
      sql`select kind, department_id, jurisdiction from data_source where id = ${params.id} and ${visible} for update`,
    )
    if (source.kind !== UPLOADS)
      refuse('object.state', { places: [place('', '该数据源不接受上传', 'this source takes no uploads')] })
    const fileName = body.fileName.normalize('NFC')
    if (Buffer.byteLength(fileName) > NAME_BYTES_MAX)
      refuse('request.invalid', { places: [place('/fileName', '文件名过长', 'the name is too long')] })
    const { uploadBytesMax, uploadQuotaBytes } = services.settings
    const bytes = Number(body.bytes)
    if (bytes > uploadBytesMax)
      refuse('upload.quota', {
        places: [
          place('/bytes', `单个文件不超过 ${uploadBytesMax} 字节`, `a file has ${uploadBytesMax} bytes at most`),
        ],
      })
    const used = await db.one<{ bytes: string; open: number }>(sql`select coalesce(sum(bytes), 0) as bytes,
        (count(*) filter (where state = 'receiving'))::int as open
      from upload where source_id = ${params.id} and cleaned_at is null`)
    if (BigInt(used.bytes) + BigInt(bytes) > BigInt(uploadQuotaBytes))
      refuse('upload.quota', {
        places: [place('/bytes', '该数据源的上传空间不足', 'the source has no room left for it')],
      })
    if (used.open >= OPEN_MAX)
      refuse('upload.quota', {
        places: [place('', `未完成的上传已有 ${OPEN_MAX} 个`, `${OPEN_MAX} uploads are unfinished already`)],
      })
    const id = randomUUID()
    await db.run(sql`insert into upload (id, jurisdiction, department_id, source_id, file_name, bytes, announced, state, uploaded_by,
        created_at, touched_at)
      values (${id}, ${source.jurisdiction}, ${source.department_id}, ${params.id}, ${fileName}, ${bytes},
        ${body.digest ?? null}, 'receiving', ${actor.id}, ${now}, ${now})`)
    if (bytes === 0) await finishWhole({ db, now, wake }, await findUpload(db, actor, id))
    return uploadView(await findUpload(db, actor, id))
  },
})
