import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { eventTopic } from '../../kernel/wake.ts'
import { findOwner, type AlertRule, type Finding, type Look } from './alert-rule.ts'
import { watchIncidents } from './watch-incidents.ts'
import { ALERT_RULES } from './rules/index.ts'

const WATCHER = systemActor('alert-watch')
const LOOK_EVERY_MS = 3_000

interface OpenAlert {
  id: string
  rule: string
  subject_id: string
  department_id: string
}

/** What one rule sees now; null when it could not look, so that nothing is concluded from it. */
interface Sight {
  readonly rule: AlertRule
  readonly findings: readonly Finding[] | null
}

/** When each cause was seen first without a break, by process: the time that it must last before an alert opens. */
const firstSeen = new WeakMap<Services, Map<string, Date>>()
const keyOf = (rule: string, subjectId: string) => `${rule}/${subjectId}`

/**
 * Looks at every rule: a cause that lasts opens an alert, an alert whose cause is gone closes. Then the incidents follow
 * their alerts. Each change is an act of its own; a repeated look changes nothing.
 */
export const watchAlertsJob = job({
  name: 'alert-watch',
  everyMs: LOOK_EVERY_MS,
  topics: [eventTopic('work.finished'), eventTopic('channel.completed'), eventTopic('reconciliation.finished')],
  async run(services) {
    const sights = await lookAround(services)
    if (sights === null) return false
    const open = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<OpenAlert>(sql`select id, rule, subject_id, department_id from alert where closed_at is null`),
    )
    await openAlerts(services, sights, new Set(open.map((one) => keyOf(one.rule, one.subject_id))))
    await closeAlerts(services, sights, open)
    await watchIncidents(services)
    return false
  },
})

async function lookAround(services: Services): Promise<Sight[] | null> {
  const now = services.clock.now()
  return services.db.read(SYSTEM_ROWS, async (db) => {
    const owner = await findOwner(db)
    if (owner === null) return null
    const look: Look = { db, services, now, owner }
    const sights: Sight[] = []
    for (const rule of ALERT_RULES) sights.push({ rule, findings: await findingsOf(rule, look) })
    return sights
  })
}

async function findingsOf(rule: AlertRule, look: Look): Promise<readonly Finding[] | null> {
  try {
    return await rule.find(look)
  } catch (error) {
    // A failed statement ends the transaction: then the whole look is repeated by the job.
    if (typeof (error as { code?: unknown }).code === 'string' && 'severity' in (error as object)) throw error
    look.services.log.warn({ err: error, rule: rule.name }, 'a rule could not look')
    return null
  }
}

async function openAlerts(services: Services, sights: readonly Sight[], open: ReadonlySet<string>): Promise<void> {
  const now = services.clock.now()
  const before = firstSeen.get(services) ?? new Map<string, Date>()
  const seen = new Map<string, Date>()
  firstSeen.set(services, seen)
  for (const { rule, findings } of sights) {
    for (const finding of findings ?? []) {
      const key = keyOf(rule.name, finding.subjectId)
      const since = before.get(key) ?? now
      seen.set(key, since)
      if (!open.has(key) && now.getTime() - since.getTime() >= rule.openAfterMs)
        await openAlert(services, rule, finding)
    }
  }
}

async function openAlert(services: Services, rule: AlertRule, finding: Finding): Promise<void> {
  await act(services, WATCHER, 'job.alert_watch', async ({ db, emit, now }) => {
    const id = randomUUID()
    const made =
      await db.run(sql`insert into alert (id, jurisdiction, department_id, rule, level, subject_kind, subject_id, subject_name,
        detail, opened_at)
      values (${id}, ${finding.jurisdiction}, ${finding.departmentId}, ${rule.name}, ${rule.level}, ${finding.subjectKind},
        ${finding.subjectId}, ${JSON.stringify(finding.subjectName)}, ${JSON.stringify(finding.detail)}, ${now})
      on conflict (rule, subject_id) where closed_at is null do nothing`)
    if (made === 0) return { value: null, audit: null }
    await emit('alert.opened', { alertId: id, rule: rule.name, departmentId: finding.departmentId })
    const detail = { rule: rule.name, change: 'opened', department: finding.departmentId }
    return { value: null, audit: { objectKind: 'alert', objectId: id, detail } }
  })
}

async function closeAlerts(services: Services, sights: readonly Sight[], open: readonly OpenAlert[]): Promise<void> {
  const blind = new Set(sights.filter((one) => one.findings === null).map((one) => one.rule.name))
  const causes = new Set(
    sights.flatMap(({ rule, findings }) => (findings ?? []).map((one) => keyOf(rule.name, one.subjectId))),
  )
  const over = open.filter((one) => !blind.has(one.rule) && !causes.has(keyOf(one.rule, one.subject_id)))
  for (const { id, rule, department_id: departmentId } of over) {
    await act(services, WATCHER, 'job.alert_watch', async ({ db, emit, now }) => {
      const closed = await db.run(sql`update alert set closed_at = ${now} where id = ${id} and closed_at is null`)
      if (closed === 0) return { value: null, audit: null }
      await emit('alert.closed', { alertId: id, rule, departmentId })
      const detail = { rule, change: 'closed', department: departmentId }
      return { value: null, audit: { objectKind: 'alert', objectId: id, detail } }
    })
  }
}
