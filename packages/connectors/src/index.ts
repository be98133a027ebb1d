export {
  type ConformanceCase,
  conformanceCases,
  type ConformanceHarness,
  STANDARD_COLUMNS,
  STANDARD_CSV,
} from './conformance.ts'
export { checkConnector, type Checked } from './conformance-check.ts'
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
  type FieldConnector,
  type FieldRead,
  type FieldText,
  type Held,
  type MarkedColumns,
  type ReadOptions,
  type ReadRequest,
  type RowStream,
  type SelectedColumn,
  type SqlRead,
  type TableName,
  type TestResult,
  type UnmarkedRow,
} from './connector.ts'
export { type CodeMap, mapCode } from './code-map.ts'
export {
  type Applied,
  type AppliedChanges,
  type ChangeCounts,
  type ChangeOptions,
  type ChangeSegment,
  type ChangeTarget,
  type Database,
  type DatabaseConnector,
  type DigestOptions,
  type FrontEnd,
  type FrontTableRef,
  type FullCopyOptions,
  type FullCopyTarget,
  type LoadSegment,
  type LogEnd,
  type MarkCounts,
  type Position,
  type PublishOptions,
  type Repair,
  type Repaired,
  type SqlColumn,
  type SqlForms,
  type Staged,
  type TargetTable,
} from './database.ts'
export { CONNECTOR_WORDS, ConnectorError, type ConnectorErrorCode, type ErrorPlace, type Hop } from './errors.ts'
export {
  type LogEvent,
  type LoggedColumn,
  type LogLoader,
  type LogLoaderOptions,
  logNames,
  type LogPiece,
  type LogPlace,
  type LogRead,
  type LogReader,
  type LogReaderOptions,
  type LogSegment,
  type LogSlot,
  type LogSnapshot,
  type SlotRequest,
  startOf,
} from './log/types.ts'
export { FRONT_KINDS, type FrontKind, frontTableSql } from './front-table-sql.ts'
export { receivingTableSql } from './receiving-table-sql.ts'
export { type FrontColumn, type FrontTable, TECHNICAL_NAMES } from './front-table.ts'
export { files, UPLOADED } from './files/connector.ts'
export { type Brought, type RemoteKind, s3, sftp } from './files/remote/connector.ts'
export { findFolder, HeldFiles, type HeldReason, isFolderName } from './files/folder.ts'
export { describeFolder } from './files/folder-table.ts'
export { fileOfTable } from './files/open-table.ts'
export { packFiles } from './files/pack-files.ts'
export { type FilePosition, FileReceiver, type FileSegment } from './files/receive-files.ts'
export { READABLE } from './files/places.ts'
export { type KnownDigests, lookForFiles, type SettledFile } from './files/settled-files.ts'
export { FilesSettings, UploadsSettings } from './files/settings.ts'
export { mysql } from './mysql/connector.ts'
export { MysqlSettings } from './mysql/settings.ts'
export { postgresql } from './postgresql/connector.ts'
export { formatLsn, parseLsn } from './postgresql/log/lsn.ts'
export { gaussdb, kingbase } from './postgresql/relatives.ts'
export { PostgresqlSettings } from './postgresql/settings.ts'
export { sqlite } from './sqlite/connector.ts'
export { SqliteSettings } from './sqlite/settings.ts'
