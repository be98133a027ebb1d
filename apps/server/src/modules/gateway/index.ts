import type { Job } from '../../kernel/jobs.ts'
import type { Verb } from '../../kernel/verb.ts'
import { answerNodeCallVerb } from './answer-node-call.ts'
import { callBatchVerb, callCountVerb, callRowsVerb, callRowVerb } from './calls.ts'
import { callOperationBodyVerb, callOperationVerb } from './call-operation.ts'
import { changeOpeningVerb } from './change-opening.ts'
import { countCallsVerb } from './count-calls.ts'
import { createApplicationVerb } from './create-application.ts'
import { createProxiedServiceVerb } from './create-proxied-service.ts'
import { createServiceVerb } from './create-service.ts'
import { callExportVerb } from './export.ts'
import type { Gateway } from './gateway.ts'
import { listApplicationsVerb } from './list-applications.ts'
import { listServicesVerb } from './list-services.ts'
import { openServiceVerb } from './open-service.ts'
import { pollCallsVerb } from './poll-calls.ts'
import { readDocumentVerb } from './read-document.ts'
import { readServiceVerb } from './read-service.ts'
import { releaseOpeningVerb } from './release-opening.ts'
import { renewSecretVerb } from './renew-secret.ts'
import { revokeApplicationVerb } from './revoke-application.ts'
import { sealCallsJob } from './seal-calls.job.ts'
import { setServiceStateVerb } from './set-service-state.ts'
import { watchCallsJob } from './watch-calls.job.ts'

export { admitApplication, authenticateApplication } from './authenticate.ts'
export { openGateway, type Gateway } from './gateway.ts'
export { seenWords, type Anomaly, type Figures } from './anomaly.ts'
export { tokenRoute } from './token-route.ts'

export const gatewayVerbs = (gateway: Gateway): readonly Verb[] => [
  listServicesVerb,
  readServiceVerb,
  readDocumentVerb,
  createServiceVerb,
  createProxiedServiceVerb,
  setServiceStateVerb,
  openServiceVerb,
  changeOpeningVerb,
  releaseOpeningVerb,
  listApplicationsVerb,
  createApplicationVerb,
  renewSecretVerb,
  revokeApplicationVerb,
  countCallsVerb,
  callRowVerb(gateway),
  callRowsVerb(gateway),
  callCountVerb(gateway),
  callExportVerb(gateway),
  callBatchVerb(gateway),
  callOperationVerb(gateway),
  callOperationBodyVerb(gateway),
  pollCallsVerb,
  answerNodeCallVerb,
]
export const gatewayJobs: readonly Job[] = [sealCallsJob, watchCallsJob]
