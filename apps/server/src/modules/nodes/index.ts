import type { Job } from '../../kernel/jobs.ts'
import type { Subscriber } from '../../kernel/subscribers.ts'
import type { Verb } from '../../kernel/verb.ts'
import { appendUploadVerb } from './append-upload.ts'
import { cleanUploadsJob } from './clean-uploads.job.ts'
import { createUploadVerb } from './create-upload.ts'
import { fetchUploadVerb } from './fetch-upload.ts'
import { giveConsentVerb } from './give-consent.ts'
import { listNodeUploadsVerb } from './list-node-uploads.ts'
import { listUploadsVerb } from './list-uploads.ts'
import { readUploadVerb } from './read-upload.ts'
import { removeUploadVerb } from './remove-upload.ts'
import { listConsentsVerb } from './list-consents.ts'
import { readConsentVerb } from './read-consent.ts'
import { keepNodeLogVerb } from './keep-node-log.ts'
import { listConnectorKindsVerb } from './connector-kinds.ts'
import { createNodeVerb } from './create-node.ts'
import { createSourceVerb } from './create-source.ts'
import { discoverSourceVerb } from './discover-source.ts'
import { enrolNodeVerb } from './enrol-node.ts'
import { finishWorkVerb } from './finish-work.ts'
import { listNodesVerb } from './list-nodes.ts'
import { listSourcesVerb } from './list-sources.ts'
import { listTablesVerb } from './list-tables.ts'
import { pollWorkVerb } from './poll-work.ts'
import { pruneNoncesJob } from './prune-nonces.job.ts'
import { recordDiscovery } from './record-discovery.subscriber.ts'
import { reportProgressVerb } from './report-progress.ts'

export { admitNode, authenticateNode, nodeActor, type NodeRow } from './authenticate.ts'
export { CONNECTOR_KINDS } from './connector-kinds.ts'
export { requireConsent } from './consent.ts'
export { tusRoute } from './tus-route.ts'
export { addSource } from './create-source.ts'
export { crossingView, nodeView, SELECT_NODE, type CrossingState, type NodeViewRow } from './views.ts'
export { cancelWork, queueWork, requeueWork, sourceAccess, workTopic } from './work.ts'

export const nodesVerbs: readonly Verb[] = [
  listNodesVerb,
  createNodeVerb,
  enrolNodeVerb,
  listSourcesVerb,
  createSourceVerb,
  giveConsentVerb,
  listConsentsVerb,
  readConsentVerb,
  discoverSourceVerb,
  listTablesVerb,
  listConnectorKindsVerb,
  pollWorkVerb,
  reportProgressVerb,
  finishWorkVerb,
  keepNodeLogVerb,
  createUploadVerb,
  listUploadsVerb,
  readUploadVerb,
  appendUploadVerb,
  removeUploadVerb,
  listNodeUploadsVerb,
  fetchUploadVerb,
]
export const nodesJobs: readonly Job[] = [pruneNoncesJob, cleanUploadsJob]
export const nodesSubscribers: readonly Subscriber[] = [recordDiscovery]
