import { words as w } from '@huitong/contract'

/** What only the form of front tables says: it stays out of the dictionary that every page loads. */
export const FRONT_TABLE = {
  help: w(
    '由部门的数据库管理员在前置库执行；建成后探查数据源，即可挂接并按操作标识和更新时间增量交换。',
    'To be run in the front database by the department’s own administrator; once discovered, the table can be mounted and followed by operation and update time.',
  ),
  kind: w('前置库的数据库类型', 'Kind of the front database'),
  save: w('下载脚本', 'Download the script'),
  table: w('表名', 'Table'),
  tableRule: w(
    '小写字母开头，只含小写字母、数字和下划线',
    'Starts with a lower-case letter; lower-case letters, digits and underscores only',
  ),
  kinds: {
    postgresql: w('PostgreSQL 数据库', 'PostgreSQL'),
    mysql: w('MySQL / MariaDB 数据库', 'MySQL or MariaDB'),
    oracle: w('Oracle 数据库（未经验证）', 'Oracle (not verified)'),
    sqlserver: w('SQL Server 数据库（未经验证）', 'SQL Server (not verified)'),
    dameng: w('达梦 DM8（未经验证）', 'Dameng DM8 (not verified)'),
    kingbase: w('人大金仓（未经验证）', 'KingbaseES (not verified)'),
  },
} as const
