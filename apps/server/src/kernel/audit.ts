import { randomBytes } from 'node:crypto'
import { canonicalJson } from '@huitong/canonical'
import { sql } from 'kysely'
import type { Actor } from './actor.ts'
import type { Writer } from './db.ts'
import type { AuditNote } from './verb.ts'

export interface AuditAct {
  readonly actor: Actor
  readonly action: string
  readonly outcome: 'done' | 'denied' | 'failed'
  readonly at: Date
  readonly requestId: string
  readonly note: AuditNote | null
}

/**
 * Writes one audit row. Its `content` is the canonical JSON that the ledger commits to with the row's own salt; the
 * other columns repeat parts of it for search and are checked against it by the audit verification. Version 2 names the
 * jurisdiction; rows of version 1 do not commit to it.
 */
export async function writeAudit(db: Writer, act: AuditAct): Promise<void> {
  const { actor, note } = act
  const content = canonicalJson({
    v: 2,
    action: act.action,
    outcome: act.outcome,
    at: act.at.toISOString(),
    actor: {
      kind: actor.kind,
      id: actor.id,
      name: actor.name,
      departmentId: actor.departmentId,
      jurisdiction: actor.jurisdiction,
    },
    object: note ? { kind: note.objectKind, id: note.objectId } : null,
    requestId: act.requestId,
    detail: (note?.detail ?? null) as never,
  })
  await db.run(sql`insert into audit (at, jurisdiction, department_id, actor_kind, actor_id, actor_name, action,
      object_kind, object_id, outcome, request_id, content, salt)
    values (${act.at}, ${actor.jurisdiction}, ${actor.departmentId}, ${actor.kind}, ${actor.id}, ${actor.name}, ${act.action},
      ${note?.objectKind ?? null}, ${note?.objectId ?? null}, ${act.outcome}, ${act.requestId}, ${content}, ${randomBytes(32)})`)
}
