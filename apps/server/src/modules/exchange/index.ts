import type { Job } from '../../kernel/jobs.ts'
import type { Subscriber } from '../../kernel/subscribers.ts'
import type { Verb } from '../../kernel/verb.ts'
import { acceptRepairVerb } from './accept-repair.ts'
import { acknowledgeSegmentVerb } from './acknowledge-segment.ts'
import { announceSegmentVerb } from './announce-segment.ts'
import { appendSegmentVerb } from './append-segment.ts'
import { approveDriftVerb } from './approve-drift.ts'
import { approveTruncationVerb } from './approve-truncation.ts'
import { createChannelVerb } from './create-channel.ts'
import { fetchSegmentVerb } from './fetch-segment.ts'
import { followChannelsJob } from './follow-channels.job.ts'
import { followReconciliation } from './follow-reconciliation.subscriber.ts'
import { followRequest } from './follow-request.subscriber.ts'
import { followSegments } from './follow-segments.subscriber.ts'
import { followStreamVerb } from './follow-stream.ts'
import { followMarks } from './follow-marks.subscriber.ts'
import { followWork } from './follow-work.subscriber.ts'
import { markFrontTablesJob } from './mark-front-tables.job.ts'
import { keepPositionsJob } from './keep-positions.job.ts'
import { issueStatementVerb } from './issue-statement.ts'
import { listChannelsVerb } from './list-channels.ts'
import { listFilesVerb } from './list-files.ts'
import { listIncrementsVerb } from './list-increments.ts'
import { listRejectsVerb } from './list-rejects.ts'
import { listSegmentsVerb } from './list-segments.ts'
import { listStatementsVerb } from './list-statements.ts'
import { planReconciliationVerb } from './plan-reconciliation.ts'
import { pullSegmentsVerb } from './pull-segments.ts'
import { readChannelVerb } from './read-channel.ts'
import { readColumnsVerb } from './read-columns.ts'
import { readFrontMarksVerb } from './read-front-marks.ts'
import { readReceivingTableVerb } from './read-receiving-table.ts'
import { readReconciliationVerb } from './read-reconciliation.ts'
import { reconcileChannelsJob } from './reconcile-channels.job.ts'
import { releaseLogsJob } from './release-logs.job.ts'
import { readStatementVerb } from './read-statement.ts'
import { resumeChannelVerb } from './resume-channel.ts'
import { resyncChannelVerb } from './resync-channel.ts'
import { setDriftVerb } from './set-drift.ts'
import { setFrontPolicyVerb } from './set-front-policy.ts'
import { setMappingVerb } from './set-mapping.ts'
import { setScheduleVerb } from './set-schedule.ts'
import { startChannelVerb } from './start-channel.ts'
import { startIncrementVerb } from './start-increment.ts'
import { startReconciliationVerb } from './start-reconciliation.ts'
import { stopChannelVerb } from './stop-channel.ts'
import { wantedFilesVerb } from './wanted-files.ts'
import { watchConsentsJob } from './watch-consents.job.ts'
import { verifySegmentsJob } from './verify-segments.job.ts'

export { channelName, channelSees } from './channel-view.ts'
export { isMissingTable, itemOf, selectLanded, tableOf, type LandedRow, type Names } from './landed.ts'

export const exchangeVerbs: readonly Verb[] = [
  listChannelsVerb,
  readChannelVerb,
  readColumnsVerb,
  createChannelVerb,
  startChannelVerb,
  stopChannelVerb,
  resumeChannelVerb,
  setMappingVerb,
  setScheduleVerb,
  setDriftVerb,
  approveDriftVerb,
  startIncrementVerb,
  listIncrementsVerb,
  listSegmentsVerb,
  startReconciliationVerb,
  readReconciliationVerb,
  acceptRepairVerb,
  planReconciliationVerb,
  issueStatementVerb,
  listStatementsVerb,
  readStatementVerb,
  announceSegmentVerb,
  appendSegmentVerb,
  pullSegmentsVerb,
  fetchSegmentVerb,
  acknowledgeSegmentVerb,
  followStreamVerb,
  resyncChannelVerb,
  approveTruncationVerb,
  listFilesVerb,
  wantedFilesVerb,
  readFrontMarksVerb,
  setFrontPolicyVerb,
  readReceivingTableVerb,
  listRejectsVerb,
]
export const exchangeJobs: readonly Job[] = [
  watchConsentsJob,
  verifySegmentsJob,
  followChannelsJob,
  keepPositionsJob,
  releaseLogsJob,
  reconcileChannelsJob,
  markFrontTablesJob,
]
export const exchangeSubscribers: readonly Subscriber[] = [
  followWork,
  followMarks,
  followSegments,
  followRequest,
  followReconciliation,
]
