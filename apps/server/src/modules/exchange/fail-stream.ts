import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { cancelWork } from '../nodes/index.ts'

export interface Problem {
  readonly code: string
  readonly message: { readonly zh: string; readonly en: string }
}

/**
 * Ends the run of a stream as failed: of a channel, or of the repair that a reconciliation began. Work that still goes
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
  const repairs =
    await db.run(sql`update reconciliation set state = 'different', repair = repair || '{"state": "failed"}',
    problem = ${JSON.stringify(problem.message)}, finished_at = ${now}, version = version + 1
    where id = ${streamId} and state = 'repairing'`)
  const works = await db.many<{ read_work_id: string; apply_work_id: string }>(
    sql`select read_work_id, apply_work_id from stream where id = ${streamId} and not abandoned`,
  )
  await cancelWork(
    context,
    works.flatMap((one) => [one.read_work_id, one.apply_work_id]),
  )
  return channels + repairs > 0
}
