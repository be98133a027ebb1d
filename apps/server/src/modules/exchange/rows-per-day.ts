import type { GrantDocument } from '@huitong/policy'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { findGrantRow } from './grant-plan.ts'

/**
 * Takes rows from what the grant lets out in a day of its place (China's), over all channels under it. Rows count when
 * they are announced; those of a generation that was given up before anybody could have had them count no more.
 * @throws Refusal `grant.rows_per_day`.
 */
export async function requireDay(db: Writer, grantId: string, rows: bigint, now: Date): Promise<void> {
  const { document } = await findGrantRow(db, grantId)
  const { rowsPerDayMax } = JSON.parse(document) as GrantDocument
  if (rowsPerDayMax === null) return
  // Channels of one grant that announce at once wait for each other, or each would find room.
  await db.run(sql`select 1 from channel where grant_id = ${grantId} order by id for update`)
  const { used } = await db.one<{ used: string }>(sql`select coalesce(sum(x.rows), 0)::text as used from segment x
      join stream s on s.id = x.stream_id and s.generation = x.generation
    where x.channel_id in (select id from channel where grant_id = ${grantId})
      and x.announced_at >= date_trunc('day', ${now}::timestamptz, 'Asia/Shanghai')
      and (not s.abandoned or x.state in ('verified', 'applied'))`)
  if (BigInt(used) + rows > BigInt(rowsPerDayMax))
    refuse('grant.rows_per_day', { detail: `${used} of ${rowsPerDayMax} rows used, ${rows} more` })
}
