import { type FrontColumn, type FrontTable, TECHNICAL } from './front-table.ts'

const TEXT_CHARACTERS_MAX = 4_000
/** A clustered key has 900 bytes at most, two for a character. */
const KEY_CHARACTERS_MAX = 450
/** What a description of an object may hold. */
const COMMENT_CHARACTERS_MAX = 3_500

const quote = (name: string) => `[${name.replaceAll(']', ']]')}]`
const quoteText = (text: string) => `N'${[...text].slice(0, COMMENT_CHARACTERS_MAX).join('').replaceAll("'", "''")}'`

function typeOf({ type, length }: FrontColumn): string {
  switch (type) {
    case 'text':
    case 'memo':
      return type === 'text' && length !== null && length > 0 && length <= TEXT_CHARACTERS_MAX
        ? `nvarchar(${length}) collate Latin1_General_100_BIN2`
        : 'nvarchar(max)'
    case 'integer':
      return 'bigint'
    case 'decimal':
      return 'decimal(38,10)'
    case 'money':
      return 'decimal(18,2)'
    case 'date':
      return 'date'
    case 'datetime':
      return 'datetime2(6)'
    case 'boolean':
      return 'bit'
    case 'binary':
      return 'varbinary(max)'
  }
}

/** The columns of the key. @throws RangeError when there is none, or one that an index cannot hold. */
function keyOf(table: FrontTable): FrontColumn[] {
  const key = table.columns.filter((column) => column.key)
  // Its triggers see all rows of a statement at once and tell them apart by the key alone.
  if (key.length === 0) throw new RangeError('no key')
  const characters = key.reduce((sum, column) => {
    if (/\(max\)/.test(typeOf(column))) throw new RangeError(`${column.name}: a key needs a length`)
    return sum + (column.type === 'text' ? column.length! : 4)
  }, 0)
  if (characters > KEY_CHARACTERS_MAX) throw new RangeError(`the key is longer than ${KEY_CHARACTERS_MAX} characters`)
  return key
}

/**
 * SQL Server 2016 and newer. Written after its manual and **not verified**: there was no such server.
 * @throws RangeError for a missing key, and one that such a table cannot have.
 */
export function sqlserverFrontTable(table: FrontTable): string {
  const name = quote(table.name)
  const { operation, updatedAt, batch } = TECHNICAL
  const key = keyOf(table).map((column) => quote(column.name))
  const columns = table.columns.map((column) => {
    const required = !column.nullable || column.key ? 'not null' : 'null'
    return `  ${quote(column.name)} ${typeOf(column)} ${required}`
  })
  const technical = [
    `  ${operation.name} char(1) not null default 'I' check (${operation.name} in ('I', 'U', 'D'))`,
    `  ${updatedAt.name} datetimeoffset(6) not null default sysdatetimeoffset()`,
    `  ${batch.name} bigint not null default 1`,
    `  primary key (${key.join(', ')})`,
  ]
  const described = (text: string, column: string | null) =>
    `execute sys.sp_addextendedproperty N'MS_Description', ${quoteText(text)}, N'SCHEMA', N'dbo', N'TABLE', ${quoteText(table.name)}${
      column === null ? '' : `, N'COLUMN', ${quoteText(column)}`
    };`
  const comments = [...table.columns, operation, updatedAt, batch].map((one) => described(one.comment, one.name))
  const same = (other: string) => key.map((column) => `t.${column} = ${other}.${column}`).join(' and ')
  return `-- 前置推送表，SQL Server 2016 及以上。未经验证（not verified）：按产品手册编写，执行前请由数据库管理员核对。
-- 删除一行：置 ${operation.name} = 'D'，不要物理删除；各方取走后再清理。
create table ${name} (
${[...columns, ...technical].join(',\n')}
);
create index ${quote(`${table.name}_at`)} on ${name} (${updatedAt.name});
${[described(table.comment, null), ...comments].join('\n')}
go

create trigger ${quote(`${table.name}_touch`)} on ${name} after insert, update as
begin
  set nocount on;
  if trigger_nestlevel(@@procid) > 1 return;
  update t set
    ${updatedAt.name} = sysdatetimeoffset(),
    ${operation.name} = case when i.${operation.name} = 'I' and d.${operation.name} = 'I' then 'U' else i.${operation.name} end
  from ${name} t
    join inserted i on ${same('i')}
    left join deleted d on ${same('d')};
end
go

-- 交换节点的账号只读本表：
-- grant select on ${name} to 节点账号;
-- 清理三十天前已删除的行：
-- delete from ${name} where ${operation.name} = 'D' and ${updatedAt.name} < dateadd(day, -30, sysdatetimeoffset());
`
}
