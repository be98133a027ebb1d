import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import type { Services } from '../../kernel/services.ts'
import type { AuditNote, CommandContext } from '../../kernel/verb.ts'
import { nextNumber } from '../catalogue/index.ts'
import { startClock, timeOf, type ClockKind, type Level } from './response-clock.ts'
import { ALERT_RULES } from './rules/index.ts'

const WATCHER = systemActor('alert-watch')
/** How long everything must stay well before an incident closes by itself: a cause that comes and goes is one incident. */
export const QUIET_MS = 15_000
const AT_ONCE_MAX = 200

type Tools = Pick<CommandContext<never>, 'db' | 'emit' | 'now' | 'legalNow'>

interface WaitingAlert {
  id: string
  rule: string
  level: Level
  jurisdiction: string
  department_id: string
  opened_at: Date
}
interface Unclosed {
  id: string
  rule: string
  level: number
  department_id: string
  state: 'open' | 'handling' | 'recovered'
  clock: ClockKind
  acknowledged: boolean
  recovered_at: Date | null
  alerts_open: number
}

/** Alerts that last become incidents; incidents recover, come back and close with their alerts. */
export async function watchIncidents(services: Services): Promise<void> {
  const now = services.clock.now()
  const waiting = await services.db.read(SYSTEM_ROWS, (db) =>
    db.many<WaitingAlert>(sql`select id, rule, level, jurisdiction, department_id, opened_at from alert
      where closed_at is null and incident_id is null order by opened_at limit ${AT_ONCE_MAX}`),
  )
  for (const alert of waiting) {
    const { incidentAfterMs } = ALERT_RULES.find((one) => one.name === alert.rule) ?? { incidentAfterMs: Infinity }
    if (now.getTime() - alert.opened_at.getTime() < incidentAfterMs) continue
    await perform(services, (tools) => joinIncident(tools, alert))
  }
  const unclosed = await services.db.read(SYSTEM_ROWS, (db) =>
    db.many<Unclosed>(sql`select i.id, i.rule, i.level, i.department_id, i.state, i.clock,
        i.acknowledged_by is not null as acknowledged, i.recovered_at,
        (select count(*)::int from alert a where a.incident_id = i.id and a.closed_at is null) as alerts_open
      from incident i where i.state <> 'closed' order by i.opened_at limit ${AT_ONCE_MAX}`),
  )
  for (const one of unclosed) {
    if (one.state !== 'recovered' && one.alerts_open === 0) await perform(services, (tools) => recover(tools, one))
    if (one.state !== 'recovered') continue
    if (one.alerts_open > 0) await perform(services, (tools) => reopen(tools, one))
    else if (now.getTime() - one.recovered_at!.getTime() >= QUIET_MS)
      await perform(services, (tools) => closeByItself(tools, one))
  }
}

const perform = (services: Services, change: (tools: Tools) => Promise<AuditNote | null>): Promise<null> =>
  act(services, WATCHER, 'job.alert_watch', async (tools) => ({ value: null, audit: await change(tools) }))

const noteOf = (id: string, rule: string, change: string): AuditNote => ({
  objectKind: 'incident',
  objectId: id,
  detail: { rule, change },
})

const writeNote = ({ db, now }: Tools, id: string, kind: string): Promise<number> =>
  db.run(sql`insert into incident_note (incident_id, kind, at) values (${id}, ${kind}, ${now})`)

/** Puts an alert to the incident that its department already has for this cause, or opens one and starts its clock. */
async function joinIncident(tools: Tools, alert: WaitingAlert): Promise<AuditNote | null> {
  const { db, emit, now } = tools
  const known = await db.maybe<{ id: string }>(sql`select id from incident
    where rule = ${alert.rule} and department_id = ${alert.department_id} and state <> 'closed'
    order by opened_at limit 1 for update`)
  const id = known?.id ?? randomUUID()
  if (!known) {
    const clock = startClock(alert.level, tools)
    await db.run(sql`insert into incident (id, number, jurisdiction, department_id, rule, level, state, clock, opened_at,
        response_due_at, restore_due_at)
      values (${id}, ${await nextNumber(db, 'GZ', now)}, ${alert.jurisdiction}, ${alert.department_id}, ${alert.rule},
        ${alert.level}, 'open', ${clock.clock}, ${clock.openedAt}, ${clock.responseDueAt}, ${clock.restoreDueAt})`)
    await emit('incident.opened', {
      incidentId: id,
      rule: alert.rule,
      level: alert.level,
      departmentId: alert.department_id,
    })
  }
  const joined = await db.run(sql`update alert set incident_id = ${id}
    where id = ${alert.id} and incident_id is null and closed_at is null`)
  if (joined === 0 && known) return null
  await writeNote(tools, id, known ? 'alert' : 'opened')
  return noteOf(id, alert.rule, known ? 'alert' : 'opened')
}

async function recover(tools: Tools, one: Unclosed): Promise<AuditNote | null> {
  const at = timeOf(one.clock, tools)
  const moved = await tools.db
    .run(sql`update incident set state = 'recovered', recovered_at = ${tools.now}, restored_at = ${at},
      responded_at = coalesce(responded_at, ${at}), version = version + 1
    where id = ${one.id} and state in ('open', 'handling')`)
  if (moved === 0) return null
  await writeNote(tools, one.id, 'recovered')
  return noteOf(one.id, one.rule, 'recovered')
}

async function reopen(tools: Tools, one: Unclosed): Promise<AuditNote | null> {
  const state = one.acknowledged ? 'handling' : 'open'
  const moved = await tools.db.run(sql`update incident set state = ${state}, recovered_at = null, restored_at = null,
      responded_at = case when acknowledged_by is null then null else responded_at end, version = version + 1
    where id = ${one.id} and state = 'recovered'`)
  if (moved === 0) return null
  await writeNote(tools, one.id, 'reopened')
  return noteOf(one.id, one.rule, 'reopened')
}

async function closeByItself(tools: Tools, one: Unclosed): Promise<AuditNote | null> {
  const moved = await tools.db
    .run(sql`update incident set state = 'closed', closed_at = ${tools.now}, version = version + 1
    where id = ${one.id} and state = 'recovered'`)
  if (moved === 0) return null
  await writeNote(tools, one.id, 'closed')
  await tools.emit('incident.closed', {
    incidentId: one.id,
    rule: one.rule,
    level: one.level,
    departmentId: one.department_id,
  })
  return noteOf(one.id, one.rule, 'closed')
}
