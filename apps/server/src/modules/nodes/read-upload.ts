import { readUpload } from '@huitong/contract/nodes'
import { query } from '../../kernel/verb.ts'
import { findUpload, uploadView } from './upload-view.ts'

/** How far an upload has come. */
export const readUploadVerb = query<typeof readUpload>({
  endpoint: readUpload,
  audit: null,
  async run({ db, actor }, { params }) {
    return uploadView(await findUpload(db, actor, params.id))
  },
})
