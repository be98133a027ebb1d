import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { cancelWork } from '../nodes/index.ts'
import { catchUpFailed } from './catch-up.ts'
import { APPLIED_SO_FAR } from './move-log.ts'
import { keepPosition, setLog } from './log-position.ts'
import { pauseFailed } from './pause-log.ts'

/** Ends the increments that run on these channels: their work is taken back, and what was gathered is never applied. */
export async function stopIncrements(
  context: { db: Writer; now: Date; wake: (topic: string) => Promise<void> },
  channelIds: readonly string[],
  because: { zh: string; en: string },
): Promise<void> {
  const { db, now } = context
  const stopped = await db.many<{ id: string }>(sql`update increment set state = 'stopped', finished_at = ${now},
      applied = case when (select mode from channel c where c.id = channel_id) = 'log' then ${APPLIED_SO_FAR} else applied end
    where channel_id = any(${channelIds}::uuid[]) and state = 'running' returning id`)
  const works = await db.many<{ read_work_id: string; apply_work_id: string | null }>(
    sql`update stream set abandoned = true where id = any(${stopped.map(({ id }) => id)}::uuid[]) and not abandoned
      returning read_work_id, apply_work_id`,
  )
  await cancelWork(
    context,
    works.flatMap((one) => [one.read_work_id, one.apply_work_id]).filter((id) => id !== null),
  )
  for (const id of channelIds) await catchUpFailed(context, id, because)
  const logged = await db.many<{ id: string }>(
    sql`select id from channel where id = any(${[...channelIds]}::uuid[]) and mode = 'log'`,
  )
  for (const { id } of logged) {
    await keepPosition(db, id, now)
    await setLog(db, id, { stoppedAt: now.toISOString() })
    await pauseFailed(context, id, because)
  }
}
