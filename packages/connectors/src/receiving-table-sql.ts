import { quoteIdentifier, quoteText } from '@huitong/policy'
import { parseColumnType, SegmentError } from '@huitong/segment'
import type { TargetTable } from './database.ts'
import { ConnectorError } from './errors.ts'
import type { FrontKind } from './front-table-sql.ts'
import { receivingTableSql as mysql } from './mysql/target.ts'
import { receivingTableSql as postgresql } from './postgresql/target.ts'
import { checkTable } from './target-rules.ts'

const DIGITS_MAX = 38

/** A database in which no node of ours can load yet: its quoting, its types, and how a column is described. */
interface Plain {
  readonly product: string
  readonly quote: (name: string) => string
  readonly varchar: (characters: number) => string | null
  readonly types: Readonly<
    Record<'number' | 'long' | 'date' | 'moment' | 'zoned' | 'double' | 'boolean' | 'binary', string>
  >
  readonly numeric: (digits: number, scale: number) => string
  readonly comments: (table: TargetTable) => string[]
}

const oracle = (product: string): Plain => ({
  product,
  quote: quoteIdentifier,
  varchar: (characters) => (characters <= 1_000 ? `varchar2(${characters} char)` : null),
  numeric: (digits, scale) => `number(${digits},${scale})`,
  types: {
    number: 'number',
    long: 'clob',
    date: 'date',
    moment: 'timestamp(6)',
    zoned: 'timestamp(6) with time zone',
    double: 'binary_double',
    boolean: 'number(1)',
    binary: 'blob',
  },
  comments: (table) => [
    ...(table.comment ? [`comment on table ${quoteIdentifier(table.name)} is ${quoteText(table.comment)};`] : []),
    ...table.columns.flatMap(({ name, comment }) =>
      comment
        ? [`comment on column ${quoteIdentifier(table.name)}.${quoteIdentifier(name)} is ${quoteText(comment)};`]
        : [],
    ),
  ],
})

const bracket = (name: string) => `[${name.replaceAll(']', ']]')}]`
const sqlserver: Plain = {
  product: 'SQL Server 2016 及以上',
  quote: bracket,
  varchar: (characters) => (characters <= 4_000 ? `nvarchar(${characters}) collate Latin1_General_100_BIN2` : null),
  numeric: (digits, scale) => `decimal(${digits},${scale})`,
  types: {
    number: 'decimal(38,10)',
    long: 'nvarchar(max)',
    date: 'date',
    moment: 'datetime2(6)',
    zoned: 'datetimeoffset(6)',
    double: 'float(53)',
    boolean: 'bit',
    binary: 'varbinary(max)',
  },
  comments: (table) =>
    table.columns.flatMap(({ name, comment }) =>
      comment
        ? [
            `execute sys.sp_addextendedproperty N'MS_Description', N${quoteText(comment)}, N'SCHEMA', N'dbo', N'TABLE', N${quoteText(table.name)}, N'COLUMN', N${quoteText(name)};`,
          ]
        : [],
    ),
}

/** @throws RangeError naming the column that such a database cannot hold as it is. */
function typeOf(plain: Plain, name: string, type: string, isKey: boolean): string {
  const { name: kind, arguments: args } = parseColumnType(type)
  const text = (characters: number) => {
    const short = plain.varchar(characters)
    if (short === null && isKey) throw new RangeError(`${name}: a key of ${characters} characters`)
    return short ?? plain.types.long
  }
  switch (kind) {
    case 'smallint':
      return plain.numeric(5, 0)
    case 'integer':
      return plain.numeric(10, 0)
    case 'bigint':
      return plain.numeric(19, 0)
    case 'numeric': {
      const [digits, scale = 0] = args
      if (digits === undefined) return plain.types.number
      if (digits > DIGITS_MAX) throw new RangeError(`${name}: a decimal of ${digits} digits`)
      return plain.numeric(digits, scale)
    }
    case 'real':
    case 'double':
      return plain.types.double
    case 'boolean':
      return plain.types.boolean
    case 'date':
      return plain.types.date
    case 'timestamp':
      return plain.types.moment
    case 'timestamptz':
      return plain.types.zoned
    case 'bytea':
      if (isKey) throw new RangeError(`${name}: bytes are no key`)
      return plain.types.binary
    case 'varchar':
    case 'char':
      return text(args[0] ?? (kind === 'char' ? 1 : Infinity))
    case 'uuid':
      return text(36)
    case 'time':
    case 'timetz':
    case 'interval':
      return text(64)
    case 'text':
    case 'json':
    case 'jsonb':
      return text(Infinity)
  }
}

function plainSql(plain: Plain, table: TargetTable): string {
  checkTable(table)
  const columns = table.columns.map(({ name, type, nullable }) => {
    const isKey = table.key.includes(name)
    return `  ${plain.quote(name)} ${typeOf(plain, name, type, isKey)} ${isKey || !nullable ? 'not null' : 'null'}`
  })
  const primary = table.key.length > 0 ? [`  primary key (${table.key.map(plain.quote).join(', ')})`] : []
  return `-- 前置接收表，${plain.product}。未经验证（not verified）：按产品手册编写，执行前请由数据库管理员核对。
-- 平台尚不能直接写入该种数据库；此表供部门自行从平台写入的库导入。
create table ${plain.quote(table.name)} (
${[...columns, ...primary].join(',\n')}
);
${plain.comments(table).join('\n')}
`
}

const KINGBASE =
  '-- 人大金仓 KingbaseES V8R6 及以上，PostgreSQL 兼容模式。未经验证（not verified）：执行前请由数据库管理员核对。'
const WRITERS: Record<FrontKind, (table: TargetTable, account: string) => string> = {
  postgresql,
  mysql,
  oracle: (table) => plainSql(oracle('Oracle 12.2 及以上'), table),
  dameng: (table) => plainSql(oracle('达梦 DM8'), table),
  sqlserver: (table) => plainSql(sqlserver, table),
  kingbase: (table, account) => `${KINGBASE}\n${postgresql(table, account)}`,
}

/**
 * The script that makes a receiving table (前置接收表), to be run by the receiving department's administrator: what it makes in
 * PostgreSQL and MySQL is just what the node would make, and the node takes it as its own.
 * @throws RangeError naming what such a database cannot hold, or a name that holds a control character.
 */
export function receivingTableSql(kind: FrontKind, table: TargetTable, account: string): string {
  const names = [table.schema, table.name, account, ...table.columns.map(({ name }) => name)]
  if (names.some((name) => /\p{Cc}/u.test(name))) throw new RangeError('a name holds a control character')
  try {
    return WRITERS[kind](table, account)
  } catch (error) {
    if (error instanceof SegmentError || error instanceof ConnectorError)
      throw new RangeError(error.detail, { cause: error })
    throw error
  }
}
