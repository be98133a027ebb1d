export {
  type ConformanceCase,
  conformanceCases,
  type ConformanceHarness,
  STANDARD_COLUMNS,
  STANDARD_CSV,
} from './conformance.ts'
export {
  type Capabilities,
  type ChangeRead,
  type ChangeStream,
  checkSettings,
  type Connector,
  type ConnectorDescription,
  type Convention,
  type Cursor,
  type DiscoveredColumn,
  type DiscoveredTable,
  type DiscoverLimits,
  type Discovery,
  type ExpectedColumn,
  type FieldRead,
  type FieldText,
  type Held,
  type ReadOptions,
  type ReadRequest,
  type RowStream,
  type SqlRead,
  type TableName,
  type TestResult,
} from './connector.ts'
export { ConnectorError, type ConnectorErrorCode, type ErrorPlace, type Hop } from './errors.ts'
export { files } from './files/connector.ts'
export { describeFile } from './files/discover.ts'
export { FilesSettings } from './files/settings.ts'
export { ChangeLoader, type ChangeLoaderOptions, type ChangeSegment } from './postgresql/apply-changes.ts'
export { livingSql, windowStartSql } from './postgresql/changes.ts'
export { postgresql } from './postgresql/connector.ts'
export { bucketRows, bucketsRows, type DigestOptions, type DigestResult, rowDigests } from './postgresql/digests.ts'
export { describe } from './postgresql/discover.ts'
export { type Applied, Loader, type LoaderOptions, type LoadSegment } from './postgresql/load-rows.ts'
export {
  type AppliedChanges,
  type ChangeCounts,
  claimChannel,
  claimTable,
  countRows,
  type Position,
} from './postgresql/position.ts'
export type { PublishOptions } from './postgresql/publish.ts'
export { readChanges } from './postgresql/read-changes.ts'
export { applyRepair, type Repair, type Repaired } from './postgresql/repair.ts'
export { PostgresqlSettings } from './postgresql/settings.ts'
export { openSnapshot, type SharedSnapshot } from './postgresql/snapshot.ts'
export { ensureTable, type TargetTable } from './postgresql/target.ts'
export { suggestName } from './suggest-name.ts'
