import type { IncidentDetail, IncidentView } from '@huitong/contract/operations'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader, Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { alertSees, alertView, SELECT_ALERT, type AlertRow } from './alert-view.ts'
import { clockView, type ClockKind, type Level } from './response-clock.ts'
import { ruleOf } from './rules/index.ts'

type State = Static<typeof IncidentView>['state']

export interface IncidentRow {
  id: string
  number: string
  jurisdiction: string
  rule: string
  level: Level
  department_id: string
  department_name: { zh: string; en?: string }
  state: State
  clock: ClockKind
  opened_at: Date
  response_due_at: Date
  restore_due_at: Date
  responded_at: Date | null
  restored_at: Date | null
  assignee_id: string | null
  assignee_name: string | null
  alerts_open: number
  alerts_total: number
  recovered_at: Date | null
  closed_at: Date | null
  closed_by: string | null
  version: number
}

export const SELECT_INCIDENT = sql.raw(`select i.id, i.number, i.jurisdiction, i.rule, i.level, i.department_id,
    d.name as department_name, i.state, i.clock, i.opened_at, i.response_due_at, i.restore_due_at, i.responded_at, i.restored_at,
    i.assignee_id, p.name as assignee_name, i.recovered_at, i.closed_at, i.closed_by, i.version,
    (select count(*)::int from alert a where a.incident_id = i.id and a.closed_at is null) as alerts_open,
    (select count(*)::int from alert a where a.incident_id = i.id) as alerts_total
  from incident i join department d on d.id = i.department_id left join person p on p.id = i.assignee_id`)

export interface Times {
  readonly now: Date
  readonly legalNow: Date
}

export function incidentView(row: IncidentRow, times: Times): Static<typeof IncidentView> {
  const limit = (dueAt: Date, stoppedAt: Date | null) =>
    clockView({ clock: row.clock, openedAt: row.opened_at, dueAt, stoppedAt }, times)
  return {
    id: row.id,
    number: row.number,
    rule: row.rule,
    ruleName: ruleOf(row.rule).words,
    level: row.level,
    departmentId: row.department_id,
    departmentName: row.department_name,
    state: row.state,
    clock: row.clock,
    openedAt: row.opened_at.toISOString(),
    response: limit(row.response_due_at, row.responded_at),
    restore: limit(row.restore_due_at, row.restored_at),
    assignee: row.assignee_id === null ? null : { id: row.assignee_id, name: row.assignee_name ?? '' },
    alertsOpen: row.alerts_open,
    alertsTotal: row.alerts_total,
    recoveredAt: row.recovered_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    closedByItself: row.state === 'closed' && row.closed_by === null,
    version: row.version,
  }
}

interface NoteRow {
  kind: Static<typeof IncidentDetail>['notes'][number]['kind']
  person_id: string | null
  person_name: string | null
  content: string | null
  at: Date
}

/** An incident with its alerts, what was done, and what the viewer may do. */
export async function incidentDetail(
  db: Reader,
  actor: Person,
  id: string,
  times: Times,
): Promise<Static<typeof IncidentDetail>> {
  const row = await findIncident(db, actor, id)
  const alerts = await db.many<AlertRow>(sql`${SELECT_ALERT} where a.incident_id = ${id} order by a.opened_at desc, a.id
    limit 200`)
  const notes = await db.many<NoteRow>(sql`select n.kind, n.person_id, p.name as person_name, n.content, n.at
    from incident_note n left join person p on p.id = n.person_id where n.incident_id = ${id} order by n.id limit 500`)
  return {
    ...incidentView(row, times),
    advice: ruleOf(row.rule).advice,
    alerts: alerts.map(alertView),
    notes: notes.map((note) => ({
      kind: note.kind,
      person: note.person_id === null ? null : { id: note.person_id, name: note.person_name ?? '' },
      content: note.content,
      at: note.at.toISOString(),
    })),
    candidates: actor.permissions.has('incident.handle') ? await handlers(db, row.jurisdiction) : [],
    actions: actionsOf(row, actor),
  }
}

export const findIncident = (db: Reader, actor: Person, id: string): Promise<IncidentRow> =>
  db.one<IncidentRow>(sql`${SELECT_INCIDENT} where i.id = ${id} and ${alertSees(actor, 'i.department_id')}`)

/** People who may handle incidents, by name. */
export const handlers = (db: Reader, jurisdiction: string): Promise<{ id: string; name: string }[]> =>
  db.many(sql`select distinct p.id, p.name from person p join person_role x on x.person_id = p.id
      join role r on r.name = x.role
    where p.jurisdiction = ${jurisdiction} and not p.disabled and 'incident.handle' = any (r.permissions)
    order by p.name, p.id limit 200`)

const WHY = {
  permission: { zh: '没有处置故障的权限', en: 'You may not handle incidents' },
  acknowledged: { zh: '已响应', en: 'Acknowledged already' },
  closed: { zh: '故障已关闭', en: 'The incident is closed' },
} as const

/** Why an action is not possible now; null when it is. */
export function obstacle(
  row: Pick<IncidentRow, 'state'>,
  actor: Person,
  action: 'acknowledge' | 'assign' | 'note' | 'close',
): { zh: string; en: string } | null {
  if (!actor.permissions.has('incident.handle')) return WHY.permission
  // What was done can be written down afterwards too.
  if (action === 'note') return null
  if (row.state === 'closed') return WHY.closed
  return action === 'acknowledge' && row.state !== 'open' ? WHY.acknowledged : null
}

function actionsOf(row: IncidentRow, actor: Person) {
  return (['acknowledge', 'assign', 'note', 'close'] as const).map((name) => {
    const reason = obstacle(row, actor, name)
    return { name, allowed: reason === null, reason }
  })
}

/** The incident for a change by its handler: visible, in a state that allows it, in the version that was read. */
export async function requireIncident(
  db: Writer,
  actor: Person,
  given: { id: string; match: number; action: 'acknowledge' | 'assign' | 'close' },
): Promise<IncidentRow> {
  const row = await findIncident(db, actor, given.id)
  if (obstacle(row, actor, given.action) !== null) refuse('object.state')
  const moved = await db.run(
    sql`update incident set version = version + 1 where id = ${given.id} and version = ${given.match}`,
  )
  if (moved === 0) refuse('object.changed')
  return row
}

/** Writes down what somebody did. */
export async function writeIncidentNote(
  db: Writer,
  note: { id: string; kind: NoteRow['kind']; personId: string; content?: string; at: Date },
): Promise<void> {
  await db.run(sql`insert into incident_note (incident_id, kind, person_id, content, at)
    values (${note.id}, ${note.kind}, ${note.personId}, ${note.content ?? null}, ${note.at})`)
}
