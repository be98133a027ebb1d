import { ALL_ENDPOINTS, type Words } from '@huitong/contract'
import type { EvidenceEntryView } from '@huitong/contract/evidence'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { SYSTEM_ACTIONS } from '../../kernel/actions.ts'

export interface EntryRow {
  id: string
  leaf_index: string | null
  at: Date
  action: string
  actor_kind: string
  actor_name: string
  department_id: string | null
  department_name: string | null
  object_kind: string | null
  object_id: string | null
  outcome: 'done' | 'denied' | 'failed'
  leaf: Buffer | null
}

export const SELECT_ENTRY =
  sql.raw(`select a.id, l.leaf_index, a.at, a.action, a.actor_kind, a.actor_name, a.department_id,
    d.name->>'zh' as department_name, a.object_kind, a.object_id, a.outcome, l.leaf
  from audit a left join audit_leaf l on l.audit_id = a.id left join department d on d.id = a.department_id`)

const WORDS = new Map<string, Words>(ALL_ENDPOINTS.map((one) => [one.id, one.words]))

/** What an action is called, in both languages. */
export function wordsOfAction(action: string): Words {
  return WORDS.get(action) ?? SYSTEM_ACTIONS[action] ?? { zh: action, en: action }
}

export function entryView(row: EntryRow): Static<typeof EvidenceEntryView> {
  const leaf = row.leaf ? (JSON.parse(row.leaf.toString('utf8')) as { sha256commitment: string }) : null
  return {
    index: row.leaf_index,
    auditId: row.id,
    at: row.at.toISOString(),
    action: row.action,
    words: wordsOfAction(row.action),
    actor: row.actor_name,
    departmentId: row.department_id,
    departmentName: row.department_name,
    objectKind: row.object_kind,
    objectId: row.object_id,
    outcome: row.outcome,
    commitment: leaf?.sha256commitment ?? null,
  }
}
