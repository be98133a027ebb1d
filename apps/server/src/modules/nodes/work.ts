import { randomUUID } from 'node:crypto'
import type { SourceAccess } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Reader, Writer } from '../../kernel/db.ts'

export type WorkKind = 'discover' | 'read' | 'apply' | 'reconcile' | 'repair' | 'capture' | 'slot' | 'release' | 'mark'

interface NewWork {
  readonly nodeId: string
  readonly kind: WorkKind
  readonly subjectKind: 'data_source' | 'channel' | 'reconciliation'
  readonly subjectId: string
  readonly input: object
}

/** How long after its end a piece of work is surely forgotten by its node. */
const SETTLED_MS = 2_000

/** The topic on which a node's long poll wakes. */
export const workTopic = (nodeId: string) => `work:${nodeId}`

/** Queues a piece of work for a node, in the caller's transaction; answers its id. */
export async function queueWork(
  context: { db: Writer; now: Date; wake: (topic: string) => Promise<void> },
  work: NewWork,
): Promise<string> {
  const id = randomUUID()
  await context.db.run(sql`insert into node_work (id, node_id, kind, subject_kind, subject_id, input, state, created_at)
    values (${id}, ${work.nodeId}, ${work.kind}, ${work.subjectKind}, ${work.subjectId}, ${JSON.stringify(work.input)}, 'queued', ${context.now})`)
  await context.wake(workTopic(work.nodeId))
  return id
}

/**
 * Gives work that is done once more, with a new input: for work that recurs and mostly finds nothing. False when it is not
 * done, or so lately that the node may still be tidying up.
 */
export async function requeueWork(
  context: { db: Writer; now: Date; wake: (topic: string) => Promise<void> },
  id: string,
  input: object,
): Promise<boolean> {
  const settled = new Date(context.now.getTime() - SETTLED_MS)
  const row = await context.db.maybe<{
    node_id: string
  }>(sql`update node_work set state = 'queued', input = ${JSON.stringify(input)},
      result = null, problem = null, progress = null, finished_at = null, created_at = ${context.now}
    where id = ${id} and state = 'done' and finished_at < ${settled} returning node_id`)
  if (!row) return false
  await context.wake(workTopic(row.node_id))
  return true
}

/** Takes back work that has not ended; a node that still runs it is told at its next poll. */
export async function cancelWork(
  context: { db: Writer; now: Date; wake: (topic: string) => Promise<void> },
  ids: readonly string[],
): Promise<void> {
  const rows = await context.db.many<{
    node_id: string
  }>(sql`update node_work set state = 'cancelled', fence = fence + 1, finished_at = ${context.now}
    where id = any(${[...ids]}::uuid[]) and state in ('queued', 'leased') returning node_id`)
  for (const row of rows) await context.wake(workTopic(row.node_id))
}

/** What a node needs to reach a data source; the secrets stay sealed to it. */
export async function sourceAccess(db: Reader, sourceId: string): Promise<{ access: SourceAccess; nodeId: string }> {
  const row = await db.one<{
    node_id: string
    kind: string
    settings: SourceAccess['settings']
    secrets: Buffer | null
  }>(sql`select node_id, kind, settings, secrets from data_source where id = ${sourceId}`)
  return {
    nodeId: row.node_id,
    access: { sourceId, kind: row.kind, settings: row.settings, secrets: row.secrets?.toString('base64') ?? null },
  }
}
