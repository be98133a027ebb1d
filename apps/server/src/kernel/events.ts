/**
 * Facts that travel between modules, by type. A fact is written in the command's own transaction; subscribers read
 * by a commit-safe cursor and are idempotent.
 */
export interface Events {
  'platform.set_up': { jurisdiction: string }
  'dataset.published': { datasetId: string; version: number; departmentId: string }
  'dataset.submitted': { datasetId: string; departmentId: string }
  'request.stepped': { requestId: string; step: string | null; state: string }
  'grant.issued': { grantId: string; requestId: string }
  'grant.revoked': { grantId: string }
  'work.finished': { workId: string; kind: string; subjectKind: string; subjectId: string; state: 'done' | 'failed' }
  'segment.received': { streamId: string; generation: number; sequence: number; digest: string }
  /** A segment passed verification: of a full copy, of changes, or of a repair (then the stream is not the channel). */
  'segment.verified': {
    streamId: string
    generation: number
    sequence: number
    channelId: string
    datasetId: string
  }
  'channel.configured': { channelId: string; requestId: string; personId: string; departmentId: string }
  'channel.completed': { channelId: string; generation: number }
  /** An increment that brought something was applied to the receiving table. */
  'channel.changed': { channelId: string; incrementId: string }
  'service.opened': { openingId: string; requestId: string; personId: string; departmentId: string }
  'reconciliation.started': { reconciliationId: string }
  'repair.accepted': { reconciliationId: string }
  'reconciliation.finished': { reconciliationId: string; state: string }
  'obligation.overdue': { obligationId: string; departmentId: string }
  'alert.opened': { alertId: string; rule: string; departmentId: string }
  'alert.closed': { alertId: string; rule: string; departmentId: string }
  'incident.opened': { incidentId: string; rule: string; level: number; departmentId: string }
  'incident.closed': { incidentId: string; rule: string; level: number; departmentId: string }
  'node.enrolled': { nodeId: string }
}
export type EventType = keyof Events
export type EventPayload<T extends EventType> = Events[T]

export interface StoredEvent<T extends EventType = EventType> {
  readonly id: string
  readonly type: T
  readonly at: Date
  readonly payload: EventPayload<T>
}
