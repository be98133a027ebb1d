import { words as w } from '@huitong/contract'

/** What only the form of a new task says: it stays out of the dictionary that every page loads. */
export const NEW_CHANNEL = {
  configureHelp: w(
    '按授权把数据送到需求部门的前置接收库',
    'Brings the data of an authorisation to the consumer’s receiving database',
  ),
  modeDiffHelp: w(
    '适用于没有更新时间、也不能读变更日志的表。每 24 小时比对一次，可在对账页更改。',
    'For tables without update time and without log. Compared every 24 hours; change it with the reconciliations.',
  ),
  modeHelp: w(
    '按更新时间增量要求库表已登记操作标识和更新时间字段，且主键全部授权、未脱敏',
    'Changes by update time need a table that names its fields of operation and update time, and a key granted whole and unmasked',
  ),
  modeLogHelp: w(
    '从提供端数据库的变更日志读取新增、修改和删除，整笔事务送达，不遗漏、不重复。主键须全部授权、未脱敏。PostgreSQL 要求：14 及以上，wal_level = logical，账号有 REPLICATION 权限并能建立发布，按主键以外的字段过滤时表须设 REPLICA IDENTITY FULL；任务停止后会保留日志，最多一天。MariaDB（10.5 及以上）、MySQL（8.0.1 及以上）要求：binlog_format = ROW，binlog_row_image = FULL，binlog_row_metadata = FULL，MySQL 另需 gtid_mode = ON；账号有 REPLICATION SLAVE、REPLICATION CLIENT（MariaDB 为 BINLOG MONITOR）权限；日志由数据库按自身规则保留。',
    'Reads inserts, updates and deletes from the log of the provider’s database and delivers whole transactions, none lost, none twice. The key is granted whole and unmasked. PostgreSQL: 14 or later with wal_level = logical, an account with REPLICATION that may create a publication, and REPLICA IDENTITY FULL when rows are filtered by other fields than the key; while the task is stopped it keeps its log, for a day at most. MariaDB (10.5 or later) and MySQL (8.0.1 or later): binlog_format = ROW, binlog_row_image = FULL, binlog_row_metadata = FULL, for MySQL gtid_mode = ON, and an account with REPLICATION SLAVE and REPLICATION CLIENT (MariaDB: BINLOG MONITOR); it keeps its log by its own rules.',
  ),
  targetSourceHelp: w('需求部门登记为“接收数据”的数据源', 'A data source that the consumer registered for receiving'),
  targetTableFormat: w(
    '以小写字母开头，只含小写字母、数字和下划线，最长 41 个字符',
    'Lower-case letters, digits and underscores, beginning with a letter; 41 at most',
  ),
} as const
