import type { AlertView } from '@huitong/contract/operations'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf, type Person } from '../../kernel/actor.ts'
import type { Level } from './response-clock.ts'
import { ruleOf } from './rules/index.ts'

export interface AlertRow {
  id: string
  rule: string
  level: Level
  department_id: string
  department_name: { zh: string; en?: string }
  subject_kind: string
  subject_id: string
  subject_name: { zh: string; en?: string }
  detail: { zh: string; en: string }
  opened_at: Date
  closed_at: Date | null
  incident_id: string | null
  incident_number: string | null
}

export const SELECT_ALERT =
  sql.raw(`select a.id, a.rule, a.level, a.department_id, d.name as department_name, a.subject_kind, a.subject_id,
    a.subject_name, a.detail, a.opened_at, a.closed_at, a.incident_id, i.number as incident_number
  from alert a join department d on d.id = a.department_id left join incident i on i.id = a.incident_id`)

/** Which alerts or incidents somebody may see, over the column that holds the department. */
export const alertSees = (actor: Person, column: 'a.department_id' | 'i.department_id') =>
  sql.raw(emitPostgres(VISIBILITY.alert(viewerOf(actor)), () => column))

export function alertView(row: AlertRow): Static<typeof AlertView> {
  const { words, advice } = ruleOf(row.rule)
  return {
    id: row.id,
    rule: row.rule,
    ruleName: words,
    level: row.level,
    departmentId: row.department_id,
    departmentName: row.department_name,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    subjectName: row.subject_name,
    detail: row.detail,
    advice,
    openedAt: row.opened_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    incident: row.incident_id === null ? null : { id: row.incident_id, number: row.incident_number! },
  }
}
