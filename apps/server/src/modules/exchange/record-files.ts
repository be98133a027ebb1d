import { isWhole, type Manifest } from '@huitong/segment'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { StreamRow } from './stream-access.ts'

/** Keeps which files come to their end in a segment: what is known as sent, and listed in statements. */
export async function recordFiles(
  db: Writer,
  stream: Pick<StreamRow, 'id' | 'generation' | 'channel_id'>,
  { file, sequence }: Manifest,
  now: Date,
): Promise<void> {
  const whole = (file ?? []).filter(isWhole).map(({ name, bytes, digest }, at) => ({ at, name, bytes, digest }))
  if (whole.length === 0) return
  await db.run(sql`insert into file_delivery (stream_id, generation, sequence, at, channel_id, path, bytes, digest, announced_at)
    select ${stream.id}, ${stream.generation}, ${sequence}, f.at, ${stream.channel_id}, f.name, f.bytes, f.digest, ${now}
    from jsonb_to_recordset(${JSON.stringify(whole)}::jsonb) as f (at integer, name text, bytes numeric, digest text)`)
}
