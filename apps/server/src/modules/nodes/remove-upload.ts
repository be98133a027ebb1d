import { removeUpload } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { askNode } from './finish-upload.ts'
import { findUpload, uploadView } from './upload-view.ts'

/** Takes a file, or what has come of it, out of its source; the node drops it too. Its bytes go soon after. */
export const removeUploadVerb = command<typeof removeUpload>({
  endpoint: removeUpload,
  audit: ({ params }) => ({ objectKind: 'upload', objectId: params.id }),
  async run({ db, actor, now, wake }, { params }) {
    const row = await findUpload(db, actor, params.id, true)
    if (row.state !== 'receiving' && row.state !== 'kept')
      refuse('object.state', { places: [place('', '该文件已不在', 'this file is gone already')] })
    await db.run(sql`update upload set state = 'removed', ended_at = ${now}, touched_at = ${now} where id = ${row.id}`)
    if (row.state === 'kept') await askNode({ db, now, wake }, row.source_id)
    return uploadView(await findUpload(db, actor, row.id))
  },
})
