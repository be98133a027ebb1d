import { wantedFiles } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { sealingNodeStream } from './stream-access.ts'

/**
 * Which of these files a provider's node is to send: all but those whose latest delivery since the task was started is of
 * just this content. What was sent and did not arrive is sent again.
 */
export const wantedFilesVerb = query<typeof wantedFiles>({
  endpoint: wantedFiles,
  audit: null,
  async run({ db, actor, now, legalNow }, { params, body }) {
    const stream = await sealingNodeStream(db, actor, params.id, { now, legalNow })
    const rows = await db.many<{ at: number }>(sql`
      select (f.at - 1)::int as at from jsonb_array_elements(${JSON.stringify(body.files)}::jsonb) with ordinality as f (file, at)
        left join lateral (select d.bytes, d.digest from file_delivery d
          join segment x on x.stream_id = d.stream_id and x.generation = d.generation and x.sequence = d.sequence and x.state = 'applied'
          where d.channel_id = ${stream.channel_id} and md5(d.path) = md5(f.file->>'path') and d.path = f.file->>'path'
            and d.announced_at >= (select started_at from channel where id = ${stream.channel_id})
          order by d.announced_at desc, d.generation desc, d.sequence desc, d.at desc limit 1) last on true
      where last.digest is null or last.digest <> f.file->>'digest' or last.bytes <> (f.file->>'bytes')::numeric
      order by 1`)
    return { wanted: rows.map(({ at }) => at) }
  },
})
