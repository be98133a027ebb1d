import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import type { TestPlatform } from '../../../../../../tests/harness/platform.ts'
import { startClock, type Level } from '../response-clock.ts'

export interface Planted {
  readonly incidentId: string
  readonly alertId: string
}

let numbers = 0

/** An incident with one alert that still holds, as the watching job writes them. */
export async function plantIncident(
  platform: TestPlatform,
  over: { departmentId?: string; level?: Level; openedAt?: Date; rule?: string } = {},
): Promise<Planted> {
  const { departmentId = platform.departments.civil, level = 2, rule = 'node_silent' } = over
  const openedAt = over.openedAt ?? platform.server.services.clock.now()
  const incidentId = randomUUID()
  const alertId = randomUUID()
  const clock = startClock(level, { now: openedAt, legalNow: openedAt })
  await platform.server.services.db.write(SYSTEM_ROWS, async (db) => {
    const { jurisdiction } = await db.one<{ jurisdiction: string }>(
      sql`select jurisdiction from department where id = ${departmentId}`,
    )
    await db.run(sql`insert into incident (id, number, jurisdiction, department_id, rule, level, state, clock, opened_at,
        response_due_at, restore_due_at)
      values (${incidentId}, ${`GZ-TEST-${++numbers}`}, ${jurisdiction}, ${departmentId}, ${rule}, ${level}, 'open', ${clock.clock},
        ${clock.openedAt}, ${clock.responseDueAt}, ${clock.restoreDueAt})`)
    await db.run(sql`insert into alert (id, jurisdiction, department_id, rule, level, subject_kind, subject_id, subject_name, detail,
        opened_at, incident_id)
      values (${alertId}, ${jurisdiction}, ${departmentId}, ${rule}, ${level}, 'node', ${alertId}, '{"zh": "前置节点"}',
        '{"zh": "失联", "en": "silent"}', ${openedAt}, ${incidentId})`)
    await db.run(sql`insert into incident_note (incident_id, kind, at) values (${incidentId}, 'opened', ${openedAt})`)
  })
  return { incidentId, alertId }
}
