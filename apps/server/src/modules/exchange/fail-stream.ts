import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { FoundField } from '@huitong/contract/work'
import { cancelWork } from '../nodes/index.ts'
import { catchUpFailed } from './catch-up.ts'

export interface Problem {
  readonly code: string
  readonly message: { readonly zh: string; readonly en: string }
  /** Of a table that changed: the fields that it has now. */
  readonly fields?: FoundField[]
}

/**
 * Ends the run of a stream as failed: of a channel, of one of its increments, or of the repair that a
 * reconciliation began. Work that still goes
 * on at either end is taken back. Answers false when nothing of it was running any more.
 */
export async function failStream(
  context: { db: Writer; now: Date; wake: (topic: string) => Promise<void> },
  streamId: string,
  problem: Problem,
): Promise<boolean> {
  const { db, now } = context
  const stated = JSON.stringify({ code: problem.code, message: problem.message, at: now.toISOString() })
  const channels = await db.run(sql`update channel set state = 'failed', problem = ${stated}, finished_at = ${now},
    version = version + 1 where id = ${streamId} and state = 'running'`)
  const increments = await failIncrements(context, streamId, problem)
  const repairs =
    await db.run(sql`update reconciliation set state = 'different', repair = repair || '{"state": "failed"}',
    problem = ${JSON.stringify(problem.message)}, finished_at = ${now}, version = version + 1
    where id = ${streamId} and state = 'repairing'`)
  const works = await db.many<{ read_work_id: string; apply_work_id: string | null }>(
    sql`select read_work_id, apply_work_id from stream where id = ${streamId} and not abandoned`,
  )
  await cancelWork(
    context,
    works.flatMap((one) => [one.read_work_id, one.apply_work_id]).filter((id) => id !== null),
  )
  return channels + repairs + increments > 0
}

/** A channel whose increment failed so waits for a person: its position stays where the data are. */
async function failIncrements(
  { db, now }: { db: Writer; now: Date },
  streamId: string,
  { code, message }: Problem,
): Promise<number> {
  const failed = await db.many<{ channel_id: string }>(sql`update increment set state = 'failed', finished_at = ${now},
    problem = ${JSON.stringify({ code, message })} where id = ${streamId} and state = 'running' returning channel_id`)
  for (const { channel_id } of failed) {
    await db.run(sql`update channel set state = 'failed', problem = ${JSON.stringify({ code, message, at: now.toISOString() })},
      next_at = null, version = version + 1 where id = ${channel_id} and state = 'following'`)
    await catchUpFailed({ db, now }, channel_id, message)
  }
  return failed.length
}
