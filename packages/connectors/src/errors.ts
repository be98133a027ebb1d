import type { Words } from '@huitong/segment'

/** What each code says to people, without its place. */
export const CONNECTOR_WORDS = {
  bad_settings: { zh: '数据源设置不正确', en: 'The settings of the data source are wrong' },
  unreachable: {
    zh: '无法连接到数据源，请检查地址、端口和网络',
    en: 'Cannot reach the data source: check host, port and network',
  },
  tls_failed: { zh: '无法建立加密连接', en: 'Cannot establish a TLS connection' },
  host_key: {
    zh: '服务器指纹与设置不符，请向对方管理员核对后再修改设置',
    en: 'The fingerprint of the server is not the one in the settings: compare it with its administrator first',
  },
  access_denied: { zh: '用户名或密码不正确', en: 'The user name or the password is wrong' },
  database_missing: { zh: '数据库不存在', en: 'The database does not exist' },
  permission_denied: { zh: '数据库账号没有所需权限', en: 'The database account lacks a permission' },
  table_missing: { zh: '表或文件不存在', en: 'The table or file does not exist' },
  schema_changed: { zh: '表结构已发生变化', en: 'The table has changed its columns' },
  source_changed: { zh: '读取过程中文件发生了变化', en: 'The file changed while it was read' },
  connection_lost: { zh: '连接中断', en: 'The connection was lost' },
  stalled: { zh: '长时间没有收到数据', en: 'No data arrived for too long' },
  source_busy: {
    zh: '数据源文件正被写入占用，请稍后重试',
    en: 'The file of the data source is held by a writer, try again later',
  },
  scratch_full: {
    zh: '节点临时文件夹空间不足，无法为数据源建立快照',
    en: 'The temporary folder of the node has no space for a snapshot of the source',
  },
  row_too_large: { zh: '单行数据超过大小上限', en: 'A single row is larger than the limit' },
  row_count_mismatch: { zh: '行数与应有行数不符', en: 'The number of rows is not the expected one' },
  digest_mismatch: { zh: '数据摘要与清单不符', en: 'The data does not match its digest' },
  bad_value: { zh: '数据值不符合目标字段要求', en: 'A value does not fit its target column' },
  unmapped_code: {
    zh: '代码映射中没有该字段的某个代码，请补充映射',
    en: 'The code map has no entry for a code of this column: add it',
  },
  duplicate_key: { zh: '主键重复', en: 'A key occurs twice' },
  null_value: { zh: '必填字段为空', en: 'A required column is empty' },
  target_busy: { zh: '目标表正被占用，请稍后重试', en: 'The target table is busy, try again later' },
  target_full: { zh: '目标库空间或资源不足', en: 'The target is out of space or resources' },
  table_not_ours: {
    zh: '同名表已存在且不是本平台所建',
    en: 'A table of this name exists and was not made by the platform',
  },
  table_in_use: { zh: '该接收表已被其他交换任务使用', en: 'Another channel loads this table' },
  fenced: { zh: '任务已由其他进程接管', en: 'Another worker has taken over this channel' },
  stale_generation: { zh: '收到了较早一轮的数据', en: 'The segment belongs to an older generation' },
  sequence_gap: { zh: '批次不连续', en: 'A segment is missing before this one' },
  no_key: { zh: '该表没有主键，不能执行此操作', en: 'The table has no key, which this needs' },
  bad_cursor: {
    zh: '更新时间或操作标识字段不能用于增量读取',
    en: 'The fields of the update time and operation do not fit',
  },
  mark_touches: {
    zh: '写交换标记会改动该表的更新时间（触发器或 ON UPDATE），请按建表脚本调整触发器',
    en: 'Marking a row changes its update time (a trigger, or ON UPDATE): change it as in the script of front tables',
  },
  clock_moved: {
    zh: '源端时钟回拨，增量断点不再可信，请重新全量',
    en: "The source's clock went back, so the position cannot be trusted: start a full copy",
  },
  position_gap: {
    zh: '接收库的断点与平台记录不符（可能恢复过备份），请重新全量',
    en: 'The receiving database stands at another position (it may have been restored): start a full copy',
  },
  log_off: {
    zh: '源端未开启逻辑日志（需 PostgreSQL 14 及以上、主库、wal_level = logical），请联系数据库管理员',
    en: 'The source keeps no logical log: it takes PostgreSQL 14 or later, a primary, and wal_level = logical',
  },
  log_rights: {
    zh: '源端账号缺少变更日志所需权限，请由数据库管理员授予 REPLICATION，或代为执行详情中的语句',
    en: 'The account may not follow the log: an administrator grants REPLICATION, or runs the statement of the detail',
  },
  log_slots_full: {
    zh: '源端复制槽或复制连接已用满（max_replication_slots、max_wal_senders）',
    en: 'The source has no replication slot or sender left (max_replication_slots, max_wal_senders)',
  },
  log_identity: {
    zh: '源表的复制标识不足以传送变更，请设置主键，或执行 ALTER TABLE … REPLICA IDENTITY FULL',
    en: 'The replica identity of the table does not suffice: give it a primary key, or REPLICA IDENTITY FULL',
  },
  log_busy: {
    zh: '源端有长时间未结束的事务，暂时无法确定日志起点，请稍后重试',
    en: 'A long transaction of the source keeps the log from beginning; try again later',
  },
  log_gap: {
    zh: '变更日志已中断（复制槽被删除、重建或日志已清除，或源端已切换），需要重新同步',
    en: 'The log has a gap (slot dropped or made anew, log removed, or source switched over): synchronise again',
  },
  binlog_off: {
    zh: '源端数据库日志的设置不满足要求，请数据库管理员调整所列设置',
    en: 'The log of the source is not set up to be followed: an administrator changes the setting that is named',
  },
  binlog_rights: {
    zh: '源端账号缺少读取数据库日志的权限，请数据库管理员授予所列权限',
    en: 'The account may not read the log of the source: an administrator grants what is named',
  },
  log_incomplete: {
    zh: '该表有变更不写入源端日志（外键级联、分区操作、按语句记录或 XA 事务），不能按日志同步；请重新同步，或改用定时比对',
    en:
      'Changes of this table are not all in the log (a cascading foreign key, partitions, statements or XA transactions): ' +
      'synchronise again, or have it compared on schedule',
  },
  log_truncated: {
    zh: '源表被清空（TRUNCATE），已暂停，需人工确认',
    en: 'The source table was truncated; a person must approve it before it goes on',
  },
  log_value: {
    zh: '源端日志中的一行与接收表不符，需要重新同步',
    en: 'A row of the log does not fit what was received before: synchronise again',
  },
  not_supported: { zh: '该数据源不支持此操作', en: 'This kind of source does not support that' },
  file_refused: { zh: '文件存在安全风险或超过限制，已拒绝', en: 'The file is unsafe or over a limit and was refused' },
  file_denied: {
    zh: '没有读写该文件或文件夹的权限',
    en: 'The file or folder may not be read or written',
  },
  file_blocked: {
    zh: '接收文件夹中该位置已被文件夹、链接或其他非普通文件占用',
    en: 'A folder, a link or something else stands where the file belongs',
  },
  file_position: {
    zh: '接收文件夹中的断点或未完成文件已丢失，请恢复同步后重新传送',
    en: 'What was received of this file is gone from the receiving folder: go on, and it is sent again',
  },
  too_many_bad: {
    zh: '错误记录超过拒收上限，已停止读取',
    en: 'More records are bad than may be set aside: the reading has ended',
  },
  bad_file: { zh: '文件内容有误', en: 'The file has an error' },
  encoding_unknown: { zh: '无法识别文件编码', en: 'The encoding of the file is not known' },
  database_error: { zh: '数据库返回错误', en: 'The database reported an error' },
} as const satisfies Record<string, Words>

/** Stable codes of every error that connectors raise. */
export type ConnectorErrorCode = keyof typeof CONNECTOR_WORDS

/** Where an error arose. */
export type Hop = 'source' | 'target'

/** Codes that a later attempt can cure without anyone's help. */
const RETRYABLE: ReadonlySet<ConnectorErrorCode> = new Set([
  'unreachable',
  'connection_lost',
  'stalled',
  'target_busy',
  'target_full',
  'source_changed',
  'source_busy',
  'scratch_full',
  'log_busy',
])

/** Named places of an error. Line and row count from 1; of a row, the texts of its key as they would have left. */
export interface ErrorPlace {
  readonly table?: string
  /** Path from the folder of the source. */
  readonly file?: string
  readonly column?: string
  readonly key?: readonly string[]
  readonly line?: number
  /** A setting or right of the server, as it should be. */
  readonly setting?: string
}

/**
 * An error of a connector: stable `code`, public `words`, the `hop`, the `place`, and private `detail` for the log.
 * None holds passwords, nor data values other than the key of a row.
 */
export class ConnectorError extends Error {
  readonly code: ConnectorErrorCode
  readonly words: Words
  readonly detail: string
  readonly hop: Hop
  readonly place: ErrorPlace
  readonly retryable: boolean

  constructor(
    code: ConnectorErrorCode,
    detail: string,
    options: { hop?: Hop; place?: ErrorPlace; cause?: unknown } = {},
  ) {
    super(`${CONNECTOR_WORDS[code].en}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ConnectorError'
    this.code = code
    this.detail = detail
    this.hop = options.hop ?? 'source'
    this.place = options.place ?? {}
    this.retryable = RETRYABLE.has(code)
    this.words = placed(CONNECTOR_WORDS[code], this.place)
  }
}

function placed(words: Words, place: ErrorPlace): Words {
  const zh = [
    place.table === undefined ? '' : `表 ${place.table}`,
    place.file === undefined ? '' : `文件 ${place.file}`,
    place.column === undefined ? '' : `字段 ${place.column}`,
    place.key === undefined ? '' : `主键 ${place.key.join(', ')}`,
    place.line === undefined ? '' : `第 ${place.line} 行`,
    place.setting === undefined ? '' : place.setting,
  ].filter((part) => part !== '')
  const en = [
    place.table === undefined ? '' : `table ${place.table}`,
    place.file === undefined ? '' : `file ${place.file}`,
    place.column === undefined ? '' : `column ${place.column}`,
    place.key === undefined ? '' : `key ${place.key.join(', ')}`,
    place.line === undefined ? '' : `line ${place.line}`,
    place.setting === undefined ? '' : place.setting,
  ].filter((part) => part !== '')
  if (zh.length === 0) return words
  return { zh: `${words.zh}（${zh.join('，')}）`, en: `${words.en} (${en.join(', ')})` }
}

/** The same error with the table or file that it arose in, where it does not say one. */
export function inTable(error: unknown, table: string): unknown {
  if (!(error instanceof ConnectorError) || error.place.table !== undefined) return error
  const { code, detail, hop, place } = error
  return new ConnectorError(code, detail, { hop, place: { table, ...place }, cause: error })
}
