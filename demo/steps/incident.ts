import { listIncidents, readIncident } from '@huitong/contract/operations'
import { readChannel } from '@huitong/contract/exchange'
import { faultsOf, needed, tally, until, type World } from '../run/world.ts'
import { completed, measureSource, measureTarget, start } from './channels.ts'

export interface IncidentFigures {
  alert_subject: string
  broken_subject: string
  incident_number: string
  incident_level: number
  incident_response_minutes: number
  incident_opened_after_seconds: number
  incident_open_seconds: number
  incident_closed_by_itself: boolean
  incident_rows_after: number
  incident_rows_at_source: number
}

/** 30 minutes to respond, day and night: what a failed task is worth. */
const RESPONSE_MINUTES = 30
const WAIT_MS = 120_000

/**
 * The provider's agent loses its right to read the table, so an exchange task fails; the right comes back and the task
 * runs again. The platform must tell the incident by itself and close it by itself.
 */
export async function breakAndMend(world: World): Promise<IncidentFigures> {
  const channelId = needed(world.made.provinceChannelId, 'the channel of the province')
  const planted = needed(world.made.provinceRequest, 'the request of the province')
  const operator = await world.as('operator')
  const { user } = world.platform.databases.provider
  const broken = new Date()
  await world.source.rows(`revoke select on public.villages from ${user}`)
  let id: string | undefined
  try {
    await start(world, channelId)
    await until(
      'the incident',
      async () => {
        const { items } = await operator.call(listIncidents, { query: { state: 'unclosed' } })
        for (const one of items) {
          if (Date.parse(one.openedAt) < broken.getTime() - 1_000) continue
          const { alerts } = await operator.call(readIncident, { params: { id: one.id } })
          if (alerts.some((alert) => alert.subjectId === channelId)) id = one.id
        }
        return id !== undefined
      },
      WAIT_MS,
    )
  } finally {
    await world.source.rows(`grant select on public.villages to ${user}`)
  }
  const params = { id: needed(id, 'the incident') }
  const opened = await operator.call(readIncident, { params })
  await start(world, channelId)
  await completed(world, channelId)
  const after = await measureTarget(world, planted)
  tally(world, 'minzheng', 'rows_shared', after.rows)
  tally(world, 'minzheng', 'incidents', 1)
  await until(
    'the end of the incident',
    async () => (await operator.call(readIncident, { params })).state === 'closed',
    WAIT_MS,
  )
  const closed = await operator.call(readIncident, { params })
  const { number } = await (await world.as('centre')).call(readChannel, { params: { id: channelId } })
  return {
    alert_subject: opened.alerts[0]?.subjectName.zh.split(' ')[0] ?? '',
    broken_subject: number,
    incident_number: opened.number,
    incident_level: opened.level,
    incident_response_minutes: minutesBetween(opened.openedAt, opened.response.dueAt),
    incident_opened_after_seconds: secondsBetween(broken.toISOString(), opened.openedAt),
    incident_open_seconds: secondsBetween(opened.openedAt, closed.closedAt ?? opened.openedAt),
    incident_closed_by_itself: closed.closedByItself && closed.alerts.every((one) => one.closedAt !== null),
    incident_rows_after: after.rows,
    incident_rows_at_source: (await measureSource(world, planted)).rows,
  }
}

const secondsBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 10) / 100
const minutesBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 60_000)

export const incidentFaults = (figures: IncidentFigures): string[] =>
  faultsOf({
    'the incident is about the task that was broken': figures.alert_subject === figures.broken_subject,
    'its response clock is that of its level':
      figures.incident_level === 2 && figures.incident_response_minutes === RESPONSE_MINUTES,
    'it opened within a minute of the break': figures.incident_opened_after_seconds < 60,
    'it closed by itself when the task ran again': figures.incident_closed_by_itself,
    'the task that ran again brought every row': figures.incident_rows_after === figures.incident_rows_at_source,
  })
