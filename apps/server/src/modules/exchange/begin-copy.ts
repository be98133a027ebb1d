import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import type { ChannelRow } from './channel-view.ts'
import { beginStream, type Context } from './generation.ts'
import { NO_LOG, setLog } from './log-position.ts'

/**
 * Begins a full copy as a new generation; what readers see stays until it is complete.
 * @throws Refusal `object.changed` when the channel is of another version, `grant.inactive`.
 */
export async function beginCopy(context: Context, channel: ChannelRow, version: number | null): Promise<void> {
  const { db, now } = context
  const moved =
    await db.run(sql`update channel set state = 'running', problem = null, drift = null, started_at = ${now}, finished_at = null,
      cursor = null, looked = null, looked_at = null, next_at = null, failures = 0, held = null, version = version + 1,
      mounted = coalesce(mounted, (select jsonb_build_object('hash', b.schema_hash, 'fields', t.fields) from distribution b
        join source_table t on t.id = b.table_id where b.id = distribution_id and t.schema_hash = b.schema_hash))
      where id = ${channel.id} and version = ${version}`)
  if (moved === 0) refuse('object.changed')
  // The copy makes a slot at the source before anything of it is known here.
  if (channel.mode === 'log') await setLog(db, channel.id, { ...NO_LOG, atSource: true })
  const { generation } = await db.one<{ generation: number }>(
    sql`select coalesce(max(generation), 0) + 1 as generation from stream where id = ${channel.id}`,
  )
  await db.run(sql`update stream set abandoned = true where id = ${channel.id}`)
  await beginStream(context, channel, {
    streamId: channel.id,
    generation,
    kind: 'copy',
    keys: null,
    deleteKeys: null,
    subject: { kind: 'channel', id: channel.id },
    applyWorkId: null,
  })
}
