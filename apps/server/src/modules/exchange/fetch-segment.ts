import { fetchSegment } from '@huitong/contract/exchange'
import { StorageError } from '@huitong/objects'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { bytes, query } from '../../kernel/verb.ts'
import { objectKey } from '../engine/index.ts'
import { applyingStream } from './stream-access.ts'

/** The sealed bytes of a verified segment, for the node that applies its stream, under an active grant. */
export const fetchSegmentVerb = query<typeof fetchSegment>({
  endpoint: fetchSegment,
  audit: null,
  async run({ db, actor, now, legalNow, services }, input) {
    const { digest } = input.params
    const row = await db.one<{ stream_id: string }>(sql`select stream_id from segment
      where digest = ${digest} and state in ('verified', 'applied')`)
    await applyingStream(db, actor, row.stream_id, { now, legalNow })
    const from = Number(input.query.offset ?? '0')
    return bytes({
      contentType: 'application/octet-stream',
      body: await services.objects.get(objectKey(digest), { from }).catch((error: unknown) => {
        if (!(error instanceof StorageError) || error.code !== 'storage.bad_range') throw error
        refuse('request.invalid', { places: [place('#/query/offset', '超出批次长度', 'beyond the segment')] })
      }),
    })
  },
})
