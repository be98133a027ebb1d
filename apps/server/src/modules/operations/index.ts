import type { Job } from '../../kernel/jobs.ts'
import type { Verb } from '../../kernel/verb.ts'
import { acknowledgeIncidentVerb } from './acknowledge-incident.ts'
import { assignIncidentVerb } from './assign-incident.ts'
import { closeIncidentVerb } from './close-incident.ts'
import { exportReportVerb } from './export-report.ts'
import { listAlertsVerb } from './list-alerts.ts'
import { listIncidentsVerb } from './list-incidents.ts'
import { listWorkVerb } from './list-work.ts'
import { noteIncidentVerb } from './note-incident.ts'
import { readHealthVerb } from './read-health.ts'
import { readIncidentVerb } from './read-incident.ts'
import { readNodeVerb } from './read-node.ts'
import { readReportVerb } from './read-report.ts'
import { watchAlertsJob } from './watch-alerts.job.ts'

export { alertSees } from './alert-view.ts'
export { ruleOf } from './rules/index.ts'

export const operationsVerbs: readonly Verb[] = [
  readHealthVerb,
  readNodeVerb,
  listWorkVerb,
  listAlertsVerb,
  listIncidentsVerb,
  readIncidentVerb,
  acknowledgeIncidentVerb,
  assignIncidentVerb,
  noteIncidentVerb,
  closeIncidentVerb,
  readReportVerb,
  exportReportVerb,
]
export const operationsJobs: readonly Job[] = [watchAlertsJob]
