import { fetchUpload } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { bytes, query } from '../../kernel/verb.ts'
import { frameKey, framesOf } from './upload-view.ts'

/** A sealed frame of a file that is there, for the node of its source. */
export const fetchUploadVerb = query<typeof fetchUpload>({
  endpoint: fetchUpload,
  audit: null,
  async run({ db, actor, services }, { params }) {
    const row = await db.one<{
      bytes: string
    }>(sql`select u.bytes from upload u join data_source s on s.id = u.source_id
      where u.id = ${params.id} and u.state = 'kept' and s.node_id = ${actor.id}`)
    const frame = Number(params.frame)
    if (frame >= framesOf(Number(row.bytes))) refuse('object.not_found')
    const body = await services.objects.get(frameKey(params.id, frame))
    return bytes({ contentType: 'application/octet-stream', body })
  },
})
